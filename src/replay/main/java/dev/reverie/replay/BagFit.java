package dev.reverie.replay;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.policy.BundleSpec;
import dev.reverie.robot.sense.CameraFrame;
import dev.reverie.robot.sense.FrameReader;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.Step;
import java.util.List;

/** Refuses recorded episodes that a policy cannot be given: another arm, rate, clock or camera. */
final class BagFit {
  /** Share by which the control period may differ from the policy's. */
  private static final double PERIOD_TOLERANCE = 1e-3;

  private BagFit() {}

  /** Checks what the episode's own messages tell. */
  static void require(Episode episode, BundleSpec spec) {
    requireJoints(episode, spec.jointNames());
    requirePeriod(episode, spec.chunk().periodS());
    requireClock(episode.steps());
  }

  private static void requireJoints(Episode episode, List<String> joints) {
    for (String joint : joints) {
      if (!episode.jointNames().contains(joint)) {
        throw new ReplayException(
            "it is of another arm: its commands move %s, and the policy needs joint '%s' of %s; replay it with a policy of that arm"
                .formatted(episode.jointNames(), joint, joints));
      }
    }
  }

  private static void requirePeriod(Episode episode, double wanted) {
    for (ActionChunk chunk : episode.chunks()) {
      double period = Stamps.nanos(chunk.period()) / 1e9;
      if (period > 0 && Math.abs(period - wanted) > PERIOD_TOLERANCE * wanted) {
        throw new ReplayException(
            "it was recorded at %s s a tick, and the policy acts every %s s; replay it with a policy of its rate"
                .formatted(period, wanted));
      }
    }
  }

  /**
   * Requires that in lock-step an observation gets one command; a clock that jumped back is refused
   * before.
   */
  private static void requireClock(List<Step> steps) {
    for (int i = 1; i < steps.size(); i++) {
      if (steps.get(i).stampNanos() <= steps.get(i - 1).stampNanos()) {
        throw new ReplayException(
            "its commands %d and %d answer the same observation; which of them counts cannot be told, leave the bag out"
                .formatted(steps.get(i - 1).command().tick(), steps.get(i).command().tick()));
      }
    }
  }

  /**
   * Checks that the policy can look at the first picture of each camera.
   *
   * @param firstImages CDR, in the order of the policy's cameras
   * @param compressed whether each camera is recorded as JPEG or PNG
   */
  static void requirePictures(
      List<BundleSpec.Camera> cameras, List<byte[]> firstImages, List<Boolean> compressed) {
    for (int i = 0; i < cameras.size(); i++) {
      var reader = new FrameReader(cameras.get(i), compressed.get(i));
      CameraFrame frame = reader.read(firstImages.get(i), 0);
      frame
          .fault()
          .ifPresent(
              fault -> {
                throw new ReplayException(fault.text());
              });
      try {
        var _ = frame.picture().get();
      } catch (IllegalArgumentException e) {
        throw new ReplayException(String.valueOf(e.getMessage()), e);
      }
    }
  }
}
