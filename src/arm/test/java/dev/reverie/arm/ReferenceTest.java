package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A joint from -1 to 1 rad with 2 rad/s, 8 rad/s^2 and 160 rad/s^3, and ticks at several rates. */
class ReferenceTest {
  private static final double VELOCITY = 2;
  private static final double ACCELERATION = 8;
  private static final double JERK = 160;
  private static final double STEP_S = 0.005;
  private static final JointSpace JOINT =
      new JointSpace(
          List.of(new JointBounds("j", "rad", false, -1, 1, VELOCITY, ACCELERATION, JERK, 1)));

  /** Positions that were asked for on the grid, as time went on. */
  private static final class Asked {
    boolean foreseen = true;
    final Reference reference;
    final List<Double> positions = new ArrayList<>();
    long now = 1_000_000_000L;

    Asked(double periodS) {
      reference = new Reference(JOINT, periodS, new double[1], now);
    }

    void follow(double... targets) {
      List<double[]> all = new ArrayList<>();
      for (double target : targets) {
        all.add(new double[] {target});
      }
      var _ = reference.follow(now, now, all, foreseen, 1);
    }

    void pass(double seconds) {
      double[] position = new double[1];
      for (int i = 0; i < Math.round(seconds / STEP_S); i++) {
        reference.plan().at(now, position, new double[1]);
        positions.add(position[0]);
        now += 5_000_000L;
      }
    }

    double peak(int derivative) {
      double[] values = positions.stream().mapToDouble(Double::doubleValue).toArray();
      for (int d = 0; d < derivative; d++) {
        for (int i = values.length - 1; i > d; i--) {
          values[i] = (values[i] - values[i - 1]) / STEP_S;
        }
        values[d] = 0;
      }
      double peak = 0;
      for (int i = derivative; i < values.length; i++) {
        peak = Math.max(peak, Math.abs(values[i]));
      }
      return peak;
    }

