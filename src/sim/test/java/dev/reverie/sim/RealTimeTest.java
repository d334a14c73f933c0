package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.builtin_interfaces.Duration;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.ResetArm;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.testing.Prepared;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

@Prepared
class RealTimeTest {
  private static final Time NOW = new Time();

  @Test
  void theArmMovesOnWhetherCommandsComeOrNot() {
    try (var rig = new ArmRig("control_rate_hz:=50.0")) {
      var first = rig.begin(new ResetArm.Request().withTimeLimit(new Duration(0, 500_000_000)));
      for (int tick = 0; tick < 30; tick++) { // beyond the time limit, which waits for a command
        ArmRig.next(rig.joints, joints -> true);
      }
      assertTrue(rig.outcomes.isEmpty());

      double[] goal = first.position();
      goal[0] -= 0.2;
      rig.command(NOW, goal);
      rig.command(NOW, goal); // twice does no harm
      ArmRig.next(rig.joints, joints -> near(goal, joints)); // the command is held
      rig.command(NOW, Double.NaN, 0, 0);
      ArmRig.next(rig.log, log -> log.msg().contains("refused"));
      ArmRig.next(rig.joints, joints -> near(goal, joints));

      assertEquals(Outcome.FAILURE, ArmRig.next(rig.outcomes, o -> true).outcome());
      double[] after = first.position();
      rig.command(NOW, after); // the arm still obeys
      ArmRig.next(rig.joints, joints -> near(after, joints));
    }
  }

  private static boolean near(double[] goal, JointState joints) {
    for (int i = 0; i < goal.length; i++) {
      if (Math.abs(goal[i] - joints.position()[i]) > 0.05) {
        return false;
      }
    }
    return true;
  }

  @Test
  void aCommandFromBeforeAResetIsIgnored() {
    try (var rig = new ArmRig("control_rate_hz:=50.0")) {
      var before = rig.begin(new ResetArm.Request().withSeed(1));
      double[] away = Arrays.stream(before.position()).map(q -> q - 0.4).toArray();
      var after = rig.begin(new ResetArm.Request().withSeed(2));
      rig.command(before.header().stamp(), away);
      for (int tick = 0; tick < 10; tick++) {
        var joints = ArmRig.next(rig.joints, j -> true);
        assertArrayEquals(after.position(), joints.position(), 0.05);
      }
    }
  }
}
