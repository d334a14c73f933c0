package dev.reverie.robot.sense;

import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.CameraCalibration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compares the calibrations of cameras with those that they had when a policy was trained. */
public final class TrainedCalibrations {
  /** Share of the picture's width; calibrating the same lens again moves less. */
  private static final double MAX_DIFFERENCE = 0.01;

  private TrainedCalibrations() {}

  /**
   * Refuses a policy whose rectified pictures would not be those of its training.
   *
   * @param lenses of the cameras that are rectified, by name
   */
  public static void require(PolicyBundle bundle, Map<String, CameraCalibration> lenses) {
    for (BundleSpec.Camera camera : bundle.spec().cameras()) {
      CameraCalibration lens = lenses.get(camera.name());
      if (camera.rectify() && lens != null) {
        mismatch(camera, bundle.calibrations(), lens)
            .ifPresent(
                reason -> {
                  throw new BundleException(
                      reason
                          + "; the policy sees rectified pictures: publish the calibration of the"
                          + " camera it was trained with, or train it with this one");
                });
      }
    }
  }

  /**
   * Returns what is otherwise than in training; empty where nothing is, or nobody knows.
   *
   * @param had calibrations in training, by the camera's name
   * @param info a message of type CameraInfo, in CDR
   */
  public static Optional<String> mismatch(
      BundleSpec.Camera camera, Map<String, List<CameraCalibration>> had, byte[] info) {
    if (!had.containsKey(camera.name())) {
      return Optional.empty();
    }
    try {
      return mismatch(camera, had, CameraCalibration.of(CameraInfo.TYPE.decode(info)));
    } catch (IllegalArgumentException | CdrException e) {
      return Optional.of("camera_info of camera '%s': %s".formatted(camera.name(), e.getMessage()));
    }
  }

  private static Optional<String> mismatch(
      BundleSpec.Camera camera, Map<String, List<CameraCalibration>> had, CameraCalibration lens) {
    double least =
        had.getOrDefault(camera.name(), List.of()).stream()
            .mapToDouble(known -> known.difference(lens, camera.rectify()))
            .min()
            .orElse(0);
    if (least <= MAX_DIFFERENCE) {
      return Optional.empty();
    }
    CameraCalibration known = had.getOrDefault(camera.name(), List.of()).getLast();
    return Optional.of(
        "camera '%s' is calibrated otherwise than when the policy was trained: %dx%d, fx %.1f, cx %.1f, cy %.1f pixels, and then %dx%d, fx %.1f, cx %.1f, cy %.1f"
            .formatted(
                camera.name(),
                lens.width(),
                lens.height(),
                lens.k()[0],
                lens.k()[2],
                lens.k()[5],
                known.width(),
                known.height(),
                known.k()[0],
                known.k()[2],
                known.k()[5]));
  }
}
