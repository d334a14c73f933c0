package dev.reverie.rollout;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Command;
import java.util.Map;

/**
 * One control tick: what was observed, and what was done about it.
 *
 * @param action as the policy or the person gave it, [D], normalised to [-1, 1]; empty where the
 *     arm was held still instead; must not be changed
 * @param command what was sent to the arm after the safety gate
 */
public record Step(RecordedObservation observation, float[] action, Command command) {
  /** The arm was held still: no action of a policy or a person was due. */
  public boolean held() {
    return action.length == 0;
  }

  /** Of the observation that was answered. */
  public long stampNanos() {
    return Stamps.nanos(command.header().stamp());
  }

  /** By camera name. */
  public Map<String, CameraImage> images() {
    return observation.images();
  }

  /** Rad, in the order of {@link Episode#jointNames}. */
  public double[] jointPositions() {
    return observation.jointPositions();
  }
}
