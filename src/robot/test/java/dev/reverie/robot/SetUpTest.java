package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Prepared;
import dev.reverie.testing.SmallDisk;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process of its own: what it says to a wrong set-up, and how it ends. */
@Prepared
class SetUpTest {
  @TempDir Path folder;

  private Path bundle() {
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0, 0).save(bundle);
    return bundle;
  }

  private Process start(String... arguments) throws Exception {
    return start(Map.of(), arguments);
  }

  private Process start(Map<String, String> environment, String... arguments) throws Exception {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + File.separator + "bin/java",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                RobotCommand.class.getName()));
    command.addAll(List.of(arguments));
    var process =
        new ProcessBuilder(command)
            .directory(folder.toFile()) // where it has its rollouts unless it is told otherwise
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile());
    process.environment().putAll(environment);
    return process.start();
  }

  private String output() throws Exception {
    return Files.readString(folder.resolve("output"), StandardCharsets.UTF_8);
  }

  private void refused(String words, String... arguments) throws Exception {
    refused(words, start(arguments));
  }

  private void refused(String words, Process process) throws Exception {
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "still running");
    assertTrue(process.exitValue() != 0, "exit code 0");
    assertTrue(output().contains(words), output());
    assertTrue(!output().contains("\tat "), "a stack trace: " + output());
  }

  @Test
  void anUnknownArgumentIsRefused() throws Exception {
    refused("'--speed'", "--speed", "9");
  }

  @Test
  void anUnknownParameterIsRefusedWithThoseThatAreKnown() throws Exception {
    Path bundle = bundle();
    refused(
        "unknown parameters [control_rate_hertz]; the nearest to 'control_rate_hertz' are"
            + " 'control_rate_hz', ",
        "--ros-args",
        "-p",
        "bundle:=" + bundle,
        "-p",
        "control_rate_hertz:=5.0");
    assertTrue(output().contains("control_rate_hz"), output());
  }

  @Test
  void aValueOutOfRangeIsRefused() throws Exception {
    refused(
        "parameter 'max_observation_age_s' of /robot can not be -1.0 (a float); give 0.001 to"
            + " 3600.0",
        "--ros-args",
        "-p",
        "bundle:=" + bundle(),
        "-p",
        "max_observation_age_s:=-1.0");
  }

  @Test
  void aRateThatNoControlLoopHoldsIsRefused() throws Exception {
    String[] rate = {"--ros-args", "-p", "bundle:=" + bundle(), "-p", "control_rate_hz:=1e9"};
    for (String absurd : List.of("1000000000.0", "1001.0", "0.0", "-10.0", ".nan", ".inf")) {
      rate[4] = "control_rate_hz:=" + absurd;
      refused("parameter control_rate_hz is ", rate);
      assertTrue(output().contains("one every 0.001 to 3600.0 s; give the rate"), output());
    }
  }

  @Test
  void aValueOfTheWrongTypeIsRefused() throws Exception {
    refused("lock_step", "--ros-args", "-p", "bundle:=" + bundle(), "-p", "lock_step:=sometimes");
  }

  @Test
  void aFolderThatCannotBeWrittenIsRefusedWithTheRemedy() throws Exception {
    String[] there = {"--ros-args", "-p", "bundle:=" + bundle(), "-p", "rollouts_dir:=/proc"};
    refused("rollouts_dir '/proc' cannot be written", there);
    there[4] = "rollouts_dir:=/proc/rollouts";
    refused("rollouts_dir '/proc/rollouts' cannot be made", there);
  }

  @Test
  void anInstructionOfAnotherLengthThanAnyIsRefusedAtTheStart() throws Exception {
    String[] there = {
      "--ros-args", "-p", "bundle:=" + bundle(), "-p", "instruction:='" + "push ".repeat(2000) + "'"
    };
    refused(
        "parameter 'instruction': the instruction has 10000 characters; give at most 1000", there);
  }

  @Test
  void anEmptyTextIsRefusedWhereOneIsNeeded() throws Exception {
    String[] there = {"--ros-args", "-p", "bundle:=" + bundle(), "-p", "rollouts_dir:=''"};
    refused("parameter rollouts_dir is ''; give a folder, such as out/rollouts", there);
    there[4] = "controller.topic:=''";
    refused("parameter controller.topic is ''; give the topic of the controller", there);
    there[4] = "camera.%s.topic:='  '".formatted("camera");
    refused("parameter camera.%s.topic is '  '; give the topic of".formatted("camera"), there);
    there[4] = "hand_eye:=['']";
    refused("parameter hand_eye is ''; give files of calibrate hand-eye", there);
  }

  @Test
  void oneTopicForTwoCamerasOrForACameraAndTheCommandsIsRefusedWithBoth() throws Exception {
    Path arm =
        Files.writeString(
            folder.resolve("arm.yaml"),
            """
            name: two
            joints: [a]
            cameras: {front: {}, wrist: {policy: false}}
            action: {space: {kind: joint_deltas, joints: [a], scale_rad: [0.1]}}
            """);
    String[] there = {
      "--ros-args", "-p", "arm:=" + arm, "-p", "camera.wrist.topic:=/front/image_raw"
    };
    refused(
        "camera 'front' and camera 'wrist' are both on topic '/front/image_raw'; give each a topic"
            + " of its own",
        there);
    there[3] = "-r";
    there[4] = "wrist/image_raw:=front/image_raw/compressed";
    refused("camera 'front' and camera 'wrist' are both on topic", there);
    there[4] = "front/image_raw:=joint_states";
    refused(
        "joint state /joint_states and camera 'front' are both on topic '/joint_states'", there);
  }

  @Test
  void aUrdfOfTheArmFileThatIsNoneEndsTheNodeWithItsName() throws Exception {
    Path urdf = folder.resolve("mine.urdf");
    Path arm =
        Files.writeString(
            folder.resolve("arm.yaml"),
            """
            name: one
            joints: [a]
            action: {space: {kind: joint_deltas, joints: [a], scale_rad: [0.1]}}
            description: {urdf: mine.urdf}
            """);
    for (String text : List.of("", "<robot><link", "<robot><link name='b'/><link name='b'/>")) {
      Files.writeString(urdf, text);
      refused("the URDF '%s'".formatted(urdf), "--ros-args", "-p", "arm:=" + arm);
      assertTrue(output().contains("description.urdf of the arm file"), output());
    }
  }

  @Test
  void aRolloutsFolderOnAFullOrReadOnlyDiskIsRefusedAndNoBagIsNamed() throws Exception {
    Path rollouts = Files.createDirectories(folder.resolve("rollouts"));
    String[] there = {"--ros-args", "-p", "bundle:=" + bundle(), "-p", "rollouts_dir:=" + rollouts};
    try (var disk = SmallDisk.mount(rollouts, 1 << 20)) {
      refused("the disk of rollouts_dir '%s' has ".formatted(rollouts), there);
      assertTrue(output().contains("make room on it"), output());
      assertTrue(!output().contains(".mcap") && !output().contains("recover"), output());
      disk.makeReadOnly();
      refused("rollouts_dir '%s' cannot be written".formatted(rollouts), there);
      assertTrue(output().contains("change its owner or mount"), output());
      assertTrue(!output().contains(".mcap") && !output().contains("recover"), output());
    }
  }

  @Test
  void aDomainThatIsNoneIsRefused() throws Exception {
    for (String domain : List.of("-1", "300", "abc")) {
      refused("ROS_DOMAIN_ID", start(Map.of("ROS_DOMAIN_ID", domain), "--ros-args"));
      assertTrue(output().contains(domain), output());
    }
  }

  @Test
  void aMissingBundleIsRefused() throws Exception {
    refused("there is no policy bundle '/nowhere'", "--ros-args", "-p", "bundle:=/nowhere");
  }

  @Test
  void aSignalWhileAPolicyLoadsEndsTheNodeCleanly() throws Exception {
    String[] arguments = {
      "--ros-args", "-p", "bundle:=" + bundle(), "-p", "rollouts_dir:=" + folder.resolve("rollouts")
    };
    for (int milliseconds : new int[] {0, 100, 300, 500, 700, 900}) {
      Process process = start(arguments);
      Thread.sleep(milliseconds);
      process.destroy();
      assertTrue(process.waitFor(20, TimeUnit.SECONDS), "still running");
      int status = process.exitValue();
      // Before the node listens to signals the JVM ends with the signal's own status, or, hit while
      // it starts itself, with an error of its own.
      boolean starting = output().startsWith("Error occurred during initialization of VM");
      assertTrue(
          status == 0 || status == 128 + 15 || starting,
          milliseconds + " ms: " + status + " " + output());
    }
  }

  @Test
  void aSignalEndsTheNodeWithExitCodeZero() throws Exception {
    Process process =
        start(
            "--ros-args",
            "-p",
            "bundle:=" + bundle(),
            "-p",
            "rollouts_dir:=" + folder.resolve("rollouts"));
    for (int i = 0; i < 200 && !output().contains("is live"); i++) {
      Thread.sleep(100);
    }
    process.destroy();
    assertTrue(process.waitFor(20, TimeUnit.SECONDS), "still running");
    assertEquals(0, process.exitValue(), output());
  }
}
