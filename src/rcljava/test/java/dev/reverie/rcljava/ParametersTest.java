package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

@EnabledIfEnvironmentVariable(named = "REVERIE_PYTHON", matches = ".+")
class ParametersTest {

  @Test
  void aParameterHasItsDefaultUnlessTheArgumentsGiveAValue() {
    try (Context context =
            Context.init("left", "--ros-args", "-p", "rate:=20", "-p", "name:=arm", "--", "right");
        Node node = context.createNode("robot")) {
      assertEquals(20.0, node.declareParameter("rate", 10.0));
      assertEquals("arm", node.declareParameter("name", ""));
      assertEquals(7, node.declareParameter("retries", 7));
      assertEquals(List.of("left", "right"), context.arguments());
      assertEquals(
          Map.of("use_sim_time", false, "rate", 20.0, "name", "arm", "retries", 7L),
          node.parameters());
    }
  }

  @Test
  void everyKindOfValueComesFromAFileAndTheLaterArgumentWins(@TempDir Path folder)
      throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("parameters.yaml"),
            """
            /left/robot:
              ros__parameters:
                flag: true
                limits: {speed: 1.5, count: 3}
                joints: [shoulder, elbow]
                gains: [1.0, 2.5]
                whole_gains: [1, 2]
                ids: [4, 5]
            /right/robot:
              ros__parameters:
                flag: false
            /**:
              ros__parameters:
                everywhere: 1
            """);
    try (Context context =
            Context.init(
                "--ros-args",
                "-r",
                "__ns:=/left",
                "--params-file",
                file.toString(),
                "-p",
                "limits.count:=4");
        Node node = context.createNode("robot")) {
      assertTrue(node.declareParameter("flag", false));
      assertEquals(1.5, node.declareParameter("limits.speed", 0.0));
      assertEquals(4, node.declareParameter("limits.count", 0));
      assertEquals(
          List.of("shoulder", "elbow"), node.declareParameter("joints", List.<String>of()));
      assertArrayEquals(new double[] {1, 2.5}, node.declareParameter("gains", new double[0]));
      assertArrayEquals(new double[] {1, 2}, node.declareParameter("whole_gains", new double[0]));
      assertArrayEquals(new long[] {4, 5}, node.declareParameter("ids", new long[0]));
      assertEquals(1, node.declareParameter("everywhere", 0));
    }
  }

  @Test
  void aValueOfAnotherTypeIsRefusedByName() {
    try (Context context = Context.init("--ros-args", "-p", "rate:=fast");
        Node node = context.createNode("robot")) {
      var e = assertThrows(RclException.class, () -> node.declareParameter("rate", 10.0));
      assertEquals(
          "parameter 'rate' of /robot is 'fast' (a string), but a value such as 10.0 was expected"
              + " (a float)",
          e.getMessage());
    }
  }

  @Test
  void aParameterIsDeclaredOnce() {
    try (Context context = Context.init();
        Node node =
            context.createNode(
                "robot", new NodeOptions("/cell", Map.of("rate", 5, "flag", true)))) {
      assertEquals("/cell/robot", node.fullName());
      assertEquals(5.0, node.declareParameter("rate", 10.0));
      assertTrue(node.declareParameter("flag", false));
      assertThrows(RclException.class, () -> node.declareParameter("rate", 10.0));
    }
  }

  @Test
  void otherNodesReadParametersAndAreToldWhyTheyCanNotSetThem() throws Exception {
    try (var ros = new TestRos("-p", "rate:=20");
        var peer = new Peer(ros.namespace, "param")) {
      ros.node.declareParameter("rate", 10.0);
      ros.node.declareParameter("flag", true);
      ros.node.declareParameter("limits.speed", 1.5);
      ros.node.declareParameter("limits.deep.er", 1);
      ros.node.declareParameter("joints", List.of("a", "b"));
      assertEquals(
          "['flag', 'joints', 'limits.deep.er', 'limits.speed', 'rate', 'use_sim_time']",
          peer.await("list"));
      assertEquals("['limits.speed']", peer.await("list_limits"));
      assertEquals("20.0 ['a', 'b'] None", peer.await("get"));
      assertEquals("1 3", peer.await("types"));
      assertEquals("True", peer.await("read_only"));
      assertEquals(
          "False parameter 'rate' is read at the node's start: start it with -p rate:=...",
          peer.await("set"));
      peer.awaitEnd();
    }
  }

  @Test
  void patternsOfParameterFilesMatchAsInRclcpp() {
    assertTrue(ParameterOverrides.matches("/**", "/a/b/robot"));
    assertTrue(ParameterOverrides.matches("/*", "/robot"));
    assertTrue(ParameterOverrides.matches("/*/robot", "/a/robot"));
    assertTrue(ParameterOverrides.matches("/**/robot", "/robot"));
    assertTrue(ParameterOverrides.matches("robot", "/robot"));
    assertEquals(false, ParameterOverrides.matches("robot", "/a/robot"));
    assertEquals(false, ParameterOverrides.matches("/*", "/a/robot"));
    assertEquals(false, ParameterOverrides.matches("/**/arm", "/a/robot"));
  }

  @Test
  void wrongRosArgumentsAreRefused() {
    assertThrows(RclException.class, () -> Context.init("--ros-args", "-p", "no_value"));
    var e = assertThrows(RclException.class, () -> Context.init("--ros-args", "--unheard-of"));
    assertTrue(e.toString().contains("--unheard-of"), e.getMessage());
  }
}
