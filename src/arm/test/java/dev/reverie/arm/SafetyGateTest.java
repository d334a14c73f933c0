package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.reverie.arm.Verdict.Allowed;
import dev.reverie.arm.Verdict.NotFinite;
import dev.reverie.arm.Verdict.Stale;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetyGateTest {
  private final double[] measured = PlanarArm.inverse(0.5, 0.3);
  private SafetyGate gate;

  @BeforeEach
  void gate() {
    Urdf urdf = PlanarArm.urdf();
    var workspace =
        Optional.of(
            new EndEffectorDeltas(urdf, PlanarArm.JOINTS, PlanarArm.SPACE, Optional.empty(), 0.1)
                .workspace());
    gate =
        new SafetyGate(Arms.space(urdf, PlanarArm.JOINTS), workspace, Optional.empty(), 0.1, 0.2);
  }

  @Test
  void anOrdinaryTargetPassesUnchanged() {
    double[] target = PlanarArm.inverse(0.52, 0.28);
    var allowed = assertInstanceOf(Allowed.class, gate.check(measured, 0.01, target));
    assertArrayEquals(target, allowed.positions());
    assertEquals(List.of(), allowed.limits());
  }

  @Test
  void aTargetBeyondAJointLimitIsClampedAndNamed() {
    double[] here = {-2.5, 2.6, -0.1};
    double[] target = {-2.5, 3.1, -0.1};
    var allowed = assertInstanceOf(Allowed.class, gate(10).check(here, 0, target));
    assertEquals(2.8, allowed.positions()[1], 1e-12);
    assertEquals(
        List.of(new Limit(Limit.Kind.POSITION, "position of elbow: 3.1000 to 2.8000 rad")),
        allowed.limits());
  }

  @Test
  void aStepThatIsTooFastIsShortenedAlongItsDirection() {
    double[] here = {-2.5, 1.5, 1.0};
    double[] target = {-1.7, 1.5, 0.8};
    var allowed = assertInstanceOf(Allowed.class, gate(0.05).check(here, 0, target));
    assertArrayEquals(new double[] {-2.1, 1.5, 0.9}, allowed.positions(), 1e-12);
    assertEquals(
        List.of(new Limit(Limit.Kind.VELOCITY, "velocity of shoulder: 16.000 to 8.000 rad/s")),
        allowed.limits());
  }

  @Test
  void aStepOutOfTheWorkspaceEndsAtItsBorder() {
    double[] here = PlanarArm.inverse(0.5, 0.10);
    var allowed =
        assertInstanceOf(Allowed.class, gate.check(here, 0, PlanarArm.inverse(0.5, 0.02)));
    assertEquals(0.079, PlanarArm.forward(allowed.positions())[1], 1e-4);
    assertEquals(
        List.of(new Limit(Limit.Kind.WORKSPACE, "workspace: tip 0.0600 m outside")),
        allowed.limits());
  }

  @Test
  void anArmOutsideOfTheWorkspaceMayComeBack() {
    double[] here = PlanarArm.inverse(0.5, 0.02);
    double[] target = PlanarArm.inverse(0.5, 0.05);
    var allowed = assertInstanceOf(Allowed.class, gate.check(here, 0, target));
    assertArrayEquals(target, allowed.positions());
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void aTargetThatIsNoNumberIsRefused(double value) {
    var refused =
        assertInstanceOf(NotFinite.class, gate.check(measured, 0, new double[] {-2.5, value, 0}));
    assertEquals(new NotFinite("elbow", measured[1], value), refused);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, -0.5, Double.NaN})
  void aMeasurementThatIsNotFreshIsRefused(double age) {
    assertInstanceOf(Stale.class, gate.check(measured, age, measured));
  }

  @Test
  void aContinuousJointGoesTheShortWayThroughPi() {
    var turning = Arms.gate(Arms.space(List.of("roll"), "roll"), 0.1);
    var allowed =
        assertInstanceOf(Allowed.class, turning.check(new double[] {3.1}, 0, new double[] {-3.1}));
    assertArrayEquals(new double[] {2 * Math.PI - 3.1}, allowed.positions(), 1e-12);
    assertEquals(List.of(), allowed.limits());
  }

  @Test
  void aStepCountsFromTheLastCommandAndNotFromAMeasurementThatIsWrong() {
    double[] before = {-2.5, 1.5, 1.0};
    double[] target = {-2.4, 1.5, 1.0};
    double[] zeros = new double[3]; // of another publisher
    var allowed = assertInstanceOf(Allowed.class, gate(0.05).check(zeros, 0, before, 1, target));
    for (int j = 0; j < 3; j++) {
      assertEquals(before[j], allowed.positions()[j], 0.4 + 1e-9, "8 rad/s of 0.05 s");
    }
  }

  @Test
  void aPoseFarAwayIsApproachedSlowlyAtFirst() {
    double[] here = {-2.5, 1.5, 1.0};
    var allowed =
        assertInstanceOf(
            Allowed.class, gate(0.1).check(here, 0, here, 0.1, new double[] {-2.0, 1.5, 1.0}));
    assertArrayEquals(new double[] {-2.42, 1.5, 1.0}, allowed.positions(), 1e-9);
    assertEquals(
        List.of(new Limit(Limit.Kind.RAMP, "first motion of shoulder: 5.000 to 0.800 rad/s")),
        allowed.limits());
  }

  @Test
  void anArmThatStaysBehindIsNotAskedForMoreAndMore() {
    double[] measured = {-2.5, 2.7, 1.0};
    double[] commanded = measured.clone();
    for (int tick = 0; tick < 50; tick++) {
      double[] target = commanded.clone();
      target[1] -= 0.3;
      commanded =
          assertInstanceOf(Allowed.class, gate(0.1).check(measured, 0, commanded, 1, target))
              .positions();
    }
    assertEquals(measured[1] - 8 * 0.3, commanded[1], 1e-9);
  }

  private static SafetyGate gate(double periodS) {
    return Arms.gate(Arms.space(PlanarArm.urdf(), PlanarArm.JOINTS), periodS);
  }
}
