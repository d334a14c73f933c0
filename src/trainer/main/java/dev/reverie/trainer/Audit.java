package dev.reverie.trainer;

import dev.reverie.report.Interval;
import dev.reverie.trainer.imagination.Imagination;
import dev.reverie.trainer.imagination.RolloutStarts;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Imagined beside real success of a policy, from starts that nothing was trained on: an imagination
 * that is wrong about a policy which the arm has run is not to be believed about a better one.
 *
 * @param starts first frames of episodes
 * @param rollouts imagined from each; the arm ran one
 * @param imagined share of successes, its interval clustered by start
 * @param real share of successes
 * @param gap imagined less real, its interval clustered by start
 * @param moments the same from more moments of the same episodes
 */
record Audit(
    int starts, int rollouts, Interval imagined, Interval real, Interval gap, Moments moments) {
  /**
   * The comparison from first frames and from moments along the episodes, where the end of an
   * episode is what came of each of its moments. Late moments are many in long episodes, which are
   * failures mostly, so that both shares are lower than those from first frames.
   *
   * @param starts first frames and others
   * @param imagined share of successes, its interval clustered by episode
   * @param real share of successes, in the same way
   * @param gap imagined less real, in the same way
   */
  record Moments(int starts, Interval imagined, Interval real, Interval gap) {}

  /**
   * Compares.
   *
   * @param beginnings imagined from the first frames of the episodes
   * @param along imagined from other moments of them
   * @param episode that each of these lies in, counted from 0
   * @param real how the episodes ended
   */
  static Audit of(
      ImaginedSuccess beginnings, ImaginedSuccess along, long[] episode, Outcomes real) {
    double[] starts = new double[real.episodes()];
    Arrays.fill(starts, 1);
    double[] sums = beginnings.byStart().clone();
    Interval first = real.mean(sums, starts);
    Interval gap = real.mean(less(sums, real.sums(starts)), starts);
    for (int i = 0; i < episode.length; i++) {
      sums[(int) episode[i]] += along.byStart()[i];
      starts[(int) episode[i]]++;
    }
    double[] ended = real.sums(starts);
    return new Audit(
        real.episodes(),
        beginnings.rollouts(),
        first,
        real.real(),
        gap,
        new Moments(
            real.episodes() + episode.length,
            real.mean(sums, starts),
            real.mean(ended, starts),
            real.mean(less(sums, ended), starts)));
  }

  private static double[] less(double[] these, double[] others) {
    return IntStream.range(0, these.length).mapToDouble(i -> these[i] - others[i]).toArray();
  }

  /**
   * Plays from more moments of the episodes, and compares.
   *
   * @param beginnings imagined from their first frames
   * @param pool the episodes
   * @param temperature that they were drawn at
   * @param loop asked now and then whether to stop
   */
  static Audit of(
      ImaginedSuccess beginnings,
      Imagination imagination,
      TrainablePolicy policy,
      RolloutStarts.Pool pool,
      Outcomes real,
      Config config,
      double temperature,
      TrainLoop loop) {
    int times = beginnings.rollouts();
    RolloutStarts starts = pool.along(config.starts(), times);
    Map<Long, Long> number = new HashMap<>();
    for (long place : Torch.longs(pool.episodes())) {
      number.put(place, (long) number.size());
    }
    long[] places = Torch.longs(starts.moment().select(1, 0));
    long[] episode =
        IntStream.range(0, places.length / times)
            .mapToLong(i -> number.getOrDefault(places[i * times], 0L))
            .toArray();
    ImaginedSuccess along =
        ImaginedSuccess.of(imagination, policy, starts, times, temperature, loop);
    return of(beginnings, along, episode, real);
  }

  /**
   * Tells whether imagination is surely too hopeful, from first frames or along the way; where it
   * is too gloomy it still ranks, and where nothing succeeds in it practice ends by itself.
   */
  boolean distrusts(double limit) {
    return gap.low() > limit || moments.gap().low() > limit;
  }

  /**
   * Ends a round whose imagination is wrong about the policy that it is to improve.
   *
   * @throws TrainerException with both shares
   */
  void check(Config config) {
    if (config.stop() && distrusts(config.gap())) {
      boolean first = gap.low() > config.gap();
      throw new TrainerException(
          "imagination says that %.0f %% of the rollouts from %s succeed, and on the arm %.0f %% did: the gap of %s lies above %.0f, so practice there teaches nothing that holds; look at imagined/ and at the figures of world model and classifier, record more rollouts, or set audit.stop to false"
              .formatted(
                  100 * (first ? imagined : moments.imagined()).value(),
                  first
                      ? "%d held-out starts".formatted(starts)
                      : "%d moments of %d held-out rollouts".formatted(moments.starts(), starts),
                  100 * (first ? real : moments.real()).value(),
                  points(first ? gap : moments.gap()),
                  100 * config.gap()));
    }
  }

  /**
   * Returns what was found, and how much that is worth.
   *
   * @param remedy where there are few starts
   */
  String said(Config config, String remedy) {
    String found =
        "audit: imagined less real success is %s from the first frames of %d rollouts that nothing learned from, %d imagined from each; %s from %d moments of theirs"
            .formatted(points(gap), starts, rollouts, points(moments.gap()), moments.starts());
    return moments.starts() >= config.starts()
        ? found
        : "%s. These are fewer than the %d starts that audit.starts asks for, so the intervals are wide; %s"
            .formatted(found, config.starts(), remedy);
  }

  private static String points(Interval gap) {
    return String.format(
        Locale.ROOT,
        "%+.0f points [%+.0f, %+.0f]",
        100 * gap.value(),
        100 * gap.low(),
        100 * gap.high());
  }

  /**
   * Settings of the audit.
   *
   * @param starts that imagination is compared from at least, as far as the episodes have so many:
   *     first frames, and where these are fewer moments along the episodes
   * @param rollouts imagined from each start
   * @param gap by which imagined success may lie above the real one, a share; a round is marked
   *     only where the gap's whole interval lies above: of 24 starts alone, where all are imagined
   *     to succeed, one with 18 real successes is not yet, one with 17 is
   * @param control least change of what is imagined under the opposite actions, in units of what
   *     the recorded frames move; below, the world model has collapsed
   * @param stop whether a round ends before practice where it would be marked
   */
  record Config(int starts, int rollouts, double gap, double control, boolean stop) {
    static final Config DEFAULT = new Config(128, 8, 0.1, 0.1, true);

    Config {
      Check.notNegative("audit.starts", starts);
      Check.positive("audit.rollouts", rollouts);
      Check.share("audit.gap", gap);
      Check.notNegative("audit.control", control);
    }
  }
}
