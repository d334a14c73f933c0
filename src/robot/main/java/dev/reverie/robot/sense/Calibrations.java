package dev.reverie.robot.sense;

import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Task;
import dev.reverie.rcljava.Clock;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.rollout.CameraCalibration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Finds the calibrations of those cameras whose pictures the policy wants rectified. */
public final class Calibrations {
  private Calibrations() {}

  /**
   * Completed with their camera_info on the node's executor; at once where the policy wants none.
   * Fails with {@link RobotException} where one does not come in time, or is none.
   */
  public static CompletableFuture<Map<String, CameraCalibration>> find(
      Node node, RobotParameters parameters) {
    Task task = parameters.task();
    var result = new CompletableFuture<Map<String, CameraCalibration>>();
    Map<String, CameraCalibration> found = new HashMap<>();
    Map<String, String> wanted = new HashMap<>();
    List<AutoCloseable> parts = new ArrayList<>();
    for (int i = 0; i < task.cameras().size(); i++) {
      BundleSpec.Camera camera = task.cameras().get(i);
      if (camera.rectify()) {
        wanted.put(camera.name(), CameraCalibration.topic(parameters.cameraTopics().get(i)));
      }
    }
    if (wanted.isEmpty()) {
      return CompletableFuture.completedFuture(found);
    }
    for (BundleSpec.Camera camera : task.cameras()) {
      if (camera.rectify()) {
        parts.add(
            node.createSubscription(
                CameraInfo.TYPE,
                String.valueOf(wanted.get(camera.name())),
                Qos.SENSOR_DATA,
                info -> {
                  try {
                    found.put(camera.name(), calibration(camera, info));
                    if (found.size() == wanted.size()) {
                      result.complete(found);
                    }
                  } catch (RobotException e) {
                    result.completeExceptionally(e);
                  }
                }));
      }
    }
    var timeout = Duration.ofNanos((long) (parameters.observationTimeoutS() * 1e9));
    parts.add(
        node.createTimer(
            Clock.STEADY,
            timeout,
            node.group(),
            () -> {
              wanted.keySet().removeAll(found.keySet());
              result.completeExceptionally(
                  new RobotException(
                      "the policy wants rectified pictures but no camera_info came on %s; publish it"
                          .formatted(wanted)));
            }));
    return result.whenComplete((_, _) -> node.closeParts(parts));
  }

  public static CameraCalibration calibration(BundleSpec.Camera camera, CameraInfo info) {
    try {
      return CameraCalibration.of(info);
    } catch (IllegalArgumentException e) {
      throw new RobotException(
          "camera_info of camera '%s': %s".formatted(camera.name(), e.getMessage()), e);
    }
  }
}
