package dev.reverie.robot;

import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Calibration;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The lenses of those cameras whose pictures the policy wants rectified. */
final class Calibrations {

  private static final Duration TURN = Duration.ofMillis(100);

  private Calibrations() {}

  /**
   * Waits for their camera_info; at once where the policy wants none.
   *
   * @param executor of the node
   */
  static Map<String, Calibration> await(
      Node node, Executor executor, BundleSpec spec, RobotParameters parameters) {
    Map<String, Calibration> found = new HashMap<>();
    Map<String, String> wanted = new HashMap<>();
    List<Subscription<CameraInfo>> subscriptions = new ArrayList<>();
    for (int i = 0; i < spec.cameras().size(); i++) {
      BundleSpec.Camera camera = spec.cameras().get(i);
      if (camera.rectify()) {
        String topic = infoTopic(parameters.cameraTopics().get(i));
        wanted.put(camera.name(), topic);
        subscriptions.add(
            node.createSubscription(
                CameraInfo.TYPE,
                topic,
                Qos.SENSOR_DATA,
                info -> found.put(camera.name(), calibration(camera, info))));
      }
    }
    long deadline = System.nanoTime() + (long) (parameters.observationTimeoutS() * 1e9);
    while (found.size() < wanted.size()) {
      executor.spinOnce(TURN);
      if (System.nanoTime() > deadline || !node.context().isOk()) {
        wanted.keySet().removeAll(found.keySet());
        throw new RobotException(
            "the policy wants rectified pictures but no camera_info came on %s; publish it"
                .formatted(wanted));
      }
    }
    subscriptions.forEach(Subscription::close);
    return found;
  }

  /** The topic beside that of the images: of {@code a/image_raw}, {@code a/camera_info}. */
  static String infoTopic(String imageTopic) {
    String images =
        imageTopic.endsWith("/compressed")
            ? imageTopic.substring(0, imageTopic.lastIndexOf('/'))
            : imageTopic;
    return images.substring(0, images.lastIndexOf('/') + 1) + "camera_info";
  }

  static Calibration calibration(BundleSpec.Camera camera, CameraInfo info) {
    try {
      return new Calibration(
          info.width(), info.height(), info.distortionModel(), info.d(), info.k());
    } catch (IllegalArgumentException e) {
      throw new RobotException(
          "camera_info of camera '%s': %s".formatted(camera.name(), e.getMessage()), e);
    }
  }
}
