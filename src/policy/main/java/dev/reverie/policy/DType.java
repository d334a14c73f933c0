package dev.reverie.policy;

import dev.reverie.policy.onnx.TensorProto;
import java.util.Arrays;

/** Element types that a bundle may hold, named as safetensors names them. */
public enum DType {
  F64(8, TensorProto.DataType.DOUBLE),
  F32(4, TensorProto.DataType.FLOAT),
  F16(2, TensorProto.DataType.FLOAT16),
  BF16(2, TensorProto.DataType.BFLOAT16),
  I64(8, TensorProto.DataType.INT64),
  I32(4, TensorProto.DataType.INT32),
  I16(2, TensorProto.DataType.INT16),
  I8(1, TensorProto.DataType.INT8),
  U8(1, TensorProto.DataType.UINT8),
  BOOL(1, TensorProto.DataType.BOOL);

  private final int bytes;
  private final TensorProto.DataType onnx;

  DType(int bytes, TensorProto.DataType onnx) {
    this.bytes = bytes;
    this.onnx = onnx;
  }

  /** Size of one element. */
  public int bytes() {
    return bytes;
  }

  /** The number that ONNX gives this type. */
  public int onnxCode() {
    return onnx.getNumber();
  }

  public boolean isFloat() {
    return this == F32 || this == F64 || this == F16 || this == BF16;
  }

  /** The type that ONNX numbers {@code code}. */
  public static DType ofOnnx(int code) {
    return Arrays.stream(values())
        .filter(type -> type.onnxCode() == code)
        .findFirst()
        .orElseThrow(
            () ->
                new BundleException(
                    "element type %s is not supported; use one of %s"
                        .formatted(
                            TensorProto.DataType.forNumber(code), Arrays.toString(values()))));
  }
}
