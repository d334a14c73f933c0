package dev.reverie.robot.sense;

import dev.reverie.robot.sense.HoldReason.Kind;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.rollout.MergedJoints;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Puts the images and the joint state together that were taken at the same instant, by their
 * stamps. The newest complete set counts, older ones are passed over. In lock-step, where messages
 * may come again or late, it also decides which of them count. Not thread-safe.
 */
public final class ObservationSync {
  /** Half a second of joint states at 500 Hz: an image may come that much later. */
  private static final int JOINT_STATES_KEPT = 256;

  private static final int FRAMES_KEPT = 4;

  /** A stamp that falls back this far means that the arm's clock was set back, or started anew. */
  private static final long CLOCK_JUMP_NANOS = MergedJoints.JUMP_NANOS;

  /** Time by which an episode's clock may lag behind its label in lock-step. */
  private static final long ENDED_NANOS = 1_000_000_000L;

  /** Verdict on an input. */
  public enum Use {
    NEW,
    /** An input that came before, and asks for its answer again. */
    REPEATED,
    /** A joint state that waits for the other joints of its instant. */
    PART,
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
  private @Nullable JointSample latest; // also one that goes with nothing

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

  public static ObservationSync of(RobotParameters parameters) {
    return new ObservationSync(
        parameters.task().cameraNames(),
        parameters.cameraTopics(),
        String.join("' or '", parameters.joints().topics()),
        Math.round(parameters.syncToleranceS() * 1e9),
        parameters.lockStep());
  }

  public Use add(JointSample sample) {
    latest = sample;
    boolean unstamped = sample.stampNanos() == 0 && sample.fault().isPresent();
    if (unstamped) {
      return Use.NEW;
    }
    if (lockStep && sample.fault().isEmpty() && !sample.isOfOneInstant()) {
      return Use.PART;
    }
    JointSample last = joints.peekLast();
    Use use = use(sample.stampNanos(), stampNanos(last));
    if (use != Use.NEW) {
      return use;
    }
    if (last != null && sample.stampNanos() < last.stampNanos() - CLOCK_JUMP_NANOS) {
      reset(sample.stampNanos());
    }
    keep(joints, sample, JointSample::stampNanos, JOINT_STATES_KEPT);
    return Use.NEW;
  }

  /** Stamp of a joint state; one that cannot be used may come again whole. */
  private static long stampNanos(@Nullable JointSample last) {
    return last == null || last.fault().isPresent() ? Long.MIN_VALUE : last.stampNanos();
  }

  public Use add(int camera, CameraFrame frame) {
    Deque<CameraFrame> ring = frames.get(camera);
    CameraFrame last = ring.peekLast();
    Use use = use(frame.stampNanos(), last == null ? Long.MIN_VALUE : last.stampNanos());
    if (use == Use.NEW) {
      if (last != null && frame.stampNanos() < last.stampNanos() - CLOCK_JUMP_NANOS) {
        ring.clear();
      }
      keep(ring, frame, CameraFrame::stampNanos, FRAMES_KEPT);
    }
    return use;
  }

  private Use use(long stampNanos, long lastStampNanos) {
    if (!lockStep) {
      return Use.NEW;
    }
    if (stampNanos <= endedStampNanos) {
      if (stampNanos >= endedStampNanos - ENDED_NANOS) {
        return Use.LATE;
      }
      endedStampNanos = Long.MIN_VALUE; // the arm's clock started anew
    }
    return stampNanos == lastStampNanos ? Use.REPEATED : Use.NEW;
  }

  /** Ends an episode: no observation up to this stamp concerns a later one. */
  public void endEpisode(long stampNanos) {
    endedStampNanos = stampNanos;
    newest = null;
  }

  /** Returns the observation that was taken last since the end of an episode. */
  public Optional<SensorSnapshot> newest() {
    return Optional.ofNullable(newest);
  }

  /** Forgets all that came before: the clock starts anew. */
  private void reset(long stampNanos) {
    joints.clear();
    frames.forEach(
        ring -> ring.removeIf(f -> Math.abs(f.stampNanos() - stampNanos) > CLOCK_JUMP_NANOS));
    takenStampNanos = Long.MIN_VALUE;
    newest = null;
  }

  /** Keeps the newest by stamp; one that was overtaken is passed over. */
  private static <T> void keep(Deque<T> kept, T next, ToLongFunction<T> stampOf, int limit) {
    T last = kept.peekLast();
    if (last != null && stampOf.applyAsLong(next) < stampOf.applyAsLong(last)) {
      return;
    }
    if (last != null && stampOf.applyAsLong(next) == stampOf.applyAsLong(last)) {
      kept.removeLast(); // the later one tells more
    } else if (kept.size() == limit) {
      kept.removeFirst();
    }
    kept.addLast(next);
  }

  public Optional<JointSample> newestJoints() {
    return Optional.ofNullable(joints.peekLast());
  }

  /** Takes the newest complete set, once; empty while there is none newer than the last one. */
  public Optional<SensorSnapshot> take() {
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
    if (!lockStep && newest != null && newest.fault().isEmpty() && shows(newest, matched)) {
      return Optional.empty();
    }
    takenStampNanos = sample.stampNanos();
    newest = new SensorSnapshot(sample, matched);
    return Optional.of(newest);
  }

  /**
   * Returns whether these pictures are those of an observation. A joint state nearer to them that
   * comes after them makes no other one: the ticks fall into step with the pictures.
   */
  private static boolean shows(SensorSnapshot sensed, List<CameraFrame> frames) {
    return !frames.isEmpty() && sensed.frames().equals(frames);
  }

  /** Returns why there is no complete set that is fresh; to be asked when one is overdue. */
  public HoldReason missing(ObservationCheck check) {
    @Nullable JointSample last = latest;
    if (last == null) {
      return HoldReason.about(
          Kind.NO_JOINT_STATE,
          "",
          "no joint state on '%s' yet; start the arm's driver, or remap joint_states",
          jointsTopic);
    }
    for (int i = 0; i < cameras.size(); i++) {
      if (last.fault().isEmpty() && frames.get(i).isEmpty()) {
        return HoldReason.about(
            Kind.NO_IMAGE,
            cameras.get(i),
            "no image of camera '%s' on '%s' yet; start the camera, or set camera.%s.topic",
            cameras.get(i),
            topics.get(i),
            cameras.get(i));
      }
    }
    List<CameraFrame> images =
        frames.stream().map(Deque::peekLast).filter(Objects::nonNull).toList();
    return last.fault()
        .or(() -> images.stream().flatMap(frame -> frame.fault().stream()).findFirst())
        .or(() -> check.stale(last, images))
        .or(() -> apart(last, images))
        .or(() -> lockStep ? check.apart(last) : Optional.empty())
        .orElseGet(
            () ->
                HoldReason.of(
                    Kind.NO_OBSERVATION,
                    "no new observation since the last tick; the camera or the arm's driver is slower"
                        + " than control_rate_hz"));
  }

  private Optional<HoldReason> apart(JointSample joints, List<CameraFrame> images) {
    for (int i = 0; i < images.size(); i++) {
      long apart = Math.abs(images.get(i).stampNanos() - joints.stampNanos());
      if (apart > toleranceNanos) {
        return Optional.of(
            HoldReason.about(
                Kind.NOT_IN_STEP,
                cameras.get(i),
                "newest image of camera '%s' and newest joint state are stamped %.3f s apart, %.3f s"
                    + " is allowed; check that both run, or set sync_tolerance_s",
                cameras.get(i),
                apart / 1e9,
                toleranceNanos / 1e9));
      }
    }
    return Optional.empty();
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
