package dev.reverie.rollout;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Command;
import java.util.Map;

/**
 * A step of an episode, one control tick: what was observed, and what was done about it.
 *
 * @param action as the policy or the person gave it, [D], normalised to [-1, 1]; empty where the
 *     arm was held still instead; must not be changed
 * @param command what was sent to the arm after the safety gate
 */
public record Step(RecordedObservation observation, float[] action, Command command) {
  /** Returns whether the arm was held still: no action of a policy or a person was due. */
  public boolean held() {
    return action.length == 0;
  }

  /** The stamp of the observation that was answered. */
  public long stampNanos() {
    return Stamps.nanos(command.header().stamp());
  }

  /** The pictures of the observation by camera name. */
  public Map<String, CameraImage> images() {
    return observation.images();
  }

  /** The measured positions, rad, in the order of {@link Episode#jointNames}. */
  public double[] jointPositions() {
    return observation.jointPositions();
  }
}
