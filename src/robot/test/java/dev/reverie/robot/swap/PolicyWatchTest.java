package dev.reverie.robot.swap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.policy.Sample;
import dev.reverie.robot.TestBundles;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.robot.setup.WatchParameters;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PolicyWatchTest {
  private static Inference.Outcome given(double inferenceS) {
    var sample = new Sample(new int[0], new float[0], new float[0]);
    return new Inference.Outcome.Given(sample, (long) (inferenceS * 1e9));
  }

  private static final Inference.Outcome FAILED = new Inference.Outcome.Failed("it is NaN");

  private static PolicyWatch watching(WatchParameters limits, boolean lockStep, LivePolicy policy) {
    var watch = new PolicyWatch(limits, lockStep);
    watch.begin(policy);
    return watch;
  }

  private static LivePolicy policy() {
    return LivePolicy.open(TestBundles.bundle(TestBundles.spec(), 1, 0), 1, Map.of());
  }

  private static Outcome outcome(byte kind) {
    return new Outcome().withOutcome(kind);
  }

  @Test
  void failuresAndSlownessCountInARowAndOnlyThoseOfTheWatchedPolicy() {
    var limits = new WatchParameters(3, 2, 0.2, 0, 0, 0);
    try (LivePolicy policy = policy()) {
      var watch = watching(limits, false, policy);
      for (int i = 0; i < 2; i++) {
        assertEquals(Optional.empty(), watch.inferred(policy.id(), FAILED));
      }
      assertEquals(Optional.empty(), watch.inferred("another", FAILED));
      assertEquals(Optional.empty(), watch.inferred(policy.id(), given(0.3)));
      assertEquals(Optional.empty(), watch.inferred(policy.id(), given(0.1)));
      assertEquals(Optional.empty(), watch.inferred(policy.id(), given(0.3)));
      String slow = watch.inferred(policy.id(), given(0.3)).orElseThrow();
      assertTrue(slow.contains("more than 0.2 s 2 times in a row"), slow);
      assertEquals(Optional.empty(), watch.inferred(policy.id(), FAILED), "it is gone by now");
      var again = watching(limits, true, policy);
      for (int i = 0; i < 9; i++) {
        assertEquals(Optional.empty(), again.inferred(policy.id(), given(9)), "time stands still");
      }
      again.inferred(policy.id(), FAILED);
      again.inferred(policy.id(), FAILED);
      String failed = again.inferred(policy.id(), FAILED).orElseThrow();
      assertTrue(failed.contains("failed 3 times in a row: it is NaN"), failed);
    }
  }

  @Test
  void threeFailuresSendAPolicyBackThatShouldSucceedFourTimesOfFive() {
    var limits = new WatchParameters(0, 0, 0, 0, 0.8, 0);
    try (LivePolicy policy = policy()) {
      var watch = watching(limits, true, policy);
      Outcome failure = outcome(Outcome.FAILURE);
      watch.labelled(policy.id(), "a", failure);
      watch.labelled(policy.id(), "a", failure);
      watch.labelled(policy.id(), "b", failure);
      assertEquals(Optional.empty(), watch.labelled(policy.id(), "b", outcome(Outcome.SUCCESS)));
      assertEquals(Optional.empty(), watch.labelled("another", "c", failure));
      watch.labelled(policy.id(), "c", failure);
      watch.labelled(policy.id(), "d", outcome(Outcome.ABORTED));
      watch.labelled(policy.id(), "e", failure);
      String reason = watch.labelled(policy.id(), "f", failure).orElseThrow();
      assertTrue(reason.contains("1 of 5 episodes"), reason);
    }
  }

  @Test
  void theTestKeepsItsPromises() {
    var limits = new WatchParameters(0, 0, 0, 0, 0.8, 0.5);
    int policies = 2000;
    int sentBack = 0;
    int kept = 0;
    try (LivePolicy policy = policy()) {
      var random = new SplittableRandom(1);
      for (int i = 0; i < policies; i++) {
        sentBack += isSentBack(watching(limits, true, policy), policy, 0.8, random) ? 1 : 0;
        kept += isSentBack(watching(limits, true, policy), policy, 0.5, random) ? 0 : 1;
      }
    }
    // Wald: both errors together are at most 10 %; one of them is 5 % at most, and some hundredths.
    assertTrue(sentBack < 0.06 * policies, sentBack + " good policies were sent back");
    assertTrue(kept < 0.06 * policies, kept + " bad policies were kept");
  }

  private static boolean isSentBack(
      PolicyWatch watch, LivePolicy policy, double success, SplittableRandom random) {
    for (int episode = 0; episode < 200; episode++) {
      byte kind = random.nextDouble() < success ? Outcome.SUCCESS : Outcome.FAILURE;
      if (watch.labelled(policy.id(), "episode " + episode, outcome(kind)).isPresent()) {
        return true;
      }
    }
    return false;
  }

  @Test
  void sharesThatCannotBeToldApartAreRefused() {
    assertThrows(RobotException.class, () -> new WatchParameters(0, 0, 0, 0, 0.5, 0.5));
    assertThrows(RobotException.class, () -> new WatchParameters(0, 0, 0, 0, 1, 0.5));
  }
}
