package dev.reverie.trainer.nn;

import org.bytedeco.pytorch.global.torch.ScalarType;

/** Bits of numbers that are kept or multiplied. */
public enum Precision {
  FLOAT32(ScalarType.Float, Float.BYTES),
  /** Has as many exponents as 32 bits, and 8 bits of mantissa. */
  BFLOAT16(ScalarType.BFloat16, Short.BYTES),
  /** Up to 65,504, and 11 bits of mantissa. */
  FLOAT16(ScalarType.Half, Short.BYTES);

  private final ScalarType type;
  private final int bytes;

  Precision(ScalarType type, int bytes) {
    this.type = type;
    this.bytes = bytes;
  }

  /** Returns libtorch's type. */
  public ScalarType type() {
    return type;
  }

  /** Refuses what has not the range of 32 bits, which products need. */
  public void requireRange(String setting) {
    Check.that(this != FLOAT16, setting, this, "FLOAT32 or BFLOAT16");
  }

  /** Returns the bytes of one number. */
  public int bytes() {
    return bytes;
  }
}
