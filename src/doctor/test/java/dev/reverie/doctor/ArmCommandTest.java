package dev.reverie.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.ArmFile;
import dev.reverie.policy.BundleSpec;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command beside an arm in rclpy, and alone with files. */
@Prepared
class ArmCommandTest {
  @TempDir Path folder;

  private final StringWriter said = new StringWriter();

  private int run(String[] rosArguments, Object... arguments) {
    CommandLine command = ArmCommand.commandLine(rosArguments);
    command.setOut(new PrintWriter(said));
    command.setErr(new PrintWriter(said));
    return command.execute(List.of(arguments).stream().map(String::valueOf).toArray(String[]::new));
  }

  @Test
  void whatIsThereBecomesAnArmFileThatFits() throws Exception {
    Path file = folder.resolve("peer.yaml");
    try (Peer peer = new Peer()) {
      String[] ros = peer.rosArguments();
      String space = peer.namespace;
      assertEquals(
          0,
          run(
              ros,
              "init",
              "--out",
              file,
              "--seconds",
              2,
              "--camera",
              "front=" + space + "/front/image_raw",
              "--camera",
              "wrist=" + space + "/wrist/image_raw",
              "--controller",
              space + "/joint_trajectory",
              "--joint-states",
              space + "/joint_states"),
          said::toString);
      ArmFile arm = ArmFile.read(file);
      assertEquals("peer", arm.name());
      assertEquals(List.of("shoulder", "elbow", "wrist"), arm.joints(), "as the controller says");
      assertEquals(
          List.of(new BundleSpec.Camera("front", 32, 32)), arm.policyCameras(), said::toString);
      assertEquals(List.of("front", "wrist"), List.copyOf(arm.cameras().keySet()));
      assertEquals(1.0, arm.limits().of("elbow").velocity());
      assertEquals(space + "/joint_trajectory", arm.controller().topic());
      assertEquals(folder.resolve("peer.urdf").toString(), arm.description().urdf());
      assertTrue(Files.readString(folder.resolve("peer.urdf")).contains("elbow_link"));

      assertEquals(0, run(ros, "check", file), said::toString);
      assertTrue(
          said.toString().contains("elbow: -2.00 to 2.00 rad, at most 1.00 rad/s"), said::toString);
      assertEquals(1, run(ros, "init", "--out", file));
      assertTrue(said.toString().contains("--force"), said::toString);
    }
  }

  @Test
  void whereNoArmIsItSaysWhatToStart() {
    String[] nobody = {"--ros-args", "-r", "__ns:=/nobody"};
    int status =
        run(
            nobody,
            "init",
            "--out",
            folder.resolve("none.yaml"),
            "--seconds",
            0.1,
            "--joints",
            "a,b",
            "--camera",
            "front=/nowhere/image_raw",
            "--controller",
            "/nowhere/joint_trajectory");
    assertEquals(0, status, said::toString);
    ArmFile arm = ArmFile.read(folder.resolve("none.yaml"));
    assertEquals(List.of("a", "b"), arm.joints());
    assertEquals(64, Objects.requireNonNull(arm.cameras().get("front")).width());
    assertTrue(said.toString().contains("robot_state_publisher"), said::toString);
  }

  @Test
  void whatIsThereIsNotReplacedAndWhatCannotBeWrittenIsRefusedBeforeItListens() throws Exception {
    Path theirs = Files.writeString(folder.resolve("theirs.urdf"), "<robot/>");
    Files.createDirectory(folder.resolve("taken.urdf"));
    assertRefused(folder.resolve("theirs.yaml"), "theirs.urdf' exists; give another --out, or");
    assertEquals("<robot/>", Files.readString(theirs));
    assertRefused(folder, "is a folder; give a file, such as");
    assertRefused(Path.of("/"), "is a folder; give a file, such as /arm.yaml");
    assertRefused(theirs.resolve("arm.yaml"), "is no folder; give another --out");
    assertRefused(theirs.resolve("deep/arm.yaml"), "is no folder; give another --out");
    assertRefused(Path.of("/proc/none/arm.yaml"), "nothing can be written in '/proc'");
    assertEquals(1, run(new String[0], "init", "--force", "--out", folder.resolve("taken.yaml")));
    assertTrue(said.toString().contains("taken.urdf', which is to be written, is a folder"));
  }

