package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Duration;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.ResetArm;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.testing.Prepared;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@Prepared
class LockStepTest {
  private static final long PERIOD = 100_000_000L;

  private static long stamp(JointState joints) {
    return Stamps.nanos(joints.header().stamp());
  }

  @Test
  void everyCommandIsAnsweredByTheNextObservationUntilTheTimeLimit() {
    try (var rig = new ArmRig("lock_step:=true")) {
      var first = rig.begin(new ResetArm.Request().withTimeLimit(new Duration(1, 0)));
      JointState now = first;
      for (int tick = 0; tick < 10; tick++) {
        rig.command(now.header().stamp(), now.position());
        now = rig.observation(stamp(first) + (tick + 1) * PERIOD);
      }
      var outcome = ArmRig.next(rig.outcomes, o -> true);
      assertEquals(Outcome.FAILURE, outcome.outcome());
      assertEquals(now.header().stamp(), outcome.header().stamp());
      assertTrue(outcome.reason().contains("time limit of 10 ticks"), outcome.reason());

      rig.command(now.header().stamp(), now.position()); // answers the last observation
      var next = rig.begin(new ResetArm.Request());
      assertEquals(stamp(now) + PERIOD, stamp(next), "stamps grow over resets");
    }
  }

  @Test
  void commandsThatMakeNoSenseAreRefusedAndTheArmHolds() {
    try (var rig = new ArmRig("lock_step:=true")) {
      var first = rig.begin(new ResetArm.Request().withSeed(4));
      Time stamp = first.header().stamp();
      double[] there = first.position();

      rig.command(stamp, there[0], Double.NaN, there[2]);
      stamp = refused(rig, stamp, there, "finite");
      rig.command(stamp, there[0], there[1], Double.POSITIVE_INFINITY);
      stamp = refused(rig, stamp, there, "finite");
      rig.command(stamp, List.of("shoulder", "elbow", "gripper"), there);
      stamp = refused(rig, stamp, there, "gripper");
      rig.command(stamp, List.of("shoulder", "elbow"), there[0], there[1]);
      stamp = refused(rig, stamp, there, "name each once");
      rig.command(stamp, there[0], there[1]);
      stamp = refused(rig, stamp, there, "2 positions for 3 joints");
      rig.publish(new JointTrajectory(new Header(stamp, ""), PegArm.JOINTS, List.of()));
      refused(rig, stamp, there, "no points");
    }
  }

  private static Time refused(ArmRig rig, Time stamp, double[] there, String why) {
    var next = rig.observation(Stamps.nanos(stamp) + PERIOD);
    assertArrayEquals(there, next.position(), 0.03); // the noise of the actuators
    ArmRig.next(rig.log, log -> log.msg().contains(why));
    return next.header().stamp();
  }

  @Test
  void onlyOneCommandWithTheRightStampMovesTimeOn() throws Exception {
    try (var rig = new ArmRig("lock_step:=true")) {
      var first = rig.begin(new ResetArm.Request().withSeed(4));
      rig.command(Stamps.time(stamp(first) - PERIOD), first.position());
      rig.command(Stamps.time(0), first.position());
      rig.command(first.header().stamp(), first.position());
      rig.command(first.header().stamp(), first.position());
      rig.observation(stamp(first) + PERIOD);
      assertEquals(null, rig.joints.poll(500, TimeUnit.MILLISECONDS));
    }
  }

  @Test
  void whoIsMissingIsSaidAndTheObservationRepeated() {
    try (var rig = new ArmRig("lock_step:=true", "command_timeout_s:=0.3")) {
      var first = rig.begin(new ResetArm.Request());
      rig.observation(stamp(first)); // once more
      rig.command(first.header().stamp(), first.position());
      var second = rig.observation(stamp(first) + PERIOD);
      rig.command(Stamps.time(42), second.position());
      ArmRig.next(rig.log, log -> log.msg().contains("must carry the stamp of its observation"));
      rig.observation(stamp(second)); // once more
    }
  }

  @Test
  void betweenEpisodesNothingIsPublished() throws Exception {
    try (var rig = new ArmRig("lock_step:=true")) {
      assertEquals(null, rig.joints.poll(1, TimeUnit.SECONDS));
      var first = rig.begin(new ResetArm.Request().withTimeLimit(new Duration(0, 1)));
      rig.command(first.header().stamp(), first.position());
      rig.observation(stamp(first) + PERIOD);
      assertEquals(null, rig.joints.poll(1, TimeUnit.SECONDS));
    }
  }

  @Test
  void aResetInMidEpisodeBeginsTheSameEpisodeAnew() {
    try (var rig = new ArmRig("lock_step:=true")) {
      var request = new ResetArm.Request().withSeed(9);
      var first = rig.begin(request);
      rig.command(first.header().stamp(), -2.2, 1.6, 0.6);
      var second = rig.observation(stamp(first) + PERIOD);

      var again = rig.begin(request);
      assertArrayEquals(first.position(), again.position());
      rig.command(second.header().stamp(), -2.5, 1.6, 0.6); // was on its way
      rig.command(again.header().stamp(), -2.2, 1.6, 0.6);
      var secondAgain = rig.observation(stamp(again) + PERIOD);
      assertArrayEquals(second.position(), secondAgain.position());
    }
  }

  @Test
  void aResetThatMakesNoSenseIsRefusedAndChangesNothing() {
    try (var rig = new ArmRig("lock_step:=true")) {
      var first = rig.begin(new ResetArm.Request().withInstruction("the green slot, please"));
      var refused = rig.reset(new ResetArm.Request().withInstruction("open the drawer"));
      assertFalse(refused.success());
      assertTrue(refused.message().contains("open the drawer"), refused.message());
      assertFalse(rig.reset(new ResetArm.Request().withTimeLimit(new Duration(-1, 0))).success());
      rig.command(first.header().stamp(), first.position());
      rig.observation(stamp(first) + PERIOD);
    }
  }

  @Test
  void unusableParametersAreRefusedAtTheStart() {
    for (String parameter :
        List.of("control_rate_hz:=7.0", "image_size:=0", "command_timeout_s:=0.0")) {
      var refusal = assertThrows(IllegalArgumentException.class, () -> new ArmRig(parameter));
      String value = parameter.substring(parameter.indexOf('=') + 1);
      assertTrue(String.valueOf(refusal.getMessage()).contains(value), refusal.toString());
    }
  }
}
