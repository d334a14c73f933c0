package dev.reverie.robot.sense;

import java.util.List;
import java.util.Optional;

/**
 * A joint state and one image of each camera that belong together.
 *
 * @param frames in the order of the policy's cameras
 */
public record SensorSnapshot(JointSample joints, List<CameraFrame> frames) {
  /** Stamp of the observation: that of the joint state. */
  public long stampNanos() {
    return joints.stampNanos();
  }

  /** {@link System#nanoTime} when the last of its inputs came. */
  public long arrivalNanos() {
    long last = joints.arrivalNanos();
    for (CameraFrame frame : frames) {
      last = Math.max(last, frame.arrivalNanos());
    }
    return last;
  }

  /** Returns why the policy must not see it; empty where it may. */
  public Optional<HoldReason> fault() {
    if (joints.fault().isPresent()) {
      return joints.fault();
    }
    return frames.stream().flatMap(frame -> frame.fault().stream()).findFirst();
  }
}