    void assertWithinLimits() {
      assertTrue(peak(0) <= 1 + 1e-9, "position " + peak(0));
      assertTrue(peak(1) <= VELOCITY + 1e-6, "velocity " + peak(1));
      assertTrue(peak(2) <= ACCELERATION + 1e-4, "acceleration " + peak(2));
      assertTrue(peak(3) <= JERK * 1.001, "jerk " + peak(3));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.05, 0.02})
  void whateverTheTargetsAreNoLimitIsEverExceeded(double periodS) {
    var random = new SplittableRandom(7);
    var asked = new Asked(periodS);
    for (int tick = 0; tick < 400; tick++) {
      double[] targets = new double[1 + random.nextInt(6)];
      for (int i = 0; i < targets.length; i++) {
        targets[i] = random.nextDouble(-1.5, 1.5);
      }
      asked.foreseen = random.nextInt(5) > 0;
      if (random.nextInt(10) == 0) {
        asked.reference.rest(asked.now);
      } else {
        asked.follow(targets);
      }
      asked.pass(periodS * random.nextInt(1, 4) / 2);
    }
    asked.pass(3);
    asked.assertWithinLimits();
    assertTrue(asked.reference.plan().rests(asked.now));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.05, 0.02})
  void aStraightRampIsFollowedWithoutDipsWhereChunksMeet(double periodS) {
    var asked = new Asked(periodS);
    double step = 0.4 * periodS;
    int ticks = (int) Math.round(2 / periodS);
    for (int tick = 0; tick < ticks; tick++) {
      double[] targets = new double[4 - tick % 4];
      for (int i = 0; i < targets.length; i++) {
        targets[i] = (tick + i + 1) * step;
      }
      asked.follow(targets);
      asked.pass(periodS);
    }
    for (int i = (int) (0.25 / STEP_S); i < asked.positions.size(); i++) {
      double velocity = (asked.positions.get(i) - asked.positions.get(i - 1)) / STEP_S;
      assertEquals(0.4, velocity, 0.08, "at " + i * STEP_S + " s");
    }
    asked.assertWithinLimits();
  }

  @Test
  void anArmThatIsToldNothingMoreComesToRestShortlyBehindItsLastTarget() {
    var asked = new Asked(0.1);
    for (int tick = 0; tick < 5; tick++) {
      asked.follow((tick + 1) * 0.05);
      asked.pass(0.1);
    }
    asked.pass(1);
    assertTrue(asked.reference.plan().rests(asked.now));
    assertEquals(0.25, asked.positions.getLast(), 0.08);
    asked.assertWithinLimits();
  }

  @Test
  void atRestOneGoesOnFromWhereTheArmCameToRest() {
    var asked = new Asked(0.1);
    for (int tick = 0; tick < 5; tick++) {
      asked.follow((tick + 1) * 0.05);
      asked.pass(0.1);
    }
    asked.reference.rest(asked.now);
    double[] end = asked.reference.target();
    asked.pass(0.5);
    assertArrayEquals(end, new double[] {asked.positions.getLast()}, 1e-9);
    assertTrue(asked.reference.goesOnFrom(JOINT, end, asked.now));
    assertFalse(asked.reference.goesOnFrom(JOINT, new double[] {end[0] + 0.3}, asked.now));
    asked.assertWithinLimits();
  }

  @Test
  void whatTheArmCannotFollowIsTold() {
    var reference = new Reference(JOINT, 0.1, new double[1], 0);
    Limit limit = reference.follow(0, 0, List.of(new double[] {0.2}), false, 1).orElseThrow();
    assertEquals(Limit.Kind.ACCELERATION, limit.kind());
    assertTrue(limit.text().startsWith("acceleration of j: "), limit.text());
  }

  @Test
  void anArmWhoseJerkKeepsItFromAcceleratingIsToldSo() {
    var gentle = new JointBounds("j", "rad", false, -1, 1, VELOCITY, ACCELERATION, 20, 1);
    var reference = new Reference(new JointSpace(List.of(gentle)), 0.1, new double[1], 0);
    Limit limit = reference.follow(0, 0, List.of(new double[] {0.2}), false, 1).orElseThrow();
    assertEquals(Limit.Kind.JERK, limit.kind());
    assertTrue(limit.text().startsWith("jerk of j: "), limit.text());
    assertTrue(limit.text().endsWith("at most 20.000 rad/s^3"), limit.text());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.05, 0.02})
  void whatTargetsAreRoundedToIsHardlySeen(double periodS) {
    var asked = new Asked(periodS);
    for (int tick = 0; tick < 3 / periodS; tick++) {
      double[] targets = new double[(int) Math.ceil(0.5 / periodS)];
      for (int i = 0; i < targets.length; i++) {
        double t = (tick + i + 1) * periodS;
        targets[i] = Math.rint(500 * (1 - Math.cos(t))) / 1000;
      }
      asked.follow(targets);
      asked.pass(periodS);
    }
    assertEquals(0.5, asked.peak(2), 0.25, "rad/s^2");
    assertTrue(asked.peak(3) < 10, "jerk " + asked.peak(3));
  }

  @Test
  void ticksThatComeUnevenlyHaveEvenTimes() {
    var times = new TickTimes(50_000_000L, 0, 0);
    long before = 0;
    for (int tick = 1; tick < 100; tick++) {
      long came = tick * 50_000_000L + (tick % 2 == 0 ? 15_000_000L : 0);
      assertEquals(times.next(came), times.ticked(came), "looking changes nothing");
      long time = times.next(came + 50_000_000L);
      assertEquals(50_000_000L, tick == 1 ? 50_000_000L : time - before, 1_000_000L);
      before = time;
    }
  }

  @Test
  void anArmThatWasSentNothingGoesOnFromRestWhereItWasSentLast() {
    var reference = new Reference(JOINT, 0.1, new double[1], 0);
    var _ = reference.follow(0, 0, List.of(new double[] {0.2}), false, 1);
    long now = 500_000_000L; // the process was stopped since then
    reference.standAt(new double[] {0.05}, now);
    assertTrue(reference.plan().rests(now));
    assertArrayEquals(new double[] {0.05}, reference.target());
    var _ = reference.follow(now, now, List.of(new double[] {0.1}), false, 1);
    double[] position = new double[1];
    double[] velocity = new double[1];
    reference.plan().at(now, position, velocity);
    assertEquals(0.05, position[0], 1e-4);
    assertEquals(0, velocity[0], 0.01, "the grid rounds");
    assertFalse(reference.plan().rests(now));
  }

  @Test
  void howItWouldBeBrakedIsToldWithoutBrakingIt() {
    var asked = new Asked(0.1);
    for (int k = 1; k <= 8; k++) {
      asked.follow(0.1 * k, 0.1 * (k + 1));
      asked.pass(0.1);
    }
    MotionPlan before = asked.reference.plan();
    long[] moments = {asked.now, asked.now + 20_000_000L, asked.now + 40_000_000L};
    List<MotionPlan> braking = asked.reference.braking(moments);
    assertEquals(before, asked.reference.plan());
    double[] here = new double[1];
    double[] there = new double[1];
    for (int i = 0; i < moments.length; i++) {
      before.at(moments[i], here, new double[1]);
      braking.get(i).at(moments[i], there, new double[1]);
      assertArrayEquals(here, there, 1e-6, "it begins where the arm is then");
      assertTrue(braking.get(i).endNanos() <= moments[i] + 500_000_000L, "and ends soon");
      assertTrue(i == 0 || braking.get(i).end()[0] > braking.get(i - 1).end()[0]);
    }
    asked.reference.rest(moments[0]);
    assertArrayEquals(braking.getFirst().end(), asked.reference.plan().end(), 1e-12);
  }

  @Test
  void oneThatIsToldToRestAgainAndAgainComesToRestAsWhenToldOnce() {
    var once = new Reference(JOINT, 0.1, new double[1], 0);
    var again = new Reference(JOINT, 0.1, new double[1], 0);
    for (Reference each : List.of(once, again)) {
      var _ = each.follow(0, 0, List.of(new double[] {0.1}), true, 0.1);
      each.rest(50_000_000L);
    }
    for (int i = 2; i < 20; i++) {
      again.rest(i * 50_000_000L);
    }
    assertTrue(again.plan().rests(1_000_000_000L));
    assertEquals(once.plan().end()[0], again.plan().end()[0], 1e-3);
  }
}
