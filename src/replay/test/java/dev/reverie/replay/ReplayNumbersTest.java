package dev.reverie.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.ArmModel;
import dev.reverie.arm.JointBounds;
import dev.reverie.arm.JointSpace;
import dev.reverie.arm.Limit;
import dev.reverie.arm.PlanarArm;
import dev.reverie.arm.SafetyGate;
import dev.reverie.arm.Verdict;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.policy.FlowSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.PolicyOutput;
import dev.reverie.robot.TestBundles;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The formulas of a replay on numbers worked by hand. */
class ReplayNumbersTest {
  @Test
  void jerkIsTheThirdDifferenceByThePeriodCubed() {
    // q = t^3 at 1 s: third differences are 6, so that the squared jerk is 36 everywhere.
    List<double[]> cubic =
        IntStream.range(0, 6).mapToObj(t -> new double[] {t * t * t, 0}).toList();
    Tally jerk = Smoothness.squaredJerk(cubic, 1);
    assertEquals(36, jerk.sum() / jerk.weight());
    assertEquals(3, jerk.weight());
    // Half the period: (6 / 0.125)^2
    assertEquals(2304, Measures.SQUARED_JERK.value(Smoothness.squaredJerk(cubic, 0.5)), 1e-9);
    // -ln(5^3 / 61^2 * 3 * 36)
    assertEquals(-Math.log(125.0 / 3721 * 108), Smoothness.logDimensionlessJerk(cubic, 1), 1e-12);
    assertEquals(
        Smoothness.logDimensionlessJerk(cubic, 1),
        Smoothness.logDimensionlessJerk(cubic, 0.1),
        1e-9,
        "it does not depend on how fast the same path is passed");
    assertTrue(Double.isNaN(Smoothness.logDimensionlessJerk(cubic.subList(0, 3), 1)));
  }

  @Test
  void aContinuousJointThatGoesThroughPiDoesNotJerk() {
    double none = Double.POSITIVE_INFINITY;
    var turning =
        new JointSpace(
            List.of(new JointBounds("roll", "rad", true, -none, none, 1, none, none, none)));
    List<double[]> steady =
        IntStream.range(0, 6)
            .mapToObj(t -> new double[] {Math.IEEEremainder(2.9 + 0.1 * t, 2 * Math.PI)})
            .toList();
    Tally jerk = Smoothness.squaredJerk(Comparison.unwound(turning, steady), 1);
    assertEquals(0, jerk.sum(), 1e-12);
  }

  @Test
  void logProbabilitiesAddUpToOneAndDivergenceIsThatOfTheFormula() {
    var output = new PolicyOutput(new float[] {0, (float) Math.log(3), 5, 5}, 1, 2, 2);
    double[] p = LogSoftmax.of(output, 0, 1);
    assertArrayEquals(new double[] {Math.log(0.25), Math.log(0.75)}, p, 1e-6);
    double[] q = LogSoftmax.of(output, 1, 1);
    assertArrayEquals(new double[] {Math.log(0.5), Math.log(0.5)}, q, 1e-6);
    assertEquals(0.25 * Math.log(0.5) + 0.75 * Math.log(1.5), LogSoftmax.divergence(p, q), 1e-6);
    assertEquals(0, LogSoftmax.divergence(p, p));
    // Twice the temperature: the odds are the square root of 3.
    assertEquals(-Math.log(1 + Math.sqrt(3)), LogSoftmax.of(output, 0, 2)[0], 1e-6);
  }

  @Test
  void likelihoodCountsTheTokensOfTheActionsThatWereCarriedOut() {
    float[] logits = new float[2 * 1 * 3]; // K = 2, D = 1, bins -1, 0, 1
    logits[2] = (float) Math.log(2); // first action: 1/4, 1/4, 1/2
    var output = new PolicyOutput(logits, 2, 1, 3);
    var chunk =
        new ExecutedChunk(
            7,
            Command.POLICY,
            false,
            List.of(new float[] {1}, new float[] {0}),
            List.of(0, 1),
            new float[0]);
    Tally tally = Likelihood.of(List.of(chunk), Map.of(7, output), 1);
    assertEquals(Math.log(0.5) + Math.log(1 / 3.0), tally.sum(), 1e-6);
    assertEquals(2, tally.weight());
    assertTrue(Likelihood.otherBins(List.of(chunk), 3).isEmpty());
    assertTrue(Likelihood.otherBins(List.of(chunk), 4).isPresent(), "0 is no centre of 4 bins");
  }

