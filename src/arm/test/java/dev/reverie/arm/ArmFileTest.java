package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.ActionSpace;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArmFileTest {
  private static final String SMALL =
      """
      name: two
      joints: [a, b]
      cameras:
        front: {width: 32}
      action:
        space: {kind: joint_deltas, joints: [a, b], scale_rad: [0.1, 0.2]}
      limits:
        joints:
          b: {velocity: 0.5}
      """;

  @TempDir Path folder;

  private ArmFile read(String yaml) throws IOException {
    return ArmFile.read(Files.writeString(folder.resolve("arm.yaml"), yaml));
  }

  @Test
  void whatAFileDoesNotSayIsAsUsual() throws IOException {
    ArmFile arm = read(SMALL);
    assertEquals(List.of("a", "b"), arm.joints());
    assertEquals(
        "front/image_raw", Objects.requireNonNull(arm.cameras().get("front")).imageTopic("front"));
    assertEquals(32, arm.policyCameras().getFirst().width());
    assertEquals(64, arm.policyCameras().getFirst().height());
    assertEquals(List.of("joint_states"), arm.jointStates().topics());
    assertEquals(ArmFile.From.COMMANDED, arm.action().from());
    assertEquals(
        new ActionSpace.JointDeltas(List.of("a", "b"), List.of(0.1, 0.2)), arm.action().space());
    assertEquals(0.5, arm.limits().of("b").velocity());
    assertEquals(Double.POSITIVE_INFINITY, arm.limits().of("b").jerk());
    assertEquals(ArmFile.Controller.Kind.TRAJECTORY, arm.controller().kind());
  }

  @Test
  void whatIsWrittenReadsBackTheSameAndIsShort() throws IOException {
    ArmFile arm = read(SMALL);
    String written = arm.yaml();
    assertEquals(arm, read(written));
    assertTrue(written.lines().count() < 24, written);
  }

  @Test
  void aFileWithoutCamerasOrLimitsHasNone() throws IOException {
    ArmFile arm =
        read(
            """
            name: bare
            joints: [a]
            action: {space: {kind: joint_deltas, joints: [a], scale_rad: [0.1]}}
            """);
    assertTrue(arm.cameras().isEmpty(), arm.toString());
    assertTrue(arm.limits().joints().isEmpty(), arm.toString());
    assertEquals(arm, read(arm.yaml()));
  }

  @Test
  void filesCountFromItsFolder() throws IOException {
    ArmFile arm = read(SMALL + "description: {urdf: so101.urdf}\n");
    assertEquals(folder.resolve("so101.urdf").toString(), arm.description().urdf());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/a", "a/b_2/image_raw", "~/a", "~", "{ns}/a", "/robot_{node}/a", "_a", "a__b"})
  void namesThatRos2ExpandsAreTopics(String topic) throws IOException {
    ArmFile arm = read(SMALL.replace("width: 32", "topic: '%s'".formatted(topic)));
    assertEquals(topic, Objects.requireNonNull(arm.cameras().get("front")).topic());
  }

  @Test
  void whatIsNoUtf8OrNestedWithoutEndIsToldSo() throws IOException {
    Path file = folder.resolve("arm.yaml");
    Files.write(file, SMALL.replace("two", "tw\u00f6").getBytes(StandardCharsets.ISO_8859_1));
    for (Executable read :
        List.<Executable>of(() -> ArmFile.read(file), () -> HandEye.read(file))) {
      Refusal.of(ArmException.class, read, "arm.yaml' is no text in UTF-8; save it as UTF-8");
    }
    Files.writeString(file, SMALL + "x: " + "[".repeat(3000) + "]".repeat(3000));
    Refusal.of(ArmException.class, () -> ArmFile.read(file), "arm.yaml' is nested deeper");
  }

  @Test
  void textThatLooksLikeANumberIsTextInQuotes() throws IOException {
    ArmFile arm = read(SMALL.replace("name: two", "name: '42'"));
    assertEquals("42", arm.name());
    assertEquals(arm, read(arm.yaml()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name: two | nam: two | has no 'name'",
        "front: {width: 32} | front: {widht: 32} | unknown key 'cameras.front.widht'; the"
            + " nearest are 'width', 'height', 'crop', and all are [crop, frozen_after_s, height,",
        "front: {width: 32} | front: {widht: 32} | rectify, topic, width]",
        "action: | 'controller: {joints: [a]}\n"
            + "action:' | unknown key 'controller.joints'; the nearest are ",
        "action: | 'controller: {name: a}\n"
            + "action:' | and all are [gripper, gripper_effort, gripper_joint, kind, rate_hz, topic]",
        "action: | 'description: {name: a}\n"
            + "action:' | unknown key 'description.name'; there are [joint_limits, topic, urdf]",
        "space: | spaces: | unknown key 'action.spaces'; the nearest are 'space', ",
        "name: two | 'name: two\n"
            + "urdf: a' | and all are [action, cameras, controller, description, joint_states,"
            + " joints, limits, name, teleoperation]",
        "b: {velocity: 0.5} | 'b: {speed: 0.5}' | unknown key 'limits.joints.b.speed'; the nearest"
            + " are 'step', ",
        "action: | 'joint_states:\n\ttopics: [a]\naction:' | has a tab in line ",
        "name: two | 'name: !!binary dHdv' | has binary data (!!binary) as 'name'; give text or a"
            + " number",
        "joints: [a, b] | 'joints: [a, !!binary Yg==]' | has binary data (!!binary) as 'joints[1]'",
        "name: two | 'name: !!binary ?' | is no YAML in line 1: it cannot be read there",
        "name: two | 'name: a: b' | is no YAML in line 1: ': ' stands inside of a value; put the"
            + " value in quotes",
        "name: two | 'name: \"two' | is no YAML in line ",
        "name: two | 'name: %two' | is no YAML in line 1: a value begins with a sign that none can"
            + " begin with; put it in quotes",
        "front: {width: 32} | front: {width: wide} | cameras.front.width",
        "front: {width: 32} | front: {width: 0} | camera 'front' is 0x64",
        "joints: [a, b] | joints: [a, a] | give each a name of its own",
        "joints: [a, b] | joints: [] | joints is empty",
        "joints: [a, b] | joints: [a] | names 'b', which is not among joints [a]",
        "b: {velocity: 0.5} | b: {velocity: -1} | limits.joints.b: velocity is -1.0; give more than 0",
        "b: {velocity: 0.5} | c: {velocity: 1} | limits.joints names 'c'",
        "kind: joint_deltas | kind: joint_steps | joint_steps",
        "[0.1, 0.2] | [0.1] | scale_rad is [0.1]; give 2 numbers",
        "name: two | 'name: [' | line",
        "kind: joint_deltas | kind: joint_steps | kind 'joint_steps' is unknown; the nearest are"
            + " 'joint_deltas', 'joint_positions', ",
        "[0.1, 0.2] | '[0.1, 0.2], speed: 1' | unknown key 'action.space.speed'; there are [joints, scale_rad]",
        "space: | from: measured # | has no 'action.space'; give one, such as 'space: {kind: joint_deltas,",
        "front: {width: 32} | front: {policy: perhaps} | cameras.front.policy: 'perhaps' is no true or false; write true",
        "joints: [a, b] | joints: [a, b, ~] | joints[2]' is empty",
        "front: {width: 32} | front: {width: 32.5} | cameras.front.width",
        "front: {width: 32} | 'front:' | cameras.front' is empty; give a value",
        "action: | 'controller: {kind: servo}\n"
            + "action:' | servo' is no one of [trajectory, stream, follow_joint_trajectory]",
        "action: | 'controller: {gripper: g, gripper_joint: claw}\n"
            + "action:' | controller.gripper_joint names 'claw'",
        "action: | 'controller: {gripper: claw/gripper_cmd}\n"
            + "action:' | controller.gripper is 'claw/gripper_cmd' without gripper_joint",
        "action: | 'joint_states: {names: {j1: a, j2: a}}\naction:' | two names for 'a'",
        "action: | 'joint_states: {names: {j1: c}}\naction:' | joint_states.names: 'c' is none of the joints",
        "action: | 'joint_states: {names: {a: b}}\naction:' | both called 'a' in messages",
        "action: | 'joint_states: {prefix: l_, names: {l_b: a}}\naction:' | both called 'l_b'",
        "b: {velocity: 0.5} | 'b: {lower: 1, upper: -1}' | lower must be below upper",
        "front: {width: 32} | front: {frozen_after_s: -1} | frozen_after_s is -1.0",
        "limits: | 'limits:\n  limited_ticks: -1' | limits.limited_ticks is -1",
        "action: | 'teleoperation: {twist: t}\n"
            + "action:' | teleoperation.twist is 't' without tip_link",
        "action: | 'controller: {kind: stream, rate_hz: 0}\naction:' | controller.rate_hz is 0.0",
        "action: | 'controller: {gripper_effort: -1}\n"
            + "action:' | controller.gripper_effort is -1.0; give 0",
        "action: | 'controller: {gripper_effort: 5}\n"
            + "action:' | gripper_effort 5.0 without gripper",
        "action: | 'joint_states: {topics: a}\naction:' | joint_states.topics: 'a' is no list; write it so: 'topics: [joint_states]'",
        "front: {width: 32} | 'front: {topic: /c/image_raw}\n"
            + "  wrist: {topic: /c/image_raw}' | camera 'front' and camera 'wrist' are both on"
            + " topic '/c/image_raw'; give each a topic of its own",
        "front: {width: 32} | 'front: {}\n"
            + "  wrist: {topic: front/image_raw}' | camera 'front' and camera 'wrist' are both on"
            + " topic 'front/image_raw'",
        "front: {width: 32} | 'front: {}\n"
            + "  wrist: {topic: /front/image_raw/compressed}' | camera 'front' and camera 'wrist'"
            + " are both on topic",
        "front: {width: 32} | 'front: {topic: joint_states}' | joint_states.topics[0] and camera"
            + " 'front' are both on topic 'joint_states'",
        "action: | 'joint_states: {topics: [a, /a]}\n"
            + "action:' | joint_states.topics[0] and joint_states.topics[1] are both on topic '/a'",
        "action: | 'teleoperation: {trajectory: joint_trajectory_controller/joint_trajectory}\n"
            + "action:' | controller.topic and teleoperation.trajectory are both on topic",
        "action: | 'teleoperation: {twist: teleop, tip_link: tool0}\n"
            + "action:' | teleoperation.trajectory and teleoperation.twist are both on topic"
            + " 'teleop'",
        "action: | 'teleoperation: {leader: joint_states}\n"
            + "action:' | the arm's own joint 'a': it would follow itself",
        "action: | 'teleoperation: {leader: l, leader_names: {x: a, y: a}}\n"
            + "action:' | teleoperation.leader_names has two names for 'a'",
        "action: | 'description: {topic: \"\"}\naction:' | description.topic is empty",
        "name: two | name: '' | name is empty",
        "limits: | 'limits:\n"
            + "  keep_out: [{frame: \"\", min: [0, 0, 0], max: [1, 1, 1]}]' | a box has an empty"
            + " frame",
        "action: | 'action:\n"
            + "  period_s: 0.000000001' | action.period_s is 1.0E-9; give the seconds between two"
            + " actions, 0.001 to 3600.0",
        "action: | 'action:\n  period_s: 0' | action.period_s is 0.0; give",
        "action: | 'action:\n  period_s: 1e9' | action.period_s is 1.0E9; give",
        "action: | 'action:\n"
            + "  horizon: 1000000000' | action.horizon is 1000000000; give the actions of a chunk,"
            + " 1 to 1000",
        "action: | 'action:\n  horizon: 0' | action.horizon is 0; give",
        "'[a, b], scale_rad' | '[a, a], scale_rad' | action.space.joints is [a, a]; give each a"
            + " name of its own",
        "scale_rad: [0.1, 0.2] | 'scale_rad: [0.1, 7]' | action.space.scale_rad is [0.1, 7.0], and"
            + " no action moves a joint by more than a turn",
        "action: | 'controller: {gripper_joint: a}\n"
            + "action:' | controller.gripper_joint is 'a' and gripper_effort 0.0 without gripper; name",
        "action: | 'teleoperation: {leader_names: {x: a}}\n"
            + "action:' | teleoperation.leader_names is {x=a} without leader; name",
        "action: | 'controller: {topic: \"/front image raw!!\"}\n"
            + "action:' | controller.topic is on '/front image raw!!', which is no name of a topic"
            + " in ROS 2",
        "action: | 'controller: {kind: follow_joint_trajectory, topic: a//b}\n"
            + "action:' | controller.topic is on 'a//b'",
        "action: | 'controller: {gripper: 2f/cmd, gripper_joint: a}\n"
            + "action:' | controller.gripper is on '2f/cmd'",
        "action: | 'joint_states: {topics: [/a/]}\naction:' | joint_states.topics[0] is on '/a/'",
        "action: | 'description: {topic: ~a}\naction:' | description.topic is on '~a'",
        "action: | 'teleoperation: {trajectory: tele-op}\n"
            + "action:' | teleoperation.trajectory is on 'tele-op'",
        "front: {width: 32} | 'front: {topic: /front image raw!!}' | camera 'front' is on '/front"
            + " image raw!!'",
        "front: {width: 32} | 'front: {topic: 42}' | cameras.front.topic: 42 is no text; put it in"
            + " quotes",
        "front: {width: 32} | 'front: {topic: true}' | cameras.front.topic: true is no text",
        "joints: [a, b] | joints: [a, b, 1.5] | joints.[2]: 1.5 is no text",
        "front: {width: 32} | 'front left!: {topic: /a}' | cameras has the name 'front left!',"
            + " which is no name in ROS 2; use letters, digits and _, such as front_left_",
        "front: {width: 32} | '2: {topic: /a}' | cameras has the name '2', which is no name in ROS"
            + " 2; use letters, digits and _, such as front",
        "name: two | 'name: \"two\n\n  three\"' | name is 'two?three', with a line break",
        "name: two | name:"
            + " aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            + " | name is 'aaaaaaaaaaaaaaaaaaaa...' of 101 characters; give 100 at most",
        "front: {width: 32} | front: {width: .inf} | has a number that is none as"
            + " 'cameras.front.width' in line 4: .inf; give a finite number",
        "b: {velocity: 0.5} | b: {velocity: .NaN} | has a number that is none as"
            + " 'limits.joints.b.velocity' in line 9",
        "[0.1, 0.2] | [0.1, -.INF] | has a number that is none as 'action.space.scale_rad.1' in"
            + " line 6",
        "front: {width: 32} | front: {width: 99999999999} | cameras.front.width: 99999999999 is out"
            + " of range; give a whole number, 2147483647 at most",
        "limits: | 'limits:\n"
            + "  limited_ticks: -99999999999999999999' | limits.limited_ticks: -99999999999999999999 is out of range",
        "name: two | 'name: two\n"
            + "name: three' | has the key 'name' twice, again in line 2; leave one",
        "joints: [a, b] | 'joints: [a, b]\n"
            + "joints: [a, b]' | has the key 'joints' twice, again in line 3",
        "front: {width: 32} | front: *back | has the alias '*back' in line 4; write out what it"
            + " stands for",
        "front: {width: 32} | 'front: {<<: *back}' | has the alias '*back' in line 4",
        "joints: [a, b] | joints: [a, *b] | has the alias '*b' in line 2",
        "b: {velocity: 0.5} | b: {velocity: 1e999} | has a number that is none as 'limits.joints.b.velocity' in line 9: 1e999;"
            + " give a finite number, or leave the key out",
        "b: {velocity: 0.5} | b: {velocity: NaN} | none as 'limits.joints.b.velocity' in line 9: NaN; give",
        "b: {velocity: 0.5} | 'b: {velocity: \"Infinity\"}' | in line 9: Infinity; give a finite",
        "b: {velocity: 0.5} | b: {velocity: fast} | limits.joints.b.velocity: 'fast' is no number;"
            + " write one, such as 0.5",
        "front: {width: 32} | 'front: {topic: \"\"}' | arm.yaml': 'cameras.front.topic' is empty; name the"
            + " topic of the camera's images, or leave it out",
        "front: {width: 32} | wrist: 3 | cameras.wrist: 3 is no group of keys; write it so: 'wrist:"
            + " {topic: /wrist/image_raw}'",
        "joints: [a, b] | joints: a | joints: 'a' is no list; write it so: 'joints: [shoulder,",
        "name: two | 'name:' | arm.yaml': 'name' is empty; give it a value, such as 'name: my_arm'",
        "name: two | 'title: two' | has no 'name'; give one, such as 'name: my_arm'",
        "kind: joint_deltas, | '' | it has no 'kind'; give one of [end_effector_delta,",
        "limits: | 'limits:\n"
            + "  workspace: [{frame: a, min: [0, 0, 0], max: [1, 1, 1], colour: 3}]' | unknown key"
            + " 'limits.workspace.[0].colour'; there are [frame, max, min]",
      })
  void refusesWhatNoArmIs(String part, String instead, String reason) {
    var e =
        assertThrows(
            ArmException.class, () -> read(SMALL.replaceFirst(Pattern.quote(part), instead)));
    assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains("arm.yaml"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | is empty",
        "'# nothing\n---\n' | is empty",
        "'- name: two\n"
            + "- joints: [a, b]' | is a list of 2 entries; it must have keys with values, 'key:"
            + " value' each",
        "so101 | is only the text 'so101'; it must have keys",
        "7 | is only the number '7'",
        "'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a' | is a Git LFS pointer",
        "true | is only the text 'true'",
        "'name: two\n---\nname: three' | has 2 YAML documents; leave one",
        "'- a\n---\nname: three\n---\n3' | has 3 YAML documents; leave one",
      })
  void aFileThatIsNoGroupOfKeysIsToldWhatItIs(String yaml, String reason) {
    Refusal.of(ArmException.class, () -> read(yaml), "arm.yaml", reason, "./reverie arm init");
  }

  @Test
  void aliasesThatStandForBillionsOfWordsAreRefusedAtOnce() {
    var laughs = new StringBuilder("name: two\na0: &a0 [lol, lol, lol]\n");
    for (int i = 1; i < 30; i++) {
      laughs.append("a%d: &a%d [*a%d, *a%d, *a%d]%n".formatted(i, i, i - 1, i - 1, i - 1));
    }
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () ->
            Refusal.of(
                ArmException.class, () -> read(laughs.toString()), "the alias '*a0' in line 3"));
  }

  @Test
  void onlyTheLimitThatIsWrongIsNamed() {
    var e =
        assertThrows(ArmException.class, () -> read(SMALL.replace("velocity: 0.5", "velocity: 0")));
    assertTrue(
        String.valueOf(e.getMessage())
            .endsWith("limits.joints.b: velocity is 0.0; give more than 0, or leave it out"),
        e.getMessage());
  }

  @Test
  void whatIsGivenAsAnExampleIsRead() {
    String shortest =
        """
        name: two
        joints: [shoulder, elbow]
        action: {space: {kind: joint_deltas, joints: [elbow], scale_rad: [0.1]}}
        """;
    ArmWords.EXAMPLES.forEach(
        (key, example) -> {
          String[] groups = key.replace("cameras.*", "cameras.front").split("\\.", -1);
          var yaml = new StringBuilder();
          shortest
              .lines()
              .filter(line -> !line.startsWith(groups[0] + ":"))
              .forEach(line -> yaml.append(line).append('\n'));
          for (int i = 0; i < groups.length - 1; i++) {
            yaml.append("  ".repeat(i)).append(groups[i]).append(":\n");
          }
          String indented = "  ".repeat(groups.length - 1);
          yaml.append(indented).append(example).append('\n');
          if (key.endsWith("leader_names")) {
            yaml.append(indented).append("leader: leader/joint_states\n");
          }
          assertDoesNotThrow(() -> read(yaml.toString()), yaml::toString);
        });
  }

  @Test
  void oneDocumentMayBeginAndEndWithItsMarks() throws IOException {
    assertEquals("two", read("---\n" + SMALL + "...\n").name());
    assertEquals("two", read("---\n" + SMALL + "---\n").name());
  }

  @Test
  void aLeaderArmMayTellOfItselfBesideTheArm() throws IOException {
    String leader = "leader: joint_states, leader_names: {left_a: a, left_b: b}";
    assertEquals(
        List.of("joint_states"),
        read(SMALL
                + "joint_states: {prefix: right_}\nteleoperation: {trajectory: '', "
                + leader
                + "}\n")
            .teleoperation()
            .topics());
  }

  @Test
  void anActionStandsBesideTheTopicOfItsController() {
    assertEquals("follow_joint_trajectory", ArmFile.Controller.action(""));
    assertEquals("follow_joint_trajectory", ArmFile.Controller.action("joint_trajectory"));
    assertEquals("/a/follow_joint_trajectory", ArmFile.Controller.action("/a/joint_trajectory"));
    assertEquals("/my_joint_trajectory", ArmFile.Controller.action("/my_joint_trajectory"));
    assertEquals(
        "b/follow_joint_trajectory", ArmFile.Controller.action("b/follow_joint_trajectory"));
  }

  @ParameterizedTest
  @CsvSource({
    "kind: trajectory, joint_trajectory_controller/joint_trajectory",
    "'kind: trajectory, topic: \"\"', joint_trajectory",
    "kind: stream, forward_position_controller/commands",
    "'kind: stream, topic: arm/commands', arm/commands",
    "'kind: stream, topic: \"\"', forward_position_controller/commands",
    "kind: follow_joint_trajectory, joint_trajectory_controller/follow_joint_trajectory",
    "'kind: follow_joint_trajectory, topic: arm/move', arm/move",
  })
  void commandsGoWhereTheirKindIsTaken(String controller, String where) throws IOException {
    assertEquals(where, read(SMALL + "controller: {" + controller + "}\n").controller().commands());
  }

  @Test
  void aPersonIsHeardOnTheTopicsThatAreNamed() throws IOException {
    ArmFile arm = read(SMALL + "teleoperation: {trajectory: '', leader: leader/joint_states}\n");
    assertEquals(List.of("leader/joint_states"), arm.teleoperation().topics());
    assertEquals(List.of("teleop"), read(SMALL).teleoperation().topics());
  }

  @Test
  void namesAFileThatIsNotThere() {
    var e = assertThrows(ArmException.class, () -> ArmFile.read(folder.resolve("none.yaml")));
    assertTrue(String.valueOf(e.getMessage()).contains("./reverie arm init"), e.getMessage());
    Refusal.of(ArmException.class, () -> ArmFile.read(folder), "is a folder; give the file in it");
  }
}
