package dev.reverie.console;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.arm.HandEye;
import dev.reverie.arm.PlanarArm;
import dev.reverie.console.Browser.Answer;
import dev.reverie.msgs.rcl_interfaces.Log;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Preprocess;
import dev.reverie.rcljava.Qos;
import dev.reverie.robot.RunningRobot;
import dev.reverie.robot.TestBundles;
import dev.reverie.rollout.BagMessages;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.testing.Prepared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A console beside a real robot node and an arm on real topics. */
@Prepared
class LiveTest {
  static final String RUN =
      "{\"ask\":\"run\",\"instruction\":\"%s\",\"timeLimitS\":0,\"temperature\":0,\"seed\":1,\"teleop\":false}"
          .formatted(RunningRobot.goal().instruction());

  static final String FRAME = "camera_optical_frame";

  @TempDir Path folder;

  private RunningRobot robot() {
    return robot(new BundleSpec.Crop(0.25, 0, 0.5, 0.5));
  }

  private RunningRobot robot(BundleSpec.Crop crop, String... parameters) {
    return robot("camera", crop, parameters);
  }

  private RunningRobot robot(String name, BundleSpec.Crop crop, String... parameters) {
    int side = TestBundles.PIXELS / 2;
    var camera = new BundleSpec.Camera(name, side, side, false, crop);
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(camera, PlanarArm.JOINTS, PlanarArm.SPACE, 0.1), 0.1, 0)
        .save(bundle);
    var robot = new RunningRobot(bundle, folder.resolve("rollouts"), parameters);
    robot.arm.describe(PlanarArm.xml());
    return robot;
  }

  private static String name(RunningRobot robot) {
    return robot.arm.node.namespace() + "/robot";
  }

  private static void assertDone(Answer answer) {
    assertTrue(answer.body().path("ok").asBoolean(), answer.body().toString());
  }

  /** Returns what the bag says that Ada asked for. */
  private List<String> requests(String robot) throws Exception {
    List<String> asked = new ArrayList<>();
    BagMessages.open(bags().getFirst())
        .forEach(
            Set.of(robot + "/request"),
            message -> {
              Log request = Log.TYPE.decode(message.data());
              assertEquals("Ada", request.name());
              asked.add(request.function());
            });
    return asked;
  }

  private List<Path> bags() throws Exception {
    try (Stream<Path> all = Files.list(folder.resolve("rollouts"))) {
      return all.filter(path -> Files.exists(path.resolve("metadata.yaml"))).toList();
    }
  }

  @Test
  void thePageShowsWhatThePolicySeesAndTheJointsBetweenTheirLimits() throws Exception {
    try (var robot = robot();
        var console = new TestConsole(name(robot));
        var browser = console.operator("Ada")) {
      robot.arm.run(20);
      JsonNode state =
          browser.await(
              "limits",
              told ->
                  told.at("/joints/0/lower").isNumber()
                      && told.at("/joints/0/measured").isNumber());
      JsonNode joint = state.at("/joints/0");
      assertEquals("shoulder", joint.get("name").asText());
      assertEquals(robot.arm.positions[0], joint.get("measured").asDouble(), 1e-9);
      Browser.Picture raw = browser.picture("raw");
      assertEquals(TestBundles.PIXELS, raw.head().get("width").asInt());
      assertEquals("image/png", raw.head().get("type").asText());
      Browser.Picture view = browser.picture("view");
      assertEquals("image/png", view.head().get("type").asText());
      byte[] seen = new byte[TestBundles.PIXELS / 2 * TestBundles.PIXELS / 2 * 3];
      assertArrayEquals(seen, Preprocess.decode(view.bytes()).rgb(), "the crop is black");
      JsonNode camera =
          browser
              .await("its size", told -> told.at("/cameras/0/width").asInt() > 0)
              .at("/cameras/0");
      assertEquals(0.25, camera.at("/view/x").asDouble());
      assertEquals("", camera.get("fault").asText());
    }
  }

  /** Says that the camera stands 1.5 m beside the arm and looks along y. */
  static String handEye(Path folder) throws IOException {
    Path file = folder.resolve("camera.hand_eye.yaml");
    double half = Math.sqrt(0.5);
    var calibrated =
        new HandEye(
            "camera",
            HandEye.Mounting.EYE_TO_HAND,
            "world",
            FRAME,
            List.of(0.5, -1.5, 0.5),
            List.of(-half, 0.0, 0.0, half),
            new HandEye.Residuals(0, 0, 12),
            "PARK");
    Files.writeString(file, calibrated.yaml());
    return "hand_eye:=['" + file + "']";
  }

  @Test
  void whereTheChunkLeadsTheTipIsSeenInThePicturesOfACalibratedCamera() throws Exception {
    try (var robot = robot(new BundleSpec.Crop(0.25, 0.25, 0.5, 0.5), handEye(folder));
        var console = new TestConsole(name(robot));
        var browser = console.operator("Ada")) {
      robot.arm.camera = image -> image.withHeader(image.header().withFrameId(FRAME));
      robot.arm.run(20);
      JsonNode ready = browser.await("a place", told -> drawn(told, "tip").asText().equals("tip"));
      assertEquals("", drawn(ready, "missing").asText());
      assertEquals(0, drawn(ready, "raw/ahead").size(), "nothing plays");
      assertDone(browser.ask(RUN));
      JsonNode state =
          browser.await(
              "a chunk that plays",
              told ->
                  drawn(told, "raw/done/0").size() > 1
                      && drawn(told, "raw/ahead/0").size() > 1
                      && told.at("/joints/0/sent").isNumber());
      double[] sent = new double[3];
      for (int i = 0; i < sent.length; i++) {
        sent[i] = state.at("/joints/" + i + "/sent").asDouble();
      }
      // The test arm's lens: 16 pixels, 20 of focal length about 8, barrel distortion of 0.1.
      double[] tip = PlanarArm.forward(sent);
      double x = (tip[0] - 0.5) / 1.5;
      double y = (0.5 - tip[1]) / 1.5;
      double bent = 1 - 0.1 * (x * x + y * y);
      double[] raw = {(8 + 20 * x * bent + 0.5) / 16, (8 + 20 * y * bent + 0.5) / 16};
      assertNear(raw, drawn(state, "raw/ahead/0/0"));
      assertNear(new double[] {2 * raw[0] - 0.5, 2 * raw[1] - 0.5}, drawn(state, "view/ahead/0/0"));
      JsonNode ahead = drawn(state, "raw/ahead/0");
      assertTrue(
          ahead.get(ahead.size() - 1).get(0).asDouble() > ahead.get(0).get(0).asDouble(),
          "the policy goes to the right");
      assertDone(browser.ask("{\"ask\":\"stop\"}"));
      browser.await("nothing", told -> drawn(told, "raw/ahead").isEmpty());
    }
  }

  private static JsonNode drawn(JsonNode state, String path) {
    return state.at("/cameras/0/drawn/" + path);
  }

  /** A command may come between the two: that is 4 mm, a twentieth of a pixel. */
  private static void assertNear(double[] expected, JsonNode point) {
    assertEquals(expected[0], point.get(0).asDouble(), 0.02);
    assertEquals(expected[1], point.get(1).asDouble(), 0.02);
  }

  @Test
  void thatACameraHasNoPlaceIsSaidAndNothingIsDrawn() throws Exception {
    try (var robot = robot();
        var console = new TestConsole(name(robot));
        var browser = console.viewer("Vera")) {
      robot.arm.run(20);
      browser.await("no place", told -> drawn(told, "missing").asText().startsWith("nobody says"));
    }
  }

  @Test
  void thatACameraHasNoLensIsSaidAndIsNoFault() throws Exception {
    try (var robot = robot("wrist", BundleSpec.Crop.NONE);
        var console = new TestConsole(name(robot));
        var browser = console.viewer("Vera")) {
      robot.arm.run(20);
      JsonNode state =
          browser.await(
              "no lens",
              told ->
                  drawn(told, "missing").asText().endsWith("/wrist/camera_info")
                      && told.at("/cameras/0/width").asInt() > 0);
      assertEquals("", state.at("/cameras/0/fault").asText());
    }
  }

  private Path armFile(String description) throws IOException {
    return Files.writeString(
        folder.resolve("arm.yaml"),
        """
        name: planar
        description: {%s}
        joints: [shoulder, elbow, wrist]
        cameras:
          camera: {}
        action:
          space: {kind: joint_deltas, joints: [shoulder, elbow, wrist], scale_rad: [0.1, 0.1, 0.1]}
        limits:
          joints:
            elbow: {upper: 0.5}
        """
            .formatted(description));
  }

  @Test
  void theLimitsAreOfTheUrdfThatTheArmFileNames() throws Exception {
    Files.writeString(folder.resolve("arm.urdf"), PlanarArm.xml());
    Path file = armFile("urdf: arm.urdf");
    try (var robot =
            new RunningRobot(Path.of(""), folder.resolve("rollouts"), "arm:='" + file + "'");
        var console = new TestConsole(name(robot));
        var browser = console.operator("Ada")) {
      JsonNode state = browser.await("limits", told -> told.at("/joints/1/upper").isNumber());
      assertEquals("elbow", state.at("/joints/1/name").asText());
      assertEquals(0.5, state.at("/joints/1/upper").asDouble());
    }
  }

  @Test
  void theLimitsAreOfTheUrdfOnTheTopicThatTheArmFileNames() throws Exception {
    Path file = armFile("topic: left/urdf");
    try (var robot =
            new RunningRobot(Path.of(""), folder.resolve("rollouts"), "arm:='" + file + "'");
        var console = new TestConsole(name(robot));
        var browser = console.operator("Ada");
        var urdf =
            robot.arm.node.createPublisher(
                dev.reverie.msgs.std_msgs.String.TYPE, "left/urdf", Qos.transientLocal(1))) {
      robot.arm.run(20); // which has another URDF on robot_description
      urdf.publish(new dev.reverie.msgs.std_msgs.String(PlanarArm.xml().replace("-3.6", "-3.5")));
      JsonNode state = browser.await("limits", told -> told.at("/joints/0/lower").isNumber());
      assertEquals(-3.5, state.at("/joints/0/lower").asDouble());
    }
  }

  @Test
  void anEpisodeIsRunLabelledAndTakenBackByAPerson() throws Exception {
    try (var robot = robot();
        var console = new TestConsole(name(robot));
        var browser = console.operator("Ada");
        var other = console.viewer("Vera")) {
      robot.arm.run(20);
      browser.await("there", told -> told.at("/robot/there").asBoolean());
      assertDone(browser.ask(RUN));
      JsonNode state = browser.await("running", told -> told.get("running").isObject());
      assertEquals(RunningRobot.goal().instruction(), state.at("/running/instruction").asText());
      browser.await("acting", told -> told.at("/tick/source").asText().equals("policy"));
      other.await("the same on another page", told -> told.get("running").isObject());
      Answer labelled =
          browser.ask(
              "{\"ask\":\"label\",\"episodeId\":\"\",\"outcome\":\"success\",\"note\":\"<script>x</script>\"}");
      assertDone(labelled);
      String id = labelled.body().get("episodeId").asText();
      state = browser.await("ended", told -> told.get("ended").size() == 1);
      assertEquals("success", state.at("/ended/0/outcome").asText());
      assertEquals("Ada", state.at("/ended/0/labeller").asText());
      assertEquals("<script>x</script>", state.at("/ended/0/reason").asText());
      Answer undone =
          browser.ask(
              "{\"ask\":\"label\",\"episodeId\":\"%s\",\"outcome\":\"unlabelled\",\"note\":\"\"}"
                  .formatted(id));
      assertDone(undone);
      browser.await(
          "taken back", told -> told.at("/ended/0/outcome").asText().equals("unlabelled"));
      assertEquals(List.of("run", "label"), requests(name(robot)));
      assertEquals(
          EpisodeOutcome.Kind.UNLABELLED, Episode.read(bags().getFirst()).outcome().kind());
    }
  }

  @Test
  void aStopLatchesUntilItIsReleased() throws Exception {
    try (var robot = robot();
        var console = new TestConsole(name(robot));
        var browser = console.operator("Ada")) {
      robot.arm.run(20);
      browser.await("there", told -> told.at("/robot/there").asBoolean());
      assertDone(browser.ask(RUN));
      browser.await("running", told -> told.get("running").isObject());
      assertDone(browser.ask("{\"ask\":\"stop\"}"));
      browser.await("stopped", told -> told.at("/robot/state").asText().equals("stopped"));
      Answer refused = browser.ask(RUN);
      assertFalse(refused.body().get("ok").asBoolean());
      assertTrue(
          refused.body().get("message").asText().contains("stop"), refused.body().toString());
      assertDone(browser.ask("{\"ask\":\"reset_stop\"}"));
      browser.await("active", told -> told.at("/robot/state").asText().equals("active"));
    }
  }

  @Test
  void anEpisodeGoesOnWhenItsPageCloses() throws Exception {
    try (var robot = robot();
        var console = new TestConsole(name(robot));
        var viewer = console.viewer("Vera")) {
      robot.arm.run(20);
      try (var browser = console.operator("Ada")) {
        browser.await("there", told -> told.at("/robot/there").asBoolean());
        assertDone(browser.ask(RUN));
        browser.await("running", told -> told.get("running").isObject());
      }
      long ticks =
          viewer
              .await("ticks", told -> told.at("/tick/tick").asLong() > 0)
              .at("/tick/tick")
              .asLong();
      JsonNode later =
          viewer.await(
              "nobody else",
              told -> told.get("people").size() == 1 && told.at("/tick/tick").asLong() > ticks + 5);
      assertTrue(later.get("running").isObject());
    }
  }

  @Test
  void aPictureThatCannotBeDecodedIsSaidAndTheNextOneIsShown() throws Exception {
    try (var robot = robot();
        var console = new TestConsole(name(robot));
        var browser = console.viewer("Vera")) {
      robot.arm.camera = image -> image.withEncoding("mono16");
      robot.arm.run(20);
      JsonNode state =
          browser.await("a fault", told -> !told.at("/cameras/0/fault").asText().isEmpty());
      assertTrue(state.at("/cameras/0/fault").asText().contains("mono16"), state.toString());
      robot.arm.camera = image -> image;
      browser.picture("raw");
      browser.await(
          "no fault",
          told ->
              told.at("/cameras/0/fault").asText().isEmpty()
                  && told.at("/cameras/0/width").asInt() > 0);
    }
  }

  @Test
  void withoutANodeThePageSaysSoAndAskingIsRefused() throws Exception {
    try (var console = new TestConsole("/later/robot");
        var browser = console.operator("Ada")) {
      JsonNode state = browser.await("a state", _ -> true);
      assertFalse(state.at("/robot/there").asBoolean());
      assertEquals("/later/robot", state.at("/robot/name").asText());
      assertEquals(503, browser.ask(RUN).status());
    }
  }

  @Test
  void aNodeThatIsRestartedIsShownAndAskedAgainByTheSamePage() throws Exception {
    try (var robot = robot();
        var console = new TestConsole(name(robot));
        var browser = console.operator("Ada")) {
      robot.arm.run(20);
      browser.await("there", told -> told.at("/robot/there").asBoolean());
      assertDone(browser.ask(RUN));
      browser.await("running", told -> told.get("running").isObject());
      robot.end();
      browser.await("gone", told -> !told.at("/robot/there").asBoolean());
      assertEquals(503, browser.ask(RUN).status());
      robot.begin();
      browser.await("there again", told -> told.at("/robot/there").asBoolean());
      browser.await(
          "ready",
          told ->
              told.at("/robot/state").asText().equals("active")
                  && told.at("/robot/nodes").asInt() == 1
                  && told.get("running").isNull());
      assertDone(browser.ask(RUN));
      browser.await("acting", told -> told.at("/tick/source").asText().equals("policy"));
      assertDone(browser.ask("{\"ask\":\"stop\"}"));
    }
  }

  @Test
  void twoNodesOfOneNameAreSaidUntilOneOfThemEnds() throws Exception {
    try (var robot = robot();
        var console = new TestConsole(name(robot));
        var browser = console.operator("Ada")) {
      robot.arm.run(20);
      browser.await("one", told -> told.at("/robot/nodes").asInt() == 1);
      // The node itself refuses to run twice; this is one of another program.
      try (var twin =
          robot.arm.node.createPublisher(Status.TYPE, "robot/status", Qos.transientLocal(1))) {
        JsonNode state = browser.await("two", told -> told.at("/robot/nodes").asInt() == 2);
        for (int i = 0; i < 20; i++) {
          twin.publish(new Status().withState("inactive"));
          state = browser.await("another state", _ -> true);
        }
        long started =
            state
                .get("happenings")
                .valueStream()
                .filter(told -> told.get("kind").asText().equals("STARTED"))
                .count();
        assertEquals(1, started, "each is new once: " + state.get("happenings"));
      }
      browser.await(
          "one again",
          told -> told.at("/robot/nodes").asInt() == 1 && told.at("/robot/there").asBoolean());
    }
  }
}
