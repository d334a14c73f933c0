package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.testing.Refusal;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CalibrationsTest {
  private static final BundleSpec.Camera CAMERA =
      new BundleSpec.Camera(
          "camera", TestBundles.PIXELS, TestBundles.PIXELS, true, BundleSpec.Crop.NONE);

  private static final CameraCalibration LENS =
      new CameraCalibration(
          640,
          480,
          "plumb_bob",
          new double[] {-0.2, 0, 0, 0, 0},
          new double[] {500, 0, 320, 0, 500, 240, 0, 0, 1});

  @Test
  void aPolicyWithASmallPictureIsWarmedUpBehindALensOfALargeOne() {
    var spec = TestBundles.spec(CAMERA, PlanarArm.JOINTS, PlanarArm.SPACE, 0.1);
    try (var policy =
        LivePolicy.open(TestBundles.bundle(spec, 0, 0), 1, Map.of("camera", LENS))) {
      assertEquals(spec.cameras(), policy.spec().cameras());
    }
  }

  @Test
  void aCameraThatWasNeverCalibratedIsRefusedWithTheRemedy() {
    for (CameraInfo info :
        new CameraInfo[] {
          new CameraInfo(),
          new CameraInfo().withWidth(640).withHeight(480).withDistortionModel("plumb_bob")
        }) {
      Refusal.of(
          RobotException.class,
          () -> Calibrations.calibration(CAMERA, info),
          "camera 'camera'",
          "no focal length",
          "calibrate camera");
    }
  }
}
