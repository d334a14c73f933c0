package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rcljava.Qos;
import dev.reverie.robot.sense.Calibrations;
import dev.reverie.robot.sense.TrainedCalibrations;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.robot.swap.LivePolicy;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Prepared
class CalibrationsTest {
  @TempDir Path folder;

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
    try (var policy = LivePolicy.open(TestBundles.bundle(spec, 0, 0), 1, Map.of("camera", LENS))) {
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

  private static CameraCalibration zoomed(double factor) {
    double[] k = LENS.k().clone();
    k[0] *= factor;
    k[4] *= factor;
    return new CameraCalibration(640, 480, "plumb_bob", LENS.d(), k);
  }

  @Test
  void aLensOtherThanInTrainingIsToldAndRefusedWherePicturesAreRectified() {
    var spec = TestBundles.spec(CAMERA, PlanarArm.JOINTS, PlanarArm.SPACE, 0.1);
    PolicyBundle plain = TestBundles.bundle(spec, 0, 0);
    PolicyBundle bundle = plain.withCalibrations(Map.of("camera", List.of(LENS)));
    TrainedCalibrations.require(plain, Map.of("camera", zoomed(1.2))); // nobody knows
    TrainedCalibrations.require(bundle, Map.of("camera", LENS.scaledTo(320, 240)));
    TrainedCalibrations.require(bundle, Map.of("camera", zoomed(1.005))); // calibrated again
    Refusal.of(
        BundleException.class,
        () -> TrainedCalibrations.require(bundle, Map.of("camera", zoomed(1.2))),
        "camera 'camera' is calibrated otherwise",
        "fx 600.0",
        "fx 500.0",
        "rectified");
    var square = new CameraCalibration(480, 480, "plumb_bob", LENS.d(), LENS.k());
    Refusal.of(
        BundleException.class,
        () -> TrainedCalibrations.require(bundle, Map.of("camera", square)),
        "480x480",
        "640x480");
  }

  @Test
  void aBundleThatWasTrainedWithAnotherLensIsANoticeWhileTheArmMoves() throws Exception {
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0)
        .withCalibrations(Map.of("camera", List.of(LENS)))
        .save(bundle);
    assertEquals(List.of("camera"), List.copyOf(PolicyBundle.load(bundle).calibrations().keySet()));
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"))) {
      List<String> notices = new CopyOnWriteArrayList<>();
      var _ =
          robot.arm.node.createSubscription(
              Status.TYPE, "robot/status", Qos.transientLocal(1), m -> notices.addAll(m.notices()));
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(10);
      robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      long end = System.nanoTime() + 20_000_000_000L;
      while (notices.stream().noneMatch(n -> n.contains("is calibrated otherwise"))
          && System.nanoTime() < end) {
        Thread.sleep(20);
      }
      assertTrue(notices.stream().anyMatch(n -> n.contains("is calibrated otherwise")));
    }
  }
}
