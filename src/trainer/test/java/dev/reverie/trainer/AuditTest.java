package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.report.Interval;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.nn.TrainerException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AuditTest {
  private static final Audit.Config USUAL = Audit.Config.DEFAULT;
  private static final ImaginedSuccess NONE = new ImaginedSuccess(new double[0], 8);

  @Test
  void anImaginationThatIsWrongAboutTheBasePolicyIsNotPractisedIn() {
    Audit audit = audit(ones(32), Outcomes.of(new boolean[32]));
    Refusal.of(
        TrainerException.class,
        () -> audit.check(USUAL),
        "imagination says that 100 % of the rollouts from 32 held-out starts succeed",
        "on the arm 0 % did");
    audit.check(new Audit.Config(128, 8, 0.1, 0.1, false));
    audit(new double[32], Outcomes.of(new boolean[32])).check(USUAL);
  }

  @Test
  void episodesThatWereNotDrawnByTheirEndsHaveTheUsualIntervalOfAMean() {
    boolean[] success = {true, false, true, true, false};
    double[] imagined = {0.5, 0.25, 1, 0.75, 0.5};
    Audit audit = audit(imagined, Outcomes.of(success));
    assertSame(Interval.ofMean(imagined), audit.imagined());
    assertSame(Interval.ofMean(new double[] {-0.5, 0.25, 0, -0.25, 0.5}), audit.gap());
    assertSame(Interval.wilson(3, 5), audit.real());
    assertSame(audit.gap(), audit.moments().gap());
  }

  /** 17 of 24 held-out rollouts succeeded, as 91 of all 128, and imagination says 1.00. */
  @Test
  void theEndsOfAllRolloutsTellHowHopefulAnImaginationIsThatHasSeenFewOfThem() {
    boolean[] success = new boolean[24];
    Arrays.fill(success, 0, 17, true);
    long[] all = {91, 37};
    Audit audit = audit(ones(24), Outcomes.ofHeldOut(success, all));
    double gap = 37 / 128.0;
    double spread = 1.959964 * Math.sqrt(gap * (1 - gap) / 128); // that of the real rate alone
    assertSame(new Interval(gap, gap - spread, gap + spread), audit.gap());
    assertSame(Interval.wilson(91, 128), audit.real());
    assertEquals(1, audit.imagined().value(), 1e-12);
    Refusal.of(TrainerException.class, () -> audit.check(USUAL), "from 24 held-out starts");
  }

  /** The gap of 17 real successes is 0.29 +- 0.19, that of 18 is 0.25 +- 0.18. */
  @Test
  void seventeenOf24BagsAloneTellThatAnImaginationOfSuccessesOnlyIsTooHopeful() {
    boolean[] success = new boolean[24];
    Arrays.fill(success, 0, 17, true);
    assertTrue(audit(ones(24), Outcomes.of(success)).distrusts(USUAL.gap()));
    success[17] = true;
    assertFalse(audit(ones(24), Outcomes.of(success)).distrusts(USUAL.gap()));
  }

  @Test
  void oneEpisodeOfAnOutcomeDoesNotTellHowFarOthersAreFromIt() {
    Audit audit =
        audit(
            new double[] {1, 1},
            Outcomes.ofHeldOut(new boolean[] {true, false}, new long[] {60, 60}));
    assertTrue(audit.gap().low() < 0 && audit.gap().high() > 1, audit.gap().toString());
  }

  /** Worked by hand: the failure has three starts and the success one. */
  @Test
  void momentsCountAlikeAndHangTogetherByEpisode() {
    boolean[] success = {true, false};
    ImaginedSuccess beginnings = new ImaginedSuccess(new double[] {0.5, 0.25}, 8);
    ImaginedSuccess along = new ImaginedSuccess(new double[] {0.75, 0.5}, 8);
    Audit audit = Audit.of(beginnings, along, new long[] {1, 1}, Outcomes.of(success));
    assertEquals(2, audit.starts());
    assertEquals(4, audit.moments().starts());
    assertEquals((0.5 + 0.25 + 0.75 + 0.5) / 4, audit.moments().imagined().value(), 1e-12);
    assertEquals(0.25, audit.moments().real().value(), 1e-12);
    assertEquals(0.25, audit.moments().gap().value(), 1e-12);
    // Residuals by episode (-0.5 - 0.25) / 2 and (1.5 - 0.75) / 2, so the variance is 0.140625.
    assertEquals(0.25 - 1.959964 * 0.375, audit.moments().gap().low(), 1e-12);
    assertEquals(0.125, audit.gap().value() + 0.25, 1e-12, "from first frames: (-0.5 + 0.25) / 2");
  }

  /** Hopeful late alone: the classifier sees success where episodes have gone wrong. */
  @Test
  void anImaginationThatIsTooHopefulAlongTheWayIsNotPractisedIn() {
    boolean[] success = new boolean[26];
    Arrays.fill(success, 0, 13, true);
    double[] first = new double[26];
    Arrays.fill(first, 0.5);
    double[] later = new double[13 * 7];
    long[] episode = new long[later.length];
    for (int i = 0; i < later.length; i++) {
      later[i] = 0.75;
      episode[i] = 13L + i / 7;
    }
    Audit audit =
        Audit.of(
            new ImaginedSuccess(first, 8),
            new ImaginedSuccess(later, 8),
            episode,
            Outcomes.ofHeldOut(success, new long[] {64, 64}));
    assertTrue(audit.gap().low() < 0);
    Refusal.of(
        TrainerException.class,
        () -> audit.check(USUAL),
        "from 117 moments of 26 held-out rollouts",
        "on the arm 11 % did");
  }

  @Test
  void fewStartsAreSaidToBeFew() {
    Outcomes few = Outcomes.of(new boolean[] {true, false, true});
    String said = audit(new double[] {0.5, 0.5, 0.5}, few).said(USUAL, "give more bags");
    assertTrue(said.contains("from the first frames of 3 rollouts"), said);
    assertTrue(said.contains("fewer than the 128 starts that audit.starts asks for"), said);
    assertTrue(said.endsWith("so the intervals are wide; give more bags"), said);
    Outcomes many = Outcomes.of(new boolean[128]);
    assertFalse(audit(new double[128], many).said(USUAL, "").contains("fewer"));
  }

  /**
   * Rollouts of a policy that succeeds in half of the scenes mostly and in the others seldom, and
   * fails late; an imagination that is right. The intervals hold the truth, which is no gap, as
   * often as they say, though a fifth of the rollouts is started from and long ones more often.
   */
  @Test
  void theIntervalsOfARightImaginationHoldNoGapInNineteenOfTwentyRounds() {
    Random random = new Random(7);
    int rounds = 4000;
    int first = 0;
    int along = 0;
    double mean = 0;
    for (int r = 0; r < rounds; r++) {
      Audit audit = rightAudit(random);
      first += holds(audit.gap()) ? 1 : 0;
      along += holds(audit.moments().gap()) ? 1 : 0;
      mean += audit.moments().gap().value() / rounds;
    }
    assertEquals(0, mean, 0.005);
    assertEquals(0.95, (double) first / rounds, 0.025);
    assertEquals(0.95, (double) along / rounds, 0.025);
  }

  private static boolean holds(Interval gap) {
    return gap.low() <= 0 && gap.high() >= 0;
  }

  /** Returns an audit of 128 rollouts, of which 26 are held out. */
  private static Audit rightAudit(Random random) {
    int all = 128;
    double[] chance = new double[all];
    boolean[] success = new boolean[all];
    int[] steps = new int[all]; // chunks until success, or the limit of 8
    long successes = 0;
    for (int i = 0; i < all; i++) {
      chance[i] = random.nextBoolean() ? 0.2 : 0.07; // of success in each chunk
      steps[i] = 0;
      do {
        success[i] = random.nextDouble() < chance[i];
        steps[i]++;
      } while (!success[i] && steps[i] < 8);
      successes += success[i] ? 1 : 0;
    }
    long[] drawnFrom = {successes, all - successes};
    int[] out = {Math.round(successes * 0.2f), Math.round((all - successes) * 0.2f)};
    boolean[] heldOut = new boolean[out[0] + out[1]];
    double[] beginnings = new double[heldOut.length];
    double[] along = new double[heldOut.length * 8];
    long[] episode = new long[along.length];
    int n = 0;
    int m = 0;
    for (int i = 0; i < all; i++) { // the first are as good as any
      int outcome = success[i] ? 0 : 1;
      if (out[outcome]-- > 0) {
        heldOut[n] = success[i];
        beginnings[n] = imagined(random, chance[i], 8);
        for (int chunk = 1; chunk < steps[i]; chunk++) {
          episode[m] = n;
          along[m++] = imagined(random, chance[i], 8 - chunk);
        }
        n++;
      }
    }
    return Audit.of(
        new ImaginedSuccess(beginnings, 8),
        new ImaginedSuccess(Arrays.copyOf(along, m), 8),
        Arrays.copyOf(episode, m),
        Outcomes.ofHeldOut(heldOut, drawnFrom));
  }

  /** Share of 8 rollouts that succeed within some chunks. */
  private static double imagined(Random random, double chance, int chunks) {
    double share = 0;
    for (int i = 0; i < 8; i++) {
      share += random.nextDouble() < 1 - Math.pow(1 - chance, chunks) ? 0.125 : 0;
    }
    return share;
  }

  private static Audit audit(double[] imagined, Outcomes real) {
    return Audit.of(new ImaginedSuccess(imagined, 8), NONE, new long[0], real);
  }

  private static double[] ones(int count) {
    double[] ones = new double[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static void assertSame(Interval expected, Interval actual) {
    assertEquals(expected.value(), actual.value(), 1e-9);
    assertEquals(expected.low(), actual.low(), 1e-9);
    assertEquals(expected.high(), actual.high(), 1e-9);
  }
}
