package dev.reverie.robot;

import dev.reverie.robot.HoldReason.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Puts the images and the joint state together that were taken at the same instant, by their
 * stamps. The newest complete set counts, older ones are passed over. Not thread-safe.
 */
final class ObservationSync {

  /** Half a second of joint states at 500 Hz: an image may come that much later. */
  private static final int JOINT_STATES_KEPT = 256;

  private static final int FRAMES_KEPT = 4;

  /** A stamp that falls back this far means that the arm's clock was set back, or started anew. */
  private static final long CLOCK_JUMP_NANOS = 1_000_000_000L;

  private final List<String> cameras;
  private final List<String> topics;
  private final String jointsTopic;
  private final long toleranceNanos;
  private final Deque<JointSample> joints = new ArrayDeque<>();
  private final List<Deque<CameraFrame>> frames = new ArrayList<>();
  private long takenStampNanos = Long.MIN_VALUE;

  /**
   * @param cameras names, in the order of the policy
   * @param topics of the cameras, to be named when one is silent
   * @param toleranceNanos between the stamps of one observation; 0 in lock-step
   */
  ObservationSync(
      List<String> cameras, List<String> topics, String jointsTopic, long toleranceNanos) {
    this.cameras = cameras;
    this.topics = topics;
    this.jointsTopic = jointsTopic;
    this.toleranceNanos = toleranceNanos;
    cameras.forEach(camera -> frames.add(new ArrayDeque<>()));
  }

  void add(JointSample sample) {
    if (!joints.isEmpty()
        && sample.stampNanos() < joints.getLast().stampNanos() - CLOCK_JUMP_NANOS) {
      reset();
    }
    keep(joints, sample, JOINT_STATES_KEPT);
  }

  void add(int camera, CameraFrame frame) {
    keep(frames.get(camera), frame, FRAMES_KEPT);
  }

  /** Forgets everything: the clock starts anew. */
  private void reset() {
    joints.clear();
    frames.forEach(Deque::clear);
    takenStampNanos = Long.MIN_VALUE;
  }

  private static <T> void keep(Deque<T> kept, T newest, int limit) {
    if (kept.size() == limit) {
      kept.removeFirst();
    }
    kept.addLast(newest);
  }

  Optional<JointSample> newestJoints() {
    return Optional.ofNullable(joints.peekLast());
  }

  Optional<CameraFrame> newestFrame(int camera) {
    return Optional.ofNullable(frames.get(camera).peekLast());
  }

  /** The newest complete set, once; empty while there is none newer than the last one taken. */
  Optional<Sensed> take() {
    if (joints.isEmpty()) {
      return Optional.empty();
    }
    long reference = cameras.isEmpty() ? joints.getLast().stampNanos() : Long.MAX_VALUE;
    for (Deque<CameraFrame> ring : frames) { // the camera that is behind sets the time
      if (ring.isEmpty()) {
        return Optional.empty();
      }
      reference = Math.min(reference, ring.getLast().stampNanos());
    }
    JointSample sample = nearest(joints, reference, JointSample::stampNanos);
    if (sample == null || sample.stampNanos() <= takenStampNanos) {
      return Optional.empty();
    }
    List<CameraFrame> matched = new ArrayList<>(frames.size());
    for (Deque<CameraFrame> ring : frames) {
      CameraFrame frame = nearest(ring, reference, CameraFrame::stampNanos);
      if (frame == null) {
        return Optional.empty();
      }
      matched.add(frame);
    }
    takenStampNanos = sample.stampNanos();
    return Optional.of(new Sensed(sample, matched));
  }

  /** Why there is no complete set; to be asked when one is overdue. */
  HoldReason missing() {
    if (joints.isEmpty()) {
      return HoldReason.about(
          Kind.NO_JOINT_STATE,
          "",
          "no joint state on '%s' yet; start the arm's driver, or remap joint_states",
          jointsTopic);
    }
    long stamp = joints.getLast().stampNanos();
    for (int i = 0; i < cameras.size(); i++) {
      if (frames.get(i).isEmpty()) {
        return HoldReason.about(
            Kind.NO_IMAGE,
            cameras.get(i),
            "no image of camera '%s' on '%s' yet; start the camera, or set camera.%s.topic",
            cameras.get(i),
            topics.get(i),
            cameras.get(i));
      }
    }
    for (int i = 0; i < cameras.size(); i++) {
      long apart = Math.abs(frames.get(i).getLast().stampNanos() - stamp);
      if (apart > toleranceNanos) {
        return HoldReason.about(
            Kind.NOT_IN_STEP,
            cameras.get(i),
            "newest image of camera '%s' and newest joint state are stamped %.3f s apart, %.3f s is"
                + " allowed; check that both run, or set sync_tolerance_s",
            cameras.get(i),
            apart / 1e9,
            toleranceNanos / 1e9);
      }
    }
    return HoldReason.of(
        Kind.NO_OBSERVATION,
        "no new observation since the last tick; check the camera and the arm's driver");
  }

  private <T> @Nullable T nearest(Deque<T> ring, long stamp, ToLongFunction<T> stampOf) {
    @Nullable T best = null;
    long distance = Long.MAX_VALUE;
    for (T item : (Iterable<T>) ring::descendingIterator) {
      long d = Math.abs(stampOf.applyAsLong(item) - stamp);
      if (d >= distance) {
        break; // stamps only grow: it gets no nearer further back
      }
      distance = d;
      best = item;
    }
    return distance <= toleranceNanos ? best : null;
  }
}
