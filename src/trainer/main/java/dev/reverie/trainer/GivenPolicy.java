package dev.reverie.trainer;

import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.nn.TrainerException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** A policy that a run is given: of numbers that are none nothing can be learned or judged. */
final class GivenPolicy {
  private GivenPolicy() {}

  /**
   * Loads a bundle.
   *
   * @throws TrainerException where a weight holds a number that is not finite
   */
  static PolicyBundle load(Path folder) {
    PolicyBundle policy = PolicyBundle.load(folder);
    policy
        .weights()
        .forEach(
            (name, weight) -> {
              if (!isFinite(weight)) {
                throw new TrainerException(
                    "the policy %s has numbers that are not finite in its weight '%s'; give one that was trained to its end, or export it again"
                        .formatted(folder, name));
              }
            });
    return policy;
  }

  /** A number is not finite where all bits of its exponent are set; integers always are. */
  private static boolean isFinite(NdArray weight) {
    return switch (weight.type()) {
      case F64 -> areFinite(weight.data(), 8, 0x7ff0_0000_0000_0000L);
      case F32 -> areFinite(weight.data(), 4, 0x7f80_0000L);
      case F16 -> areFinite(weight.data(), 2, 0x7c00L);
      case BF16 -> areFinite(weight.data(), 2, 0x7f80L);
      case I64, I32, I16, I8, U8, BOOL -> true;
    };
  }

  private static boolean areFinite(MemorySegment data, int bytes, long exponent) {
    for (long at = 0; at < data.byteSize(); at += bytes) {
      long bits =
          switch (bytes) {
            case 8 -> data.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
            case 4 -> data.get(ValueLayout.JAVA_INT_UNALIGNED, at);
            default -> data.get(ValueLayout.JAVA_SHORT_UNALIGNED, at);
          };
      if ((bits & exponent) == exponent) {
        return false;
      }
    }
    return true;
  }
}
