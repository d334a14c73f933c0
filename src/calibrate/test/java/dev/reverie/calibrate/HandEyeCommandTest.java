package dev.reverie.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.HandEye;
import dev.reverie.arm.HandEye.Mounting;
import dev.reverie.mcap.McapOptions;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.mcap.rosbag2.Rosbag2Writer;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.policy.OpenCv;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.RolloutTopic;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.joml.Matrix4d;
import org.joml.Quaterniond;
import org.joml.Vector3d;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class HandEyeCommandTest {
  private static final CameraCalibration LENS = CameraCommandTest.LENS;
  private static final double SQUARE = 0.03;

  /** The board in the camera, in the first pose. */
  private static final Matrix4d SEEN =
      new Matrix4d().translation(-0.11, -0.07, 0.5).rotateX(0.15).rotateY(0.1);

  private static final double[] START = {0.1, -0.9, 1.3, -0.5, -1.5, 0.2};
  private static SyntheticCamera camera;

  @TempDir Path folder;
  private final StringWriter err = new StringWriter();
  private final StringWriter out = new StringWriter();

  @BeforeAll
  static void load() {
    OpenCv.load();
    camera = new SyntheticCamera(LENS);
  }

  private int run(String... more) {
    CommandLine line = CalibrateCommand.commandLine(List.of());
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    List<String> args =
        new ArrayList<>(List.of("hand-eye", "--bag", folder + "/bag", "--out", folder + "/out"));
    args.addAll(List.of("--square", "0.03"));
    args.addAll(List.of(more));
    usual(args, "--board", "9x6");
    usual(args, "--tip", "tool0");
    return line.execute(args.toArray(String[]::new));
  }

  private static void usual(List<String> args, String option, String value) {
    if (!args.contains(option)) {
      args.addAll(List.of(option, value));
    }
  }

  private static <T> void write(
      Rosbag2Writer bag, String topic, MessageType<T> type, long nanos, T message) {
    Rosbag2Topic inBag = RolloutTopic.inBag(topic, type, false);
    bag.declare(inBag);
    bag.write(inBag, nanos, nanos, MemorySegment.ofArray(type.encode(message)));
  }

  private static Header header(long nanos) {
    return new Header(Stamps.time(nanos), "wrist_optical_frame");
  }

  /**
   * A bag in which the arm goes from pose to pose and stands still for 0.8 s at each; pictures
   * while it moves are those of the pose before, as of a late camera.
   */
  private void record(List<double[]> poses, Mounting mounting, Matrix4d mounted, boolean info) {
    Matrix4d first = moving(SixJointArm.tool(START), mounting).mul(mounted).mul(SEEN);
    long now = 1_000_000_000_000L;
    try (var bag = Rosbag2Writer.create(folder.resolve("bag"), "jazzy", McapOptions.ROS2)) {
      write(
          bag,
          "/robot_description",
          dev.reverie.msgs.std_msgs.String.TYPE,
          now,
          new dev.reverie.msgs.std_msgs.String(SixJointArm.urdf()));
      double[] from = poses.getFirst();
      for (double[] pose : poses) {
        Matrix4d board =
            moving(SixJointArm.tool(pose), mounting).mul(mounted).invertAffine().mul(first);
        CameraImage picture = camera.render(SyntheticCamera.chessboard(9, 6, SQUARE), board, now);
        for (int tick = 0; tick < 60; tick++) { // 50 Hz
          now += 20_000_000;
          double[] q = new double[6];
          for (int i = 0; i < 6; i++) {
            double part = Math.min(1, tick / 20.0);
            q[i] = from[i] + part * (pose[i] - from[i]);
          }
          var state =
              new JointState(header(now), SixJointArm.JOINTS, q, new double[0], new double[0]);
          write(bag, "/joint_states", JointState.TYPE, now, state);
          if (tick == 10 || tick == 50) {
            if (info) {
              write(bag, "/wrist/camera_info", CameraInfo.TYPE, now, info(now));
            }
            Image image = picture.message(header(now));
            write(bag, "/wrist/image_raw", Image.TYPE, now, image);
          }
        }
        from = pose;
      }
    }
  }

  private static CameraInfo info(long now) {
    return new CameraInfo()
        .withHeader(header(now))
        .withWidth(LENS.width())
        .withHeight(LENS.height())
        .withDistortionModel("plumb_bob")
        .withD(LENS.d())
        .withK(LENS.k());
  }

  private static Matrix4d moving(Matrix4d tip, Mounting mounting) {
    return mounting == Mounting.EYE_IN_HAND ? tip : tip.invertAffine();
  }

  private static List<double[]> about(double spread) {
    return SixJointArm.poses(12, spread, 5);
  }

  private void found(Mounting mounting, Matrix4d mounted, String parent) {
    record(about(0.16), mounting, mounted, true);
    assertEquals(0, run("--mounting", mounting.name()), () -> err + "\n" + out);
    HandEye result = HandEye.read(folder.resolve("out/wrist.hand_eye.yaml"));
    List<Double> q = result.quaternionXyzw();
    Matrix4d found =
        new Matrix4d()
            .rotation(new Quaterniond(q.get(0), q.get(1), q.get(2), q.get(3)))
            .setTranslation(
                new Vector3d(result.xyz().get(0), result.xyz().get(1), result.xyz().get(2)));
    // Half a metre from the board, a corner is known to 0.1 pixels: 0.1 mm across, 1 mm along.
    HandEyeFitTest.assertNear(mounted, found, 0.005, 0.5);
    assertEquals(parent, result.parentFrame());
    assertEquals("wrist_optical_frame", result.childFrame());
    assertEquals(mounting, result.mounting());
    assertTrue(result.residuals().pairs() >= 9, out::toString);
    assertTrue(result.residuals().translationMm() < 2, out::toString);
  }

  @Test
  void aCameraOnTheArmIsFoundFromABag() {
    Matrix4d mounted = new Matrix4d().translation(0.02, -0.06, 0.03).rotateX(0.25).rotateZ(0.5);
    found(Mounting.EYE_IN_HAND, mounted, "tool0");
  }

  @Test
  void aCameraBesideTheArmIsFoundFromABag() {
    Matrix4d mounted = new Matrix4d().translation(1.1, 0.2, 0.6).rotateX(-2).rotateZ(1.4);
    found(Mounting.EYE_TO_HAND, mounted, "world");
  }

  @Test
  void whatIsMissingIsNamed() {
    Matrix4d mounted = new Matrix4d().translation(0.02, -0.06, 0.03).rotateX(0.25);
    record(about(0.16), Mounting.EYE_IN_HAND, mounted, false);
    refused("has no calibration", "--mounting", "eye_in_hand");
    refused("no pictures on /nowhere", "--mounting", "eye_in_hand", "--topic", "nowhere");
    refused("looks the same", "--mounting", "eye_in_hand", "--board", "8x6");
    refused("there is no 'nowhere.yaml'", "--mounting", "eye_in_hand", "--lens", "nowhere.yaml");
  }

  @Test
  void whatIsGivenIsLookedAtBeforeTheBagIs() throws IOException {
    String[] usual = {"--mounting", "eye_in_hand"}; // of a bag that is not there
    Path urdf = Files.writeString(folder.resolve("arm.urdf"), SixJointArm.urdf());
    Path empty = Files.writeString(folder.resolve("empty.urdf"), "");
    Path lens = Files.writeString(folder.resolve("lens.yaml"), "camera_matrix: 3\n");
    String[][] bad = {
      {"--tip", " ", "--tip is ' '; name the link"},
      {"--pairs", "2", "--pairs is 2; give at least"},
      {"--max-residual", "NaN", "--max-residual NaN"},
      {"--lens", lens.toString(), "lens.yaml' is no calibration of a camera"},
      {"--lens", "nowhere.yaml", "there is no 'nowhere.yaml'"},
      {"--urdf", empty.toString(), "empty.urdf' is empty"},
      {"--urdf", urdf + ".gone", "is not there; give the file of the arm's URDF"},
      {"--camera", "a/b", "--camera is 'a/b'"},
      {"--board", "8x6", "looks the same"},
    };
    for (String[] each : bad) {
      refused(each[2], usual[0], usual[1], each[0], each[1]);
    }
    refused("has no link 'hand'", usual[0], usual[1], "--urdf", "" + urdf, "--tip", "hand");
    refused("has no link 'floor'", usual[0], usual[1], "--urdf", "" + urdf, "--base", "floor");
    Files.writeString(folder.resolve("out"), "a file");
    refused("out' is a file, no folder; give another", usual);
  }

  private void refused(String reason, String... args) {
    err.getBuffer().setLength(0);
    List<String> all = new ArrayList<>(List.of(args));
    assertEquals(1, run(all.toArray(String[]::new)), err::toString);
    assertTrue(err.toString().contains(reason), () -> reason + " is not in: " + err);
    assertFalse(Files.exists(folder.resolve("out/wrist.hand_eye.yaml")));
  }

  @Test
  void theWrongMountingIsTold() {
    Matrix4d mounted = new Matrix4d().translation(0.02, -0.06, 0.03).rotateX(0.25);
    record(about(0.16), Mounting.EYE_IN_HAND, mounted, true);
    refused("with --mounting EYE_IN_HAND it is", "--mounting", "eye_to_hand");
    refused("has no link 'hand'", "--mounting", "eye_in_hand", "--tip", "hand");
    refused("--still", "--mounting", "eye_in_hand", "--still", "0");
    refused("no position of the joints", "--mounting", "eye_in_hand", "--joint-states", "other");
  }
}
