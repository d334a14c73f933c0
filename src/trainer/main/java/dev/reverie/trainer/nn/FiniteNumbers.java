package dev.reverie.trainer.nn;

import java.util.Arrays;

/**
 * Keeps updates out of a network that are not numbers: one is left out, several in a row end the
 * stage.
 */
public final class FiniteNumbers {
  /** Updates in a row that may be left out; a single bad batch is no reason to end a run. */
  private static final int MOST_IN_A_ROW = 5;

  private final String stage;
  private int inARow;

  public FiniteNumbers(String stage) {
    this.stage = stage;
  }

  /**
   * Tells whether an update may be made.
   *
   * @param numbers that it depends on: its loss, the norm of its gradients
   * @throws TrainerException where too many in a row may not
   */
  public boolean all(double... numbers) {
    if (Arrays.stream(numbers).allMatch(Double::isFinite)) {
      inARow = 0;
      return true;
    }
    inARow++;
    Progress.say(
        "%s: an update is left out, its loss or gradient is %s"
            .formatted(stage, Arrays.toString(numbers)));
    if (inARow > MOST_IN_A_ROW) {
      throw new TrainerException(
          "loss and gradient of %s are %s, %d updates in a row; lower its learning rate"
              .formatted(stage, Arrays.toString(numbers), inARow));
    }
    return false;
  }
}
