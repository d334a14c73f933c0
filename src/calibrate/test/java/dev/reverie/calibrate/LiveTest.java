package dev.reverie.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.HandEye;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.policy.OpenCv;
import dev.reverie.rcljava.Clock;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.rollout.CameraImage;
import dev.reverie.testing.Prepared;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.joml.Matrix4d;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.imgcodecs.Imgcodecs;
import picocli.CommandLine;

@Prepared
class LiveTest {
  private static final double SQUARE = 0.03;

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final SyntheticCamera camera;

  LiveTest() {
    OpenCv.load();
    camera = new SyntheticCamera(CameraCommandTest.LENS);
  }

  private CompletableFuture<Integer> start(String... args) {
    return CompletableFuture.supplyAsync(
        () -> {
          CommandLine line = CalibrateCommand.commandLine(List.of());
          line.setOut(new PrintWriter(out));
          line.setErr(new PrintWriter(out));
          return line.execute(args);
        });
  }

  private CameraImage board(Matrix4d pose, long seed) {
    return camera.render(SyntheticCamera.chessboard(9, 6, SQUARE), pose, seed);
  }

  @Test
  void aLiveCameraIsCalibratedOnceEnoughViewsWereShown() throws Exception {
    try (Context context = Context.init();
        Node node = context.createNode("camera_driver");
        Publisher<CompressedImage> images =
            node.createPublisher(
                CompressedImage.TYPE, "/side/image_raw/compressed", Qos.SENSOR_DATA)) {
      var ended =
          start(
              "camera",
              "--topic",
              "/side/image_raw/compressed",
              "--views",
              "12",
              "--board",
              "9x6",
              "--square",
              "0.03",
              "--out",
              folder.toString());
      var random = new Random(4);
      for (int i = 0; !ended.isDone() && i < 600; i++) {
        byte[] jpeg = jpeg(board(camera.pose(random, 8 * SQUARE, 5 * SQUARE), i));
        images.publish(new CompressedImage(header(), "jpeg", jpeg));
        Thread.sleep(50);
      }
      assertEquals(0, ended.join(), out::toString);
    }
    double[] k = CameraFile.read(folder.resolve("side.yaml")).k();
    assertEquals(CameraCommandTest.LENS.k()[0], k[0], 3, out::toString);
    assertTrue(Files.exists(folder.resolve("side.png")));
    assertTrue(out.toString().contains("still to show"), out::toString);
  }

  @Test
  void aLiveArmFindsTheCameraInItsHand() throws Exception {
    Files.writeString(folder.resolve("arm.urdf"), SixJointArm.urdf());
    Files.writeString(
        folder.resolve("hand.yaml"),
        """
        image_width: 640
        image_height: 480
        camera_name: hand
        camera_matrix: {rows: 3, cols: 3, data: [512.4, 0, 331.7, 0, 509.1, 228.3, 0, 0, 1]}
        distortion_model: plumb_bob
        distortion_coefficients: {rows: 1, cols: 5, data: [-0.28, 0.09, 0.0012, -0.0008, 0]}
        """);
    Matrix4d mounted = new Matrix4d().translation(0.02, -0.06, 0.03).rotateX(0.25);
    Matrix4d seen = new Matrix4d().translation(-0.11, -0.07, 0.5).rotateX(0.15).rotateY(0.1);
    List<double[]> poses = SixJointArm.poses(20, 0.16, 6);
    Matrix4d board = SixJointArm.tool(poses.getFirst()).mul(mounted).mul(seen);
    List<CameraImage> pictures = new ArrayList<>();
    for (double[] pose : poses) {
      pictures.add(
          board(SixJointArm.tool(pose).mul(mounted).invertAffine().mul(board), pictures.size()));
    }
    try (Context context = Context.init();
        Node node = context.createNode("arm_driver");
        Publisher<Image> images =
            node.createPublisher(Image.TYPE, "/hand/image_raw", Qos.SENSOR_DATA);
        Publisher<JointState> joints =
            node.createPublisher(JointState.TYPE, "/hand_joint_states", Qos.reliable(10))) {
      var ended =
          start(
              "hand-eye",
              "--topic",
              "/hand/image_raw",
              "--joint-states",
              "/hand_joint_states",
              "--urdf",
              folder.resolve("arm.urdf").toString(),
              "--mounting",
              "eye_in_hand",
              "--tip",
              "tool0",
              "--pairs",
              "8",
              "--board",
              "9x6",
              "--square",
              "0.03",
              "--out",
              folder.toString());
      for (int i = 0; !ended.isDone() && i < 10 * poses.size(); i++) {
        int pose = i % poses.size();
        for (int tick = 0; !ended.isDone() && tick < 30; tick++) {
          joints.publish(
              new JointState(
                  header(), SixJointArm.JOINTS, poses.get(pose), new double[0], new double[0]));
          if (tick > 20) {
            images.publish(pictures.get(pose).message(header()));
          }
          Thread.sleep(20);
        }
      }
      assertEquals(0, ended.join(), out::toString);
    }
    HandEye result = HandEye.read(folder.resolve("hand.hand_eye.yaml"));
    assertEquals(0.02, result.xyz().get(0), 0.005, out::toString);
    assertEquals(-0.06, result.xyz().get(1), 0.005, out::toString);
    assertEquals(0.03, result.xyz().get(2), 0.005, out::toString);
  }

  private static Header header() {
    return new Header(Stamps.time(Clock.SYSTEM.nowNanos()), "optical_frame");
  }

  private static byte[] jpeg(CameraImage image) {
    Mat mat = new Mat(image.height(), image.width(), CvType.CV_8UC3);
    mat.put(0, 0, image.rgb());
    MatOfByte bytes = new MatOfByte();
    Imgcodecs.imencode(".jpg", mat, bytes);
    mat.release();
    return bytes.toArray();
  }
}
