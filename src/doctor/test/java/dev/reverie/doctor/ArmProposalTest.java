package dev.reverie.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.ArmFile;
import dev.reverie.arm.ArmFile.Controller.Kind;
import dev.reverie.arm.ArmModel;
import dev.reverie.arm.Urdf;
import dev.reverie.rcljava.EndpointInfo;
import dev.reverie.rcljava.Qos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The arm files that are proposed for several graphs, as whoever starts with them reads them. */
class ArmProposalTest {
  private static final List<String> JOINTS = List.of("a", "b", "claw");

  @TempDir Path folder;

  /**
   * A graph.
   *
   * @param urdf empty: none came
   * @param controllers joints that each says it moves, by topic or action
   * @param actions names of actions, by type
   * @param cameras sizes by topic
   */
  private record Graph(
      String name,
      String urdf,
      Map<String, List<String>> controllers,
      Map<String, String> actions,
      Map<String, String> cameras,
      ArmProposal.Said said) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final ArmProposal.Said NOTHING =
      new ArmProposal.Said("", "", List.of(), List.of(), Map.of(), Set.of(), 0);

  private static final String URDF =
      """
      <robot name="%s"><link name="l0"/>
        <link name="l1"/><joint name="a" type="revolute"><parent link="l0"/><child link="l1"/>
          <axis xyz="0 0 1"/><limit lower="-2" upper="2" velocity="%s" effort="1"/></joint>
        <link name="l2"/><joint name="b" type="continuous"><parent link="l1"/><child link="l2"/>
          <axis xyz="0 0 1"/></joint>
        <link name="l3"/><joint name="claw" type="prismatic"><parent link="l2"/><child link="l3"/>
          <axis xyz="1 0 0"/><limit lower="0" upper="0.04" velocity="0.0004" effort="1"/></joint>
      </robot>
      """;

  static Stream<Graph> graphs() {
    String follow = "control_msgs/action/FollowJointTrajectory_SendGoal";
    String grip = "control_msgs/action/GripperCommand_SendGoal";
    Map<String, String> front = Map.of("/front/image_raw", "640x480");
    Map<String, List<String>> jtc = Map.of("/jtc/joint_trajectory", List.of("a", "b"));
    return Stream.of(
        new Graph("whole", URDF.formatted("arm", 3), jtc, Map.of(), front, NOTHING),
        new Graph(
            "with a gripper's action",
            URDF.formatted("arm", 3),
            jtc,
            Map.of("/gripper_controller/gripper_cmd", grip),
            front,
            NOTHING),
        new Graph(
            "actions alone",
            URDF.formatted("arm", 3),
            Map.of(),
            Map.of("/arm/follow_joint_trajectory", follow, "/hand/gripper_cmd", grip),
            front,
            NOTHING),
        new Graph("slow finger", URDF.formatted("arm", 3), Map.of(), Map.of(), front, NOTHING),
        new Graph("no velocity", URDF.formatted("arm", 0), jtc, Map.of(), front, NOTHING),
        new Graph("nothing but joints", "", Map.of(), Map.of(), Map.of(), NOTHING),
        new Graph(
            "a name with signs", URDF.formatted("my: arm #1", 3), jtc, Map.of(), front, NOTHING),
        new Graph(
            "odd cameras",
            URDF.formatted("arm", 3),
            jtc,
            Map.of(),
            new TreeMap<>(
                Map.of(
                    "/image", "1281x719",
                    "/a/rgb/image", "30x20",
                    "/b/rgb/image", "4096x10",
                    "/wrist_cam/color/image_raw/compressed", "848x480")),
            NOTHING));
  }

  private static Seen seen(Graph graph) {
    Map<String, List<String>> topics = new TreeMap<>();
    Map<String, List<EndpointInfo>> subscriptions = new TreeMap<>();
    Map<String, Map<String, String>> parameters = new TreeMap<>();
    graph.controllers.forEach(
        (topic, joints) -> {
          String node = topic.substring(1, topic.lastIndexOf('/'));
          topics.put(topic, List.of(ControllerChecks.TRAJECTORY));
          var endpoint =
              new EndpointInfo(node, "/", ControllerChecks.TRAJECTORY, "", "", Qos.reliable(1));
          subscriptions.put(topic, List.of(endpoint));
          parameters.put("/" + node, Map.of("joints", joints.toString()));
        });
    Map<String, List<String>> services =
        graph.actions.entrySet().stream()
            .collect(
                Collectors.toMap(
                    action -> action.getKey() + "/_action/send_goal",
                    action -> List.of(action.getValue())));
    var arrivals = new Arrivals(List.of(0L, 100_000_000L), List.of(0L, 100_000_000L));
    Map<String, Seen.Joint> joints = new LinkedHashMap<>();
    JOINTS.forEach(joint -> joints.put(joint, Seen.Joint.at(0, "one")));
    Map<String, Seen.Camera> cameras = new TreeMap<>();
    graph.cameras.forEach(
        (topic, size) ->
            cameras.put(
                topic,
                new Seen.Camera(
                    arrivals, Set.of("rgb8"), Set.of(size), 2, "", List.of(), Optional.empty())));
    return new Seen(
        List.of(),
        topics,
        services,
        Map.of(),
        subscriptions,
        graph.urdf.isEmpty() ? List.of() : List.of(graph.urdf),
        Map.of("/joint_states", new Seen.Joints(arrivals, joints, 0)),
        cameras,
        List.of(),
        parameters,
        Map.of());
  }

