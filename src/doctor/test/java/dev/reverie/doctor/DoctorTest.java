package dev.reverie.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DType;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.Language;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.PictureStatistics;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.testing.Prepared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command beside an arm in rclpy that is sound, or has faults. */
@Prepared
class DoctorTest {
  private static final int SIDE = 32;
  private static final List<String> JOINTS = List.of("shoulder", "elbow", "wrist");
  private static final ActionSpace SPACE =
      new ActionSpace.JointDeltas(JOINTS, List.of(0.1, 0.1, 0.1));

  @TempDir Path folder;

  private String arm() throws Exception {
    return Files.writeString(
            folder.resolve("arm.yaml"),
            """
            name: peer
            joints: [shoulder, elbow, wrist]
            cameras:
              front: {width: 16, height: 16}
              wrist: {width: 16, height: 16}
            action:
              space: {kind: joint_deltas, joints: [shoulder, elbow, wrist], scale_rad: [0.1, 0.1, 0.1]}
            controller: {topic: joint_trajectory}
            """)
        .toString();
  }

  /** A policy that does nothing, with what arm.py shows as its training pictures. */
  private String bundle(String... cameras) {
    List<BundleSpec.Camera> seen = new ArrayList<>();
    var graph = new GraphBuilder("still");
    for (String camera : cameras) {
      seen.add(new BundleSpec.Camera(camera, 16, 16));
      graph.input("image." + camera, DType.U8, GraphBuilder.BATCH, 16, 16, 3);
    }
    graph.input("instruction_tokens", DType.I64, GraphBuilder.BATCH, 4);
    String joints = graph.input("joint_positions", DType.F32, GraphBuilder.BATCH, 3);
    String nothing =
        graph.node(
            "Reshape",
            graph.node("Mul", graph.node("ReduceSum", joints, graph.integers(1)), graph.scalar(0)),
            graph.integers(-1, 1, 1, 1));
    graph.output(
        graph.node(
            "Add", nothing, graph.weight("bias", NdArray.of(new float[4 * 3 * 5], 1, 4, 3, 5))),
        "logits",
        DType.F32,
        GraphBuilder.BATCH,
        4,
        3,
        5);
    var spec =
        new BundleSpec(
            seen,
            JOINTS,
            SPACE,
            new BundleSpec.Chunk(4, 0.1),
            HeadSpec.tokens(5),
            Language.words(List.of("go"), 4),
            List.of(),
            BundleSpec.Lineage.NONE);
    Path out = folder.resolve("bundle" + cameras.length);
    PolicyBundle.of(spec, graph.model(), graph.weights())
        .withPictures(Map.of("front", trained(true), "wrist", trained(false)))
        .save(out);
    return out.toString();
  }

  private static PictureStatistics trained(boolean front) {
    byte[] rgb = new byte[SIDE * SIDE * 3];
    for (int i = 0; i < rgb.length; i++) {
      int pixel = i / 3;
      int bright = (front ? pixel / SIDE : pixel % SIDE) < SIDE / 2 ? 200 : 40;
      rgb[i] = (byte) (bright - (i % 3 == 2 ? 30 : 0));
    }
    return PictureStatistics.of(List.of(rgb), SIDE, SIDE);
  }

  private Examination examined(String... faults) throws Exception {
    try (var peer = new Peer(faults)) {
      return Examination.of(
          peer.rosArguments(), "--arm", arm(), "--bundle", bundle("front", "wrist"));
    }
  }

  @Test
  void aSoundArmHasNoErrors() throws Exception {
    examined()
        .isSound()
        .says("ok", "bundle", "made for the arm of 'peer'")
        .says("ok", "/robot_description", "from /doctor", "latched")
        .says("ok", "/joint_states", "Hz from")
        .says("ok", "camera front", "grey levels from its training pictures")
        .says("ok", "controller", "takes trajectory_msgs/msg/JointTrajectory")
        .says("ok", "/joint_trajectory_controller", "its settings go with");
  }

  @Test
  void namesOfJointsAreGivenAsToTheRobotNode() throws Exception {
    String bundle = bundle("front", "wrist");
    try (var peer = new Peer("other_names")) {
      named(peer, bundle, "joint_prefix:=left_", "joint_names:=[w=wrist]")
          .isSound()
          .says("ok", "/joint_trajectory_controller", "its settings go with");
      named(peer, bundle, "joint_names:=[w=wirst]")
          .isIll()
          .says("error", "joints", "'wirst' is none of the joints", "'wrist'", "joint_names");
    }
  }

  private static Examination named(Peer peer, String bundle, String... parameters)
      throws Exception {
    List<String> all = new ArrayList<>(List.of(peer.rosArguments()));
    for (String parameter : parameters) {
      all.addAll(List.of("-p", parameter));
    }
    return Examination.of(all.toArray(String[]::new), "--bundle", bundle);
  }

  @Test
  void swappedCamerasAreSeenInTheirPictures() throws Exception {
    examined("swapped")
        .isIll()
        .says("error", "cameras front and wrist", "swapped", "swap their topics");
  }

