package dev.reverie.robot;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Observation;
import dev.reverie.policy.OnnxOptions;
import dev.reverie.policy.OnnxPolicy;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Tokenizer;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.CameraImage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A checked policy bundle with its warmed-up session.
 *
 * @param cameras that the node sees, by name, in the order of its snapshots
 */
public record LivePolicy(
    BundleSpec spec, OnnxPolicy session, Tokenizer tokenizer, List<String> cameras)
    implements AutoCloseable {
  private static final int WARM_UPS = 10;

  /** Takes some tens of milliseconds and more: not for the control thread. */
  public static LivePolicy open(
      PolicyBundle bundle, int threads, Map<String, CameraCalibration> calibrations) {
    var policy =
        new LivePolicy(
            bundle.spec(),
            OnnxPolicy.open(bundle, OnnxOptions.cpu(threads), calibrations),
            new Tokenizer(bundle.spec().vocabulary()),
            bundle.spec().task().cameraNames());
    policy.warmUp(calibrations);
    return policy;
  }

  /** Returns the same for a node that sees more cameras, or in another order. */
  LivePolicy seeing(List<String> seen) {
    return new LivePolicy(spec, session, tokenizer, seen);
  }

  /** Warms up what stands around the session, which is warm already. */
  private void warmUp(Map<String, CameraCalibration> calibrations) {
    Map<String, CameraImage> black = new HashMap<>();
    for (BundleSpec.Camera camera : spec.cameras()) {
      // What is to be rectified has the shape of what was calibrated.
      CameraCalibration lens = camera.rectify() ? calibrations.get(camera.name()) : null;
      int width = lens == null ? camera.width() : lens.width();
      int height = lens == null ? camera.height() : lens.height();
      byte[] pixels = new byte[width * height * 3];
      black.put(camera.name(), new CameraImage(width, height, pixels));
    }
    double[] joints = new double[spec.jointNames().size()];
    var observation = new Observation(black, joints, spec.vocabulary().example());
    for (int i = 0; i < WARM_UPS; i++) {
      session.draw(observation, 1, new SplittableRandom(i));
    }
  }

  String id() {
    return session.id();
  }

  /** Decodes what the policy sees. */
  public Observation observe(SensorSnapshot sensed, String instruction) {
    Map<String, CameraImage> images = new HashMap<>();
    for (BundleSpec.Camera camera : spec.cameras()) {
      int i = cameras.indexOf(camera.name());
      images.put(camera.name(), sensed.frames().get(i).picture().get());
    }
    return new Observation(images, sensed.joints().positions(), instruction);
  }

  @Override
  public void close() {
    session.close();
  }
}
