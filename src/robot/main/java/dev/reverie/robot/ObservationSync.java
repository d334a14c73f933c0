package dev.reverie.robot;

import dev.reverie.robot.HoldReason.Kind;
import dev.reverie.rollout.RolloutTopic;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Puts the images and the joint state together that were taken at the same instant, by their
 * stamps. The newest complete set counts, older ones are passed over. In lock-step, where messages
 * may come again or late, it also decides which of them count. Not thread-safe.
 */
final class ObservationSync {
  /** Half a second of joint states at 500 Hz: an image may come that much later. */
  private static final int JOINT_STATES_KEPT = 256;

  private static final int FRAMES_KEPT = 4;

  /** A stamp that falls back this far means that the arm's clock was set back, or started anew. */
  private static final long CLOCK_JUMP_NANOS = 1_000_000_000L;

  /** Verdict on an input. */
  enum Use {
    NEW,
    /** An input that came before, and asks for its answer again. */
    REPEATED,
    /** An input of an episode that has ended. */
    LATE
  }

  private final List<String> cameras;
  private final List<String> topics;
  private final String jointsTopic;
  private final long toleranceNanos;
  private final boolean lockStep;
  private final Deque<JointSample> joints = new ArrayDeque<>();
  private final List<Deque<CameraFrame>> frames = new ArrayList<>();
  private long takenStampNanos = Long.MIN_VALUE;
  private long endedStampNanos = Long.MIN_VALUE;
  private @Nullable SensorSnapshot newest;

  /**
   * Begins without any input.
   *
   * @param cameras names, in the order of the policy
   * @param topics of the cameras, to be named when one is silent
   * @param toleranceNanos between the stamps of one observation
   * @param lockStep whether time stands still between the observations
   */
  ObservationSync(
      List<String> cameras,
      List<String> topics,
      String jointsTopic,
      long toleranceNanos,
      boolean lockStep) {
    this.cameras = cameras;
    this.topics = topics;
    this.jointsTopic = jointsTopic;
    this.toleranceNanos = toleranceNanos;
    this.lockStep = lockStep;
    cameras.forEach(camera -> frames.add(new ArrayDeque<>()));
  }

  static ObservationSync of(RobotParameters parameters) {
    return new ObservationSync(
        parameters.task().cameraNames(),
        parameters.cameraTopics(),
        RolloutTopic.JOINT_STATES.name(),
        Math.round(parameters.syncToleranceS() * 1e9),
        parameters.lockStep());
  }

  Use add(JointSample sample) {
    JointSample last = joints.peekLast();
    Use use = use(sample.stampNanos(), last == null ? Long.MIN_VALUE : last.stampNanos());
    if (use != Use.NEW) {
      return use;
    }
    if (!joints.isEmpty()
        && sample.stampNanos() < joints.getLast().stampNanos() - CLOCK_JUMP_NANOS) {
      reset();
    }
    keep(joints, sample, JOINT_STATES_KEPT);
    return Use.NEW;
  }

  Use add(int camera, CameraFrame frame) {
    CameraFrame last = frames.get(camera).peekLast();
    Use use = use(frame.stampNanos(), last == null ? Long.MIN_VALUE : last.stampNanos());
    if (use == Use.NEW) {
      keep(frames.get(camera), frame, FRAMES_KEPT);
    }
    return use;
  }

  private Use use(long stampNanos, long lastStampNanos) {
    if (!lockStep) {
      return Use.NEW;
    }
    if (stampNanos <= endedStampNanos) {
      if (stampNanos >= endedStampNanos - CLOCK_JUMP_NANOS) {
        return Use.LATE;
      }
      endedStampNanos = Long.MIN_VALUE; // the arm's clock started anew
    }
    return stampNanos == lastStampNanos ? Use.REPEATED : Use.NEW;
  }

  /** Ends an episode: no observation up to this stamp concerns a later one. */
  void endEpisode(long stampNanos) {
    endedStampNanos = stampNanos;
    newest = null;
  }

  /** Returns the observation that was taken last since the end of an episode. */
  Optional<SensorSnapshot> newest() {
    return Optional.ofNullable(newest);
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

  /** Takes the newest complete set, once; empty while there is none newer than the last one. */
  Optional<SensorSnapshot> take() {
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
    newest = new SensorSnapshot(sample, matched);
    return Optional.of(newest);
  }

  /** Returns why there is no complete set; to be asked when one is overdue. */
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