  @Test
  void wrongNamesColoursAndControllersAreNamed() throws Exception {
    examined("renamed", "mono8", "inactive", "same_name", "volatile")
        .isIll()
        .says("error", "joint wrist", "no message has 'wrist'", "nearest: 'wrist_1'")
        .says("error", "camera front", "grey", "set the camera to colour")
        .says("error", "/joint_trajectory_controller", "inactive", "--activate")
        .says("error", "nodes", "several have the name", "/arm")
        .says("error", "/robot_description", "does not keep it", "transient local");
  }

  @Test
  void wrongValuesSizesAndJointsOfTheControllerAreNamed() throws Exception {
    examined("nan", "beyond", "small", "controller_joints", "two_publishers")
        .isIll()
        .says("error", "joint elbow", "not a finite number")
        .says("error", "joint wrist", "stands at 2.500 rad", "calibrate its zero")
        .says("error", "camera wrist", "4x4", "larger picture")
        .says("error", "/joint_trajectory_controller", "does not know the joints", "[j1, j2, j3]")
        .says("error", "joint shoulder", "/arm and ", "/zeros");
  }

  @Test
  void whatIsNotThereIsNamedWithTheNearest() throws Exception {
    examined("no_stamp", "no_controller", "front_missing", "zero_info")
        .isIll()
        .says("error", "/joint_states", "stamp 0")
        .says("error", "controller", "nobody takes commands on", "/joint_trajectory")
        .says("error", "camera front", "nobody publishes", "nearest: ", "/wrist/image_raw")
        .says("warning", "camera wrist", "camera_info is all zeros", "calibrate");
  }

  @Test
  void oldStampsAndPicturesThatStandWhileTheArmMovesAreErrors() throws Exception {
    examined("old", "frozen", "moves")
        .isIll()
        .says("error", "/joint_states", "s old when they come", "synchronise the clocks")
        .says(
            "error", "camera front", "the very same pixels", "the arm moved 0.", "frozen_after_s");
  }

  @Test
  void picturesThatComeByTurnsWhileTheArmMovesAreErrors() throws Exception {
    examined("by_turns", "moves").isIll().says("error", "camera wrist", "the same 3 by turns");
  }

  @Test
  void whetherACameraIsFrozenIsNotSaidWhereNothingMoves() throws Exception {
    examined("frozen")
        .isSound()
        .says("warning", "camera front", "cannot be told while nothing moves", "--seconds 10");
  }

  @Test
  void aClockThatRunsAheadIsAnErrorAndABlackPictureAWarning() throws Exception {
    examined("ahead", "black")
        .isIll()
        .says("error", "/joint_states", "in the future")
        .says("warning", "camera front", "black", "take the cap off");
  }

  @Test
  void aBundleForOtherCamerasIsNotForThisArm() throws Exception {
    String arm = arm();
    Files.writeString(
        Path.of(arm), Files.readString(Path.of(arm)).replace("wrist: {w", "side: {w"));
    Examination.of(
            new String[] {"--ros-args", "-r", "__ns:=/nobody"},
            "--arm",
            arm,
            "--bundle",
            bundle("front", "wrist"))
        .isIll()
        .says("error", "bundle", "camera 'wrist'", "[front, side]")
        .says("error", "/joint_states", "nobody publishes it", "start the arm's driver")
        .says("error", "camera front", "nobody publishes", "start the camera's driver");
  }

  @Test
  void aBundleAloneIsVerifiedWithoutAnArm() throws Exception {
    String bundle = bundle("front");
    String[] nowhere = {"--ros-args", "-r", "__ns:=/nowhere"};
    Examination.of(nowhere, "--bundle", bundle)
        .isSound()
        .says("ok", "bundle", "whole")
        .says("ok", "ROS graph", "only the files");
    Files.writeString(Path.of(bundle, "policy.safetensors"), "cut");
    Examination.of(nowhere, "--bundle", bundle)
        .isIll()
        .says("error", "bundle", "copy the whole folder");
  }

  @Test
  void aBundleThatCommandsAJointThatFollowsAnotherIsToldItsDriver() throws Exception {
    var urdf = new StringBuilder("<robot name=\"claw\"><link name=\"base\"/>");
    for (String joint : JOINTS) {
      urdf.append(
          "<link name=\"%1$s_link\"/><joint name=\"%1$s\" type=\"revolute\"><parent link=\"base\"/><child link=\"%1$s_link\"/><axis xyz=\"0 0 1\"/><limit lower=\"-1\" upper=\"1\" velocity=\"1\" effort=\"1\"/>%2$s</joint>"
              .formatted(joint, joint.equals("wrist") ? "<mimic joint=\"elbow\"/>" : ""));
    }
    Path file = Files.writeString(folder.resolve("claw.urdf"), urdf.append("</robot>"));
    String[] nowhere = {"--ros-args", "-r", "__ns:=/nowhere"};
    Examination.of(nowhere, "--urdf", file.toString(), "--bundle", bundle("front"))
        .isIll()
        .says("error", "URDF", "the joint 'wrist'", "follows 'elbow'", "command 'elbow' instead");
    Examination.of(nowhere, "--urdf", file.toString())
        .isSound()
        .says("ok", "joint elbow", "-1.00 to 1.00 rad");
  }

  @Test
  void wrongArgumentsHaveAStatusOfTheirOwn() {
    assertEquals(2, DoctorCommand.commandLine().execute("--seconds", "0"));
    assertEquals(2, DoctorCommand.commandLine().execute("--arms", "x"));
  }
}
