package dev.reverie.trainer;

import dev.reverie.report.Interval;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;

/**
 * Imagined beside real success of a policy, from starts that nothing was trained on: an imagination
 * that is wrong about a policy which the arm has run is not to be believed about a better one.
 *
 * @param starts how many
 * @param rollouts imagined from each; the arm ran one
 * @param imagined share of successes, its interval clustered by start
 * @param real share of successes
 * @param gap imagined less real, its interval clustered by start
 */
record Audit(int starts, int rollouts, Interval imagined, Interval real, Interval gap) {
  /**
   * Compares.
   *
   * @param real whether the arm's rollout from each start succeeded
   */
  static Audit of(ImaginedSuccess imagined, boolean[] real) {
    int successes = 0;
    for (boolean success : real) {
      successes += success ? 1 : 0;
    }
    return new Audit(
        real.length,
        imagined.rollouts(),
        imagined.interval(),
        Interval.wilson(successes, real.length),
        imagined.gap(real));
  }

  /**
   * Tells which recorded rollouts succeeded.
   *
   * @param success [N], bool
   */
  static boolean[] outcomes(Tensor success) {
    long[] ended = Torch.longs(success);
    boolean[] outcomes = new boolean[ended.length];
    for (int i = 0; i < ended.length; i++) {
      outcomes[i] = ended[i] != 0;
    }
    return outcomes;
  }

  /**
   * Tells whether imagination is surely too hopeful; where it is too gloomy it still ranks, and
   * where nothing succeeds in it practice ends by itself.
   */
  boolean distrusts(double limit) {
    return gap.low() > limit;
  }

  /**
   * Ends a round whose imagination is wrong about the policy that it is to improve.
   *
   * @throws TrainerException with both shares
   */
  void check(Config config) {
    if (config.stop() && distrusts(config.gap())) {
      throw new TrainerException(
          String.format(
              Locale.ROOT,
              "imagination says that %.0f %% of the rollouts from %d held-out starts succeed, and on the arm %.0f %% did: the gap of %+.0f points [%+.0f, %+.0f] lies above %.0f, so practice there teaches nothing that holds; look at imagined/ and at the figures of world model and classifier, record more rollouts, or set audit.stop to false",
              100 * imagined.value(),
              starts,
              100 * real.value(),
              100 * gap.value(),
              100 * gap.low(),
              100 * gap.high(),
              100 * config.gap()));
    }
  }

  /**
   * Settings of the audit.
   *
   * @param rollouts imagined from each start
   * @param gap by which imagined success may lie above the real one, a share; a round is marked
   *     only where the gap's whole interval lies above
   * @param control least change of what is imagined under the opposite actions, in units of what
   *     the recorded frames move; below, the world model has collapsed
   * @param stop whether a round ends before practice where it would be marked
   */
  record Config(int rollouts, double gap, double control, boolean stop) {
    static final Config DEFAULT = new Config(8, 0.15, 0.1, true);

    Config {
      Check.positive("audit.rollouts", rollouts);
      Check.share("audit.gap", gap);
      Check.notNegative("audit.control", control);
    }
  }
}
