package dev.reverie.robot.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.reverie.arm.JointBounds;
import dev.reverie.arm.JointSpace;
import dev.reverie.robot.sense.SenderClock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A joint that a person moves by 1 rad a second. */
class TeleopPathTest {
  private static final long MS = 1_000_000L;

  private static final JointSpace JOINT = joint(false);

  private final TeleopPath path = new TeleopPath();

  private static TeleopCommand command(String source, long saidMs, double position) {
    return new TeleopCommand(
        source, 0, new double[] {position}, Optional.empty(), saidMs * MS, saidMs * MS);
  }

  private static JointSpace joint(boolean continuous) {
    double none = Double.POSITIVE_INFINITY;
    return new JointSpace(
        List.of(new JointBounds("j", "rad", continuous, -none, none, 3, none, none, none)));
  }

  private TeleopCommand said(long ms) {
    TeleopCommand command = command("ada", ms, ms / 1e3);
    path.add(command);
    return command;
  }

  @Test
  void aTickTakesWhatWasCommandedAtAnEvenTime() {
    TeleopCommand newest = said(0);
    double before = 0;
    long said = 0;
    for (int tick = 1; tick < 100; tick++) {
      long at = 50L * tick;
      while (said + 10 + said % 3 <= at + tick % 2 * 7L) { // ticks come late, commands unevenly
        said += 10 + said % 3;
        newest = said(said);
      }
      double now = path.at(newest, at * MS, JOINT).positions()[0];
      if (tick > 3) {
        assertEquals(0.05, now - before, 0.002, "tick " + tick);
        assertEquals(at / 1e3, now, 0.02, "not long ago");
      }
      before = now;
    }
  }

  @Test
  void whoCommandsAsOftenAsTheTicksIsNotDelayed() {
    said(0);
    for (long ms = 100; ms < 2000; ms += 100) {
      TeleopCommand newest = said(ms);
      assertEquals(ms / 1e3, path.at(newest, (ms + 30) * MS, JOINT).positions()[0], 1e-6);
    }
  }

  @Test
  void aPersonWhoFallsSilentStaysWhereTheyCommanded() {
    said(0);
    TeleopCommand newest = said(10);
    for (long ms = 20; ms < 400; ms += 50) {
      double now = path.at(newest, ms * MS, JOINT).positions()[0];
      assertEquals(0.01, now, ms < 50 ? 0.01 : 1e-9, ms + " ms");
    }
  }

  @Test
  void betweenTwoCommandsAContinuousJointGoesTheShortWayThroughPi() {
    path.add(command("ada", 0, 3.1));
    TeleopCommand newest = command("ada", 10, -3.1);
    path.add(newest);
    for (long ms = 0; ms < 200; ms += 5) {
      double now = path.at(newest, ms * MS, joint(true)).positions()[0];
      assertEquals(Math.PI, Math.abs(now), 0.2, ms + " ms");
    }
  }

  @Test
  void anotherPersonBeginsAnewAndSoDoesOneWhoPaused() {
    said(0);
    said(10);
    TeleopCommand other = command("eve", 20, 5);
    path.add(other);
    assertSame(other, path.at(other, 25 * MS, JOINT));
    TeleopCommand again = command("eve", 900, 6);
    path.add(again);
    assertSame(again, path.at(again, 905 * MS, JOINT));
  }

  @Test
  void aSendersClockIsAnotherOneAndWhatIsLongUnderWayDoesNotMoveIt() {
    var clock = new SenderClock();
    assertEquals(101 * MS, clock.sentNanos(5001 * MS, 101 * MS));
    assertEquals(111 * MS, clock.sentNanos(5011 * MS, 118 * MS), MS / 10);
    assertEquals(121 * MS, clock.sentNanos(5021 * MS, 122 * MS), MS / 10);
    assertEquals(130 * MS, clock.sentNanos(5021 * MS, 130 * MS), "its stamps stand still");
    assertEquals(141 * MS, clock.sentNanos(1000 * MS, 141 * MS), "it was set");
    assertEquals(150 * MS, clock.sentNanos(0, 150 * MS), "no stamp");
  }
}
