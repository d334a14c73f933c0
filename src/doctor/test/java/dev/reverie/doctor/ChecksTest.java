package dev.reverie.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.ArmFile;
import dev.reverie.doctor.Finding.Severity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the checks on what was seen, without ROS 2. */
class ChecksTest {
  private static final List<String> JOINTS = List.of("a", "b");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"-1", "300", "abc", "1.5"})
  void aDomainOutOfRangeIsAnError(String id) {
    Finding finding = Machine.domain(Map.of("ROS_DOMAIN_ID", id), true);
    assertEquals(Severity.ERROR, finding.severity());
    assertTrue(finding.value().contains(id), finding.value());
  }

  @Test
  void aDiscoveryRangeThatIsNoneIsAnErrorWithThoseThatThereAre() {
    Finding finding = Machine.domain(Map.of("ROS_AUTOMATIC_DISCOVERY_RANGE", "HOME"), true);
    assertEquals(Severity.ERROR, finding.severity());
    assertTrue(finding.value().contains("'HOME', which counts as LOCALHOST"), finding.value());
    assertTrue(finding.remedy().contains("SUBNET"), finding.remedy());
  }

  @Test
  void theCheckoutsOwnDomainIsAWarningWhereNothingIsFoundInIt() {
    Map<String, String> own = Map.of("ROS_DOMAIN_ID", "42", "REVERIE_OWN_DOMAIN", "42");
    assertEquals(Severity.WARNING, Machine.domain(own, false).severity());
    assertEquals(Severity.OK, Machine.domain(own, true).severity());
    Map<String, String> other = Map.of("ROS_DOMAIN_ID", "0", "REVERIE_OWN_DOMAIN", "42");
    assertEquals(Severity.OK, Machine.domain(other, false).severity());
  }

  @Test
  void aClockOfAnotherKindIsNotToBeSynchronised() {
    long now = 1_795_000_000_000_000_000L;
    long simulated = 100_000_000_000L;
    for (long[] clocks : new long[][] {{now, simulated}, {simulated, now}}) {
      var arrivals = new Arrivals(List.of(clocks[0]), List.of(clocks[1]));
      Finding finding = StampChecks.check("/joint_states", arrivals).getFirst();
      assertEquals(Severity.ERROR, finding.severity());
      assertTrue(finding.remedy().contains("use_sim_time to all"), finding.remedy());
    }
    var late = new Arrivals(List.of(now), List.of(now - simulated));
    Finding finding = StampChecks.check("/joint_states", late).getFirst();
    assertTrue(finding.remedy().contains("synchronise the clocks"), finding.remedy());
  }

  @Test
  void aRolloutsFolderThatIsAFileIsAnErrorAndOneToBeMadeIsNot() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertEquals(Severity.ERROR, Machine.folder(file).severity());
    assertTrue(
        Machine.folder(folder.resolve("not/yet")).severity() != Severity.ERROR, "to be made");
  }

  @Test
  void aProviderOfCudaThatCannotBeUsedIsAWarningWithItsReason() {
    Finding broken = Machine.gpu(true, true, Optional.of("libcudnn.so.9 is missing"));
    assertEquals(Severity.WARNING, broken.severity());
    assertTrue(broken.value().contains("libcudnn.so.9"), broken.value());
    assertEquals(Severity.OK, Machine.gpu(true, true, Optional.empty()).severity());
    Finding without = Machine.gpu(true, false, Optional.empty());
    assertTrue(without.value().contains("no CUDA provider"), without.value());
    assertEquals(Severity.OK, Machine.gpu(false, false, Optional.empty()).severity());
  }

  private Finding memory(Map<String, String> environment, boolean used, long foreign, long free) {
    return Middleware.sharedMemory(
        environment, new Middleware.Memory(folder, Optional.of(used), foreign, free));
  }

  @Test
  void whyNoSharedMemoryIsUsedIsTold() throws Exception {
    long room = 1L << 30;
    assertEquals(Severity.OK, memory(Map.of(), true, 0, room).severity());
    Finding full = memory(Map.of(), false, 0, 1 << 20);
    assertTrue(full.value().contains("not used") && full.value().contains("free in"), full.value());
    assertTrue(full.remedy().contains("--shm-size"), full.remedy());
    Path udp = Files.writeString(folder.resolve("udp.xml"), "<type>UDPv4</type>");
    for (Map<String, String> environment :
        List.of(
            Map.of("FASTDDS_BUILTIN_TRANSPORTS", "UDPv4"),
            Map.of("FASTRTPS_DEFAULT_PROFILES_FILE", udp.toString()),
            Map.of("FASTDDS_DEFAULT_PROFILES_FILE", "/nowhere.xml"))) {
      Finding unused = memory(environment, false, 0, room);
      assertEquals(Severity.WARNING, unused.severity());
      String key = environment.keySet().iterator().next();
      assertTrue(unused.remedy().contains(key), unused.remedy());
    }
    assertTrue(memory(Map.of(), true, 3, room).value().contains("3 segments"));
    Finding other = memory(Map.of("RMW_IMPLEMENTATION", "rmw_cyclonedds_cpp"), false, 0, room);
    assertEquals(Severity.OK, other.severity());
    assertTrue(other.value().contains("rmw_cyclonedds_cpp"), other.value());
  }

  @Test
  void aStreamIsLookedForWhereTheNodeSendsIt() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("arm.yaml"),
            """
            name: two
            joints: [a]
            action: {space: {kind: joint_deltas, joints: [a], scale_rad: [0.1]}}
            controller: {kind: stream}
            teleoperation: {leader: leader/joint_states}
            """);
    Wanted wanted =
        Wanted.of(Optional.of(ArmFile.read(file)), Optional.empty(), topic -> "/" + topic);
    assertEquals("/forward_position_controller/commands", wanted.commands());
    assertEquals(List.of("/teleop", "/leader/joint_states"), wanted.teleoperation());
  }

  private static List<Finding> settings(String... namesAndValues) {
    Map<String, String> parameters = new TreeMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      parameters.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return ControllerChecks.settings("/jtc", parameters, JOINTS);
  }

  @Test
  void aControllerOfMoreJointsNeedsToAllowPartialGoals() {
    Finding wants = settings("joints", "[a, b, c]").getFirst();
    assertEquals(Severity.ERROR, wants.severity());
    assertTrue(wants.value().contains("[c]"), wants.value());
    assertTrue(wants.remedy().contains("allow_partial_joints_goal"), wants.remedy());
    Finding allows =
        settings("joints", "[a, b, c]", "allow_partial_joints_goal", "true").getFirst();
    assertEquals(Severity.OK, allows.severity());
  }

  @Test
  void settingsThatSpoilTheMotionAreWarnings() {
    List<Finding> found =
        settings(
            "joints", "[b, a]",
            "command_interfaces", "[velocity]",
            "interpolation_method", "none",
            "constraints.a.trajectory", "0.005",
            "constraints.b.trajectory", "0.0");
    assertEquals(3, found.size(), found.toString());
    assertTrue(found.stream().allMatch(f -> f.severity() == Severity.WARNING), found.toString());
  }

  @Test
  void aControllerThatBeginsWhereItMeasuresTheArmIsWarnedOf() {
    String kilted = "interpolate_from_desired_state";
    for (Finding found :
        List.of(
            settings("open_loop_control", "false").getFirst(),
            settings("open_loop_control", "true", kilted, "false").getFirst())) {
      assertEquals(Severity.WARNING, found.severity());
      assertTrue(found.value().contains("pulled back at each tick"), found.value());
    }
    Finding sound = settings("open_loop_control", "false", kilted, "true").getFirst();
    assertEquals(Severity.OK, sound.severity());
  }

  @Test
  void aControllerThatTellsNothingIsNotJudged() {
    assertEquals(List.of(), settings());
  }

  @Test
  void camerasAreSwappedOnlyWhereThatFitsBetterByFar() {
    assertEquals(Severity.ERROR, swapped(60, 10).severity());
    assertEquals(List.of(), PictureChecks.check(distances(14, 10), Map.of()));
    assertEquals(List.of(), PictureChecks.check(distances(10, 60), Map.of()));
  }

  private static Finding swapped(double straight, double crossed) {
    return PictureChecks.check(distances(straight, crossed), Map.of()).getFirst();
  }

  private static Map<String, Map<String, Double>> distances(double straight, double crossed) {
    return Map.of(
        "front", Map.of("front", straight, "wrist", crossed),
        "wrist", Map.of("wrist", straight, "front", crossed));
  }

  @Test
  void theWorstComesLastWithItsRemedyBelowInLine() {
    String text =
        Printout.text(
            List.of(
                Finding.error("camera front", "plug it in", "nobody publishes %s", "/front"),
                Finding.ok("ROS 2", "jazzy")),
            false);
    assertEquals(
        """
        ok       ROS 2         jazzy
        error    camera front  nobody publishes /front
                               -> plug it in
        the arm is not ready: 1 error, 0 warnings, 1 ok
        """,
        text);
  }

  @Test
  void ratesAgesAndGapsAreThoseOfTheArrivals() {
    long ms = 1_000_000L;
    var arrivals =
        new Arrivals(List.of(0L, 100 * ms, 300 * ms), List.of(-50 * ms, 60 * ms, 250 * ms));
    assertEquals(2 / 0.3, arrivals.rateHz().orElseThrow(), 1e-9);
    assertEquals(0.05, arrivals.ageS(), 1e-9);
    assertEquals(0.2, arrivals.longestGapS(), 1e-9);
    assertTrue(!arrivals.unstamped() && !arrivals.sameStamp());
  }
}