  @Test
  void filesAreWrittenWholeOrNotAtAll() throws Exception {
    Path urdf = folder.resolve("made/new.urdf");
    ArmFiles files = ArmFiles.of(folder.resolve("made/new.yml"), false);
    assertEquals(urdf, files.urdf());
    Files.createDirectories(files.yaml().resolve("taken"));
    Refusal.of(
        IllegalArgumentException.class,
        () -> files.write("name: a", Optional.of("<robot/>")),
        "new.yml' cannot be written: ",
        "; give another --out");
    try (Stream<Path> left = Files.list(folder.resolve("made"))) {
      assertEquals(List.of(files.yaml()), left.filter(Files::isDirectory).toList());
    }
    assertTrue(Files.notExists(urdf), "of a file that failed no other is left");
    Files.delete(files.yaml().resolve("taken"));
    Files.delete(files.yaml());
    files.write("name: a", Optional.of("<robot/>"));
    assertEquals("<robot/>", Files.readString(urdf));
    assertEquals("name: a", Files.readString(files.yaml()));
  }

  @Test
  void namesThatNoTopicHasAreRefusedBeforeItListens() {
    Path out = folder.resolve("none.yaml");
    for (String option : List.of("--controller=", "--joint-states=", "--camera=front=")) {
      said.getBuffer().setLength(0);
      assertEquals(1, run(new String[0], "init", "--out", out, option + "/front raw!!"));
      assertTrue(
          said.toString().contains("is on '/front raw!!', which is no name"), said::toString);
    }
    assertTrue(Files.notExists(out));
  }

  private void assertRefused(Path out, String... parts) {
    said.getBuffer().setLength(0);
    assertEquals(1, run(new String[0], "init", "--out", out), said::toString);
    for (String part : parts) {
      assertTrue(said.toString().contains(part), said::toString);
    }
    assertTrue(!said.toString().contains("Exception"), said::toString);
  }

  @Test
  void whatWasNotLookedAtIsNotCalledSound() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("arm.yaml"),
            "name: a\njoints: [a]\naction: {space: {kind: joint_deltas, joints: [a], scale_rad: [0.1]}}\n");
    assertEquals(0, run(new String[0], "check", file), said::toString);
    assertTrue(
        said.toString().contains("robot_description and was not looked at; give --urdf FILE"),
        said::toString);
    assertTrue(said.toString().contains("as far as it goes without its URDF"), said::toString);
    assertTrue(!said.toString().contains("it is sound"), said::toString);
  }

  @Test
  void whatIsRightAndMayNotBeMeantIsTold() throws Exception {
    Path urdf =
        Files.writeString(
            folder.resolve("two.urdf"),
            """
            <robot name="two"><link name="base"/><link name="tip"/>
            <joint name="a" type="revolute"><parent link="base"/><child link="tip"/>
            <limit lower="-1" upper="1" velocity="2"/></joint></robot>
            """);
    String arm =
        """
        name: a
        joints: [a]
        cameras: {front: {policy: false}}
        action: {space: {kind: joint_deltas, joints: [a], scale_rad: [0.1]}}
        limits: {joints: {a: {velocity: 50}}}
        """;
    Path file = Files.writeString(folder.resolve("arm.yaml"), arm);
    assertEquals(0, run(new String[0], "check", file, "--urdf", urdf), said::toString);
    for (String told :
        List.of(
            "notice: a policy would see nothing: none of the cameras [front] is",
            "notice: limits.joints.a.velocity is 50.0 and does nothing: the URDF has 2.0, which",
            "it is sound; what is not as it may be meant stands above")) {
      assertTrue(said.toString().contains(told), said::toString);
    }
    Files.writeString(file, arm.replace("[a]", "[b]").replace("{a:", "{b:"));
    assertEquals(1, run(new String[0], "check", file, "--urdf", urdf), said::toString);
    assertTrue(
        said.toString().contains("two.urdf) has no joint 'b'; nearest: 'a' - correct joints of"),
        said::toString);
    assertEquals(1, run(new String[0], "check", file, "--urdf", file), said::toString);
    assertTrue(
        said.toString().contains("arm.yaml': it begins with 'name: a', which is no XML; give the"),
        said::toString);
  }

  @Test
  void aFileThatIsWrongIsRefusedWithTheReason() throws Exception {
    Path file = Files.writeString(folder.resolve("arm.yaml"), "name: a\njoints: [a]\ntopic: b\n");
    assertEquals(1, run(new String[0], "check", file));
    assertTrue(said.toString().contains("unknown key 'topic'"), said::toString);
  }
}