  private ArmFile written(Graph graph) throws IOException {
    Optional<Urdf> urdf = Optional.of(graph.urdf).filter(text -> !text.isEmpty()).map(Urdf::parse);
    ArmProposal proposal = ArmProposal.of(seen(graph), urdf, "arm.urdf", graph.said);
    ArmFile read =
        ArmFile.read(Files.writeString(folder.resolve("arm.yaml"), proposal.arm().yaml()));
    assertEquals(
        proposal.arm().yaml().replaceAll("urdf:.*", ""), read.yaml().replaceAll("urdf:.*", ""));
    return read;
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void whatIsProposedIsReadAndFitsTheUrdf(Graph graph) throws IOException {
    ArmFile arm = written(graph);
    assertEquals(arm.joints(), arm.action().space().joints());
    if (!graph.urdf.isEmpty()) {
      ArmModel model = ArmModel.of(graph.urdf, arm, arm.action().periodS(), 1);
      assertEquals(arm.joints(), model.joints().names());
    }
    assertEquals(graph.cameras.size(), arm.cameras().size());
    assertEquals(Math.min(1, graph.cameras.size()), arm.policyCameras().size());
  }

  private List<String> told(Map<String, List<String>> controllers) {
    Graph graph = new Graph("", URDF.formatted("arm", 3), controllers, Map.of(), Map.of(), NOTHING);
    ArmProposal proposal =
        ArmProposal.of(seen(graph), Optional.of(Urdf.parse(graph.urdf)), "arm.urdf", NOTHING);
    return Stream.concat(proposal.found().stream(), proposal.assumed().stream()).toList();
  }

  @Test
  void theLinkThatKeysCouldMoveIsTold() {
    List<String> told = told(Map.of("/jtc/joint_trajectory", List.of("a", "b")));
    assertTrue(
        told.stream()
            .anyMatch(
                line -> line.endsWith("set teleoperation: {twist: teleop_twist, tip_link: l3}")),
        told::toString);
  }

  @Test
  void ofSeveralControllersItIsToldWhichIsTakenAndWhy() {
    List<String> more =
        told(
            Map.of(
                "/hand/joint_trajectory",
                List.of("claw"),
                "/jtc/joint_trajectory",
                List.of("a", "b")));
    assertTrue(
        more.contains(
            "2 controllers take commands; of them /jtc/joint_trajectory, which moves a, b, more"
                + " than others; choose another by --controller TOPIC"),
        more::toString);
    assertTrue(more.contains("not used: /hand/joint_trajectory, which moves claw"), more::toString);
    List<String> same =
        told(Map.of("/one/joint_trajectory", List.of("a"), "/two/joint_trajectory", List.of("b")));
    assertTrue(
        same.stream()
            .anyMatch(line -> line.contains("which moves a, the first of 2 that move as many;")),
        same::toString);
    assertTrue(same.contains("not used: /two/joint_trajectory, which moves b"), same::toString);
    List<String> silent =
        told(Map.of("/one/joint_trajectory", List.of(), "/two/joint_trajectory", List.of()));
    assertTrue(
        silent.contains("not used: /two/joint_trajectory, which moves joints that it does not say"),
        silent::toString);
  }

  @Test
  void aPictureIsWrittenWithBothOfItsSides() {
    Graph graph =
        new Graph(
            "",
            URDF.formatted("arm", 3),
            Map.of("/jtc/joint_trajectory", List.of("a", "b")),
            Map.of(),
            Map.of("/front/image_raw", "640x480"),
            NOTHING);
    String yaml =
        ArmProposal.of(seen(graph), Optional.of(Urdf.parse(graph.urdf)), "arm.urdf", NOTHING)
            .arm()
            .yaml();
    assertTrue(yaml.contains("width: 64\n    height: 48"), yaml);
  }

  @Test
  void aGripperWhoseJointNobodyTellsIsLeftToThePerson() throws IOException {
    Graph graph = graphs().skip(1).findFirst().orElseThrow();
    assertEquals("", written(graph).controller().gripper());
    ArmProposal proposal =
        ArmProposal.of(seen(graph), Optional.of(Urdf.parse(graph.urdf)), "arm.urdf", NOTHING);
    assertTrue(
        proposal.assumed().stream()
            .anyMatch(line -> line.contains("/gripper_controller/gripper_cmd")),
        proposal.assumed()::toString);
    Graph actions = graphs().skip(2).findFirst().orElseThrow();
    assertEquals(Kind.FOLLOW_JOINT_TRAJECTORY, written(actions).controller().kind());
  }
}