  @Test
  void likelihoodOfAPolicyThatGivesActionsIsTheDensityAboutThem() {
    HeadSpec head = new HeadSpec.Regression(List.of(0.5));
    var output = new PolicyOutput(head, Map.of("actions", new float[] {0.25f, 0}), 2, 1);
    var chunk =
        new ExecutedChunk(
            7,
            Command.POLICY,
            false,
            List.of(new float[] {0.5f}, new float[] {1}),
            List.of(0, 1),
            new float[0]);
    Tally tally = Likelihood.of(List.of(chunk), Map.of(7, output), 4); // deviation 1
    double density = -0.25 * 0.25 / 2 - Math.log(2 * Math.PI) / 2;
    assertEquals(density + Math.log(0.15865525393145707), tally.sum(), 1e-9); // beyond 1
    assertTrue(Likelihood.unasked(List.of(chunk), head).isEmpty());
    HeadSpec flow = new FlowSpec(4, FlowSpec.Sampler.SDE, 0.7);
    assertTrue(Likelihood.unasked(List.of(chunk), flow).orElseThrow().contains("out of noise"));
  }

  @Test
  void theBootstrapDrawsWholeEpisodesAndGivesTheSameIntervalAgain() {
    double[] values = IntStream.range(0, 100).mapToDouble(i -> i % 10).toArray();
    int[] whole = IntStream.range(0, 100).toArray();
    Estimate mean =
        new Bootstrap(100)
            .estimate(
                draw -> Arrays.stream(draw).mapToDouble(i -> values[i]).average().orElseThrow(),
                whole,
                100);
    assertEquals(4.5, mean.value());
    // Deviation 2.872 of one, so 0.287 of the mean of 100: 1.96 of these to either side.
    assertEquals(4.5 - 0.563, mean.low(), 0.06);
    assertEquals(4.5 + 0.563, mean.high(), 0.06);
    assertEquals(
        mean,
        new Bootstrap(100)
            .estimate(
                draw -> Arrays.stream(draw).mapToDouble(i -> values[i]).average().orElseThrow(),
                whole,
                100));
    assertTrue(Double.isNaN(new Bootstrap(1).estimate(draw -> 1, new int[] {0}, 1).low()));
  }

  @Test
  void everyLimitOfTheSafetyGateIsCountedAsItsOwn() {
    SafetyGate gate = ArmModel.of(PlanarArm.xml(), TestBundles.spec().task(), 0.1, 1).gate();
    double[] low = PlanarArm.inverse(0.5, 0.1);
    assertEquals(Set.of(), limits(gate, low, low));
    assertEquals(
        Set.of(Measures.LIMITED_WORKSPACE), limits(gate, low, PlanarArm.inverse(0.5, 0.02)));
    SafetyGate hasty = ArmModel.of(PlanarArm.xml(), TestBundles.spec().task(), 0.01, 1).gate();
    assertEquals(
        Set.of(Measures.LIMITED_VELOCITY), limits(hasty, low, PlanarArm.inverse(0.5, 0.3)));
    double[] bent = low.clone();
    bent[1] = 4;
    assertTrue(limits(gate, low, bent).contains(Measures.LIMITED_POSITION));
    for (Limit.Kind kind : Limit.Kind.values()) {
      Set<Measure> measures = Measures.limits(command(new Limit(kind, "")));
      assertEquals(1, measures.size());
      assertFalse(measures.contains(Measures.LIMITED_OTHER), "" + kind);
    }
  }

  private static Set<Measure> limits(SafetyGate gate, double[] measured, double[] target) {
    var allowed = assertInstanceOf(Verdict.Allowed.class, gate.check(measured, 0, target));
    return Measures.limits(command(allowed.limits().toArray(Limit[]::new)));
  }

  private static Command command(Limit... limits) {
    byte[] kinds = new byte[limits.length];
    for (int i = 0; i < kinds.length; i++) {
      kinds[i] = limits[i].kind().code();
    }
    return new Command()
        .withClamped(Arrays.stream(limits).map(Limit::text).toList())
        .withLimits(kinds);
  }

  @Test
  void aLimitOfABagThatTellsNoKindsIsCountedToo() {
    Command earlier = new Command().withClamped(List.of("position of elbow: 3.2 to 3.1 rad"));
    assertEquals(Set.of(Measures.LIMITED_OTHER), Measures.limits(earlier));
    assertEquals(
        Set.of(Measures.LIMITED_OTHER), Measures.limits(earlier.withLimits(new byte[] {99})));
  }
}
