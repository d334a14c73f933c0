package dev.reverie.robot.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.ArmFile.From;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.robot.TestBundles;
import dev.reverie.robot.control.Ticks.Due;
import dev.reverie.robot.sense.HoldReason;
import dev.reverie.robot.sense.JointSample;
import dev.reverie.robot.sense.SensorSnapshot;
import dev.reverie.robot.setup.Execution;
import dev.reverie.robot.setup.GuardParameters;
import dev.reverie.robot.setup.JointInput;
import dev.reverie.robot.setup.MotionParameters;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.robot.setup.SwapParameters;
import dev.reverie.rollout.JointNames;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Ticks at 10 Hz, and when they are due; an episode ends after 2 s in which nothing moves the arm.
 */
class TicksTest {
  private static final long MS = 1_000_000L;
  private static final HoldReason BLIND = HoldReason.of(HoldReason.Kind.NO_OBSERVATION, "");

  private static Ticks ticks(boolean lockStep) {
    var ticks =
        new Ticks(
            new RobotParameters(
                Optional.empty(),
                TestBundles.spec().task(),
                "bundle",
                "rollouts",
                10,
                lockStep,
                List.of(),
                List.of(),
                new JointInput(List.of(), JointNames.SAME),
                Map.of(),
                "joint_trajectory",
                0.3,
                0.02,
                2,
                false,
                "",
                1,
                Execution.CPU,
                List.of(),
                true,
                MotionParameters.of(From.MEASURED),
                GuardParameters.DEFAULT,
                SwapParameters.DEFAULT));
    ticks.begin(0);
    return ticks;
  }

  private static JointSample joints(long ms) {
    return new JointSample(ms * MS, new double[1], Optional.empty(), new byte[0], ms * MS);
  }

  private static Tick sent(long ms) {
    var action =
        new ActionQueue.Action(new Chunk(0, Command.POLICY, 0, new float[1], 1), 0, new float[1]);
    return new Tick.Sent(0, joints(ms), new double[1], action, Optional.empty(), List.of());
  }

  private static Tick held(long ms) {
    return new Tick.Held(0, joints(ms), new double[1], BLIND);
  }

  private static Ticks opened(boolean lockStep) {
    Ticks ticks = ticks(lockStep);
    ticks.open(new SensorSnapshot(joints(1000), List.of()), 1000 * MS);
    ticks.after(sent(1000), 1000 * MS, 1000 * MS);
    return ticks;
  }

  @Test
  void theFirstObservationIsMissedAfterHalfASecond() {
    Ticks ticks = ticks(false);
    assertEquals(Due.NOTHING, ticks.due(false, 400 * MS));
    assertEquals(Due.FIRST_OBSERVATION, ticks.due(false, 600 * MS));
    assertEquals(Due.TICK, ticks.due(true, 600 * MS));
  }

  @Test
  void aTickFollowsItsObservationAndGoesWithoutItHalfAPeriodLate() {
    Ticks ticks = opened(false);
    assertTrue(ticks.answeredLast(1000 * MS));
    assertFalse(ticks.unanswered(joints(1000)));
    assertEquals(Due.NOTHING, ticks.due(true, 1090 * MS));
    assertEquals(Due.TICK, ticks.due(true, 1100 * MS));
    assertEquals(Due.NOTHING, ticks.due(false, 1100 * MS));
    assertEquals(Due.OVERDUE, ticks.due(false, 1150 * MS));
    ticks.after(new Tick.Blind(BLIND), 1150 * MS, 0);
    assertEquals(Due.NOTHING, ticks.due(false, 1150 * MS));
  }

  /**
   * Ticks of two seconds that answer a picture, and that go without one: pictures at 10 Hz, joint
   * states at 100 Hz, and a look each 10 ms.
   *
   * @param lost the picture that does not come
   * @param phaseMs of the looks
   */
  private static int[] answered(int lost, int phaseMs) {
    Ticks ticks = opened(false);
    JointSample seen = joints(1000);
    int[] answered = new int[2];
    for (long ms = 1001; ms < 3050; ms++) {
      boolean picture = ms % 100 == 0 && ms != 1000 + 100 * lost;
      boolean takes = false;
      if (picture) {
        seen = joints(ms);
        takes = ticks.takes(ms * MS);
      }
      boolean looks = ms % 10 == phaseMs;
      Due due = looks ? ticks.due(ticks.unanswered(seen), ms * MS) : Due.NOTHING;
      if (takes || due == Due.TICK) {
        ticks.after(sent(seen.stampNanos() / MS), ms * MS, seen.arrivalNanos());
        answered[0]++;
      } else if (due == Due.OVERDUE) {
        ticks.after(sent(ms / 10 * 10), ms * MS, ms / 10 * 10 * MS);
        answered[1]++;
      }
    }
    return answered;
  }

  @Test
  void aMissingPictureCostsOneTick() {
    for (int phaseMs = 0; phaseMs < 10; phaseMs++) {
      assertArrayEquals(new int[] {20, 0}, answered(0, phaseMs));
      assertArrayEquals(new int[] {19, 1}, answered(7, phaseMs), "looks at " + phaseMs + " ms");
    }
  }

  @Test
  void aPictureThatCameLateIsAnsweredAlthoughItsStampIsOld() {
    Ticks ticks = opened(false);
    ticks.after(held(1095), 1150 * MS, 1095 * MS); // the newest joint state, for want of a picture
    var late = new JointSample(1010 * MS, new double[1], Optional.empty(), new byte[0], 1160 * MS);
    assertTrue(ticks.unanswered(new SensorSnapshot(late, List.of())));
  }

  @Test
  void inLockStepOnlyObservationsMakeTicks() {
    Ticks ticks = opened(true);
    assertTrue(ticks.takes(1001 * MS));
    assertEquals(Due.NOTHING, ticks.due(true, 1900 * MS));
  }

  @Test
  void anEpisodeInWhichNothingMovesTheArmEndsAlthoughItIsHeldStill() {
    for (boolean lockStep : new boolean[] {false, true}) {
      Ticks ticks = opened(lockStep);
      ticks.after(held(2900), 2900 * MS, 2900 * MS);
      assertEquals(Due.END, ticks.due(true, 3001 * MS));
      ticks.after(sent(3000), 3001 * MS, 3000 * MS);
      assertFalse(ticks.due(true, 3002 * MS) == Due.END);
    }
  }
}
