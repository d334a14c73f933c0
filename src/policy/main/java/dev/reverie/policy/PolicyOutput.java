package dev.reverie.policy;

/**
 * The output of a policy for one observation.
 *
 * @param logits [K, D, bins] row-major: of K actions, of D values each
 */
public record PolicyOutput(float[] logits, int horizon, int dimensions, int bins) {
  /** Checks that the logits fill their shape. */
  public PolicyOutput {
    if (logits.length != horizon * dimensions * bins) {
      throw new IllegalArgumentException(
          "%d logits do not fill [%d, %d, %d]".formatted(logits.length, horizon, dimensions, bins));
    }
  }
}
