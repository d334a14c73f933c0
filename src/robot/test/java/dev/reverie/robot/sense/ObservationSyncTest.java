package dev.reverie.robot.sense;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.robot.sense.ObservationSync.Use;
import dev.reverie.rollout.CameraImage;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ObservationSyncTest {
  private static final long MS = 1_000_000;
  private static final ObservationCheck CHECK =
      new ObservationCheck(
          List.of("shoulder", "elbow", "wrist"), List.of("camera"), true, 0.3, () -> 0);

  private final ObservationSync one = sync(0, "camera");

  private static ObservationSync sync(long toleranceMs, String... cameras) {
    var topics = List.of(cameras).stream().map(c -> "/" + c + "/image_raw").toList();
    return new ObservationSync(List.of(cameras), topics, "/joint_states", toleranceMs * MS, false);
  }

  private static JointSample joints(long ms) {
    return new JointSample(ms * MS, new double[3], Optional.empty(), new byte[0], ms * MS);
  }

  private static CameraFrame frame(long ms) {
    var black = new CameraImage(1, 1, new byte[3]);
    return new CameraFrame(ms * MS, () -> black, Optional.empty(), new byte[0], 0, (ms + 3) * MS);
  }

  private static Optional<String> take(ObservationSync sync) {
    return sync.take()
        .map(
            s ->
                s.stampNanos() / MS
                    + " "
                    + s.frames().stream().map(f -> f.stampNanos() / MS).toList());
  }

  @Test
  void anImageAndAJointStateOfOneStampMakeAnObservationInAnyOrder() {
    one.add(joints(100));
    assertTrue(one.take().isEmpty());
    one.add(0, frame(100));
    assertEquals(Optional.of("100 [100]"), take(one));
    assertTrue(one.take().isEmpty(), "each observation once");
    one.add(0, frame(200));
    one.add(joints(200));
    var sensed = one.take().orElseThrow();
    assertEquals(203 * MS, sensed.arrivalNanos());
  }

  @Test
  void inLockStepStampsThatDifferDoNotMatch() {
    one.add(joints(100));
    one.add(0, frame(101));
    assertTrue(one.take().isEmpty());
    assertTrue(one.missing(CHECK).text().contains("0.001 s apart"), one.missing(CHECK).text());
  }

  @Test
  void aLateImageFindsTheJointStateOfItsInstant() {
    var sync = sync(6, "camera");
    for (int ms = 0; ms < 200; ms += 10) {
      sync.add(joints(ms));
    }
    sync.add(0, frame(124));
    assertEquals(Optional.of("120 [124]"), take(sync));
  }

  @Test
  void aNearerJointStateThatComesAfterThePictureMakesNoOtherObservation() {
    var sync = sync(20, "camera");
    sync.add(joints(90));
    sync.add(0, frame(98));
    assertEquals(Optional.of("90 [98]"), take(sync));
    sync.add(joints(100));
    assertTrue(sync.take().isEmpty());
    sync.add(0, frame(131));
    sync.add(joints(130));
    assertEquals(Optional.of("130 [131]"), take(sync));
  }

  @Test
  void aSoundJointStateTakesThePlaceOfOneThatCouldNotBeUsed() {
    var sync = sync(20, "camera");
    var fault = HoldReason.of(HoldReason.Kind.BAD_TARGET, "not a number");
    sync.add(new JointSample(90 * MS, new double[3], Optional.of(fault), new byte[0], 90 * MS));
    sync.add(0, frame(98));
    assertEquals(Optional.of("90 [98]"), take(sync));
    sync.add(joints(100));
    assertEquals(Optional.of("100 [98]"), take(sync));
  }

  @Test
  void theCameraThatIsBehindSetsTheTime() {
    var sync = sync(10, "left", "right");
    sync.add(0, frame(100));
    sync.add(joints(100));
    assertTrue(
        sync.missing(CHECK).text().contains("'right' on '/right/image_raw'"),
        sync.missing(CHECK).text());
    sync.add(0, frame(133));
    sync.add(joints(135));
    sync.add(1, frame(102));
    assertEquals(Optional.of("100 [100, 102]"), take(sync));
  }

  @Test
  void aSilentArmIsNamed() {
    assertTrue(one.missing(CHECK).text().contains("'/joint_states'"), one.missing(CHECK).text());
  }

  @Test
  void afterTheClockWasSetBackObservationsGoOn() {
    one.add(joints(5000));
    one.add(0, frame(5000));
    assertTrue(one.take().isPresent());
    one.add(joints(100));
    one.add(0, frame(100));
    assertEquals(Optional.of("100 [100]"), take(one));
  }

  @Test
  void inLockStepWhatComesAgainIsToldAndWhatComesAfterTheEndIsLate() {
    var lockStep = new ObservationSync(List.of(), List.of(), "/joint_states", 0, true);
    assertEquals(Use.NEW, lockStep.add(joints(100)));
    assertEquals(Use.REPEATED, lockStep.add(joints(100)));
    assertEquals(Optional.of("100 []"), take(lockStep));
    assertTrue(lockStep.newest().isPresent());
    lockStep.endEpisode(200 * MS);
    assertTrue(lockStep.newest().isEmpty(), "it belongs to the episode that has ended");
    assertEquals(Use.LATE, lockStep.add(joints(200)));
    assertEquals(Use.NEW, lockStep.add(joints(300)));
    lockStep.endEpisode(5000 * MS);
    assertEquals(Use.NEW, lockStep.add(joints(100)), "the arm's clock started anew");
  }

  @Test
  void inRealTimeEveryMessageCounts() {
    assertEquals(Use.NEW, one.add(joints(100)));
    assertEquals(Use.NEW, one.add(joints(100)));
    one.endEpisode(200 * MS);
    assertEquals(Use.NEW, one.add(joints(150)));
  }
}
