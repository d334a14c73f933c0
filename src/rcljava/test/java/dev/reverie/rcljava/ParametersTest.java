package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.rcl_interfaces.ParameterDescriptor;
import dev.reverie.msgs.rcl_interfaces.SetParametersResult;
import dev.reverie.testing.Prepared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

@Prepared
class ParametersTest {
  @Test
  void aParameterHasItsDefaultUnlessTheArgumentsGiveAValue() {
    try (Context context =
            Context.init("left", "--ros-args", "-p", "rate:=20", "-p", "name:=arm", "--", "right");
        Node node = context.createNode("robot")) {
      assertEquals(20.0, node.declareParameter(ParameterDeclaration.of("rate", 10.0)));
      assertEquals("arm", node.declareParameter(ParameterDeclaration.of("name", "")));
      assertEquals(7, node.declareParameter(ParameterDeclaration.of("retries", 7)));
      assertEquals(List.of("left", "right"), context.arguments());
      assertEquals(
          List.of(
              new Parameter("use_sim_time", false),
              new Parameter("rate", 20.0),
              new Parameter("name", "arm"),
              new Parameter("retries", 7)),
          node.parameters().all());
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
                switches: [true, false]
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
      assertTrue(node.declareParameter(ParameterDeclaration.of("flag", false)));
      assertEquals(1.5, node.declareParameter(ParameterDeclaration.of("limits.speed", 0.0)));
      assertEquals(4, node.declareParameter(ParameterDeclaration.of("limits.count", 0)));
      assertEquals(
          List.of("shoulder", "elbow"),
          node.declareParameter(ParameterDeclaration.of("joints", List.<String>of())));
      assertArrayEquals(
          new double[] {1, 2.5},
          node.declareParameter(ParameterDeclaration.of("gains", new double[0])));
      assertArrayEquals(
          new double[] {1, 2},
          node.declareParameter(ParameterDeclaration.of("whole_gains", new double[0])));
      assertArrayEquals(
          new long[] {4, 5}, node.declareParameter(ParameterDeclaration.of("ids", new long[0])));
      assertArrayEquals(
          new boolean[] {true, false},
          node.declareParameter(ParameterDeclaration.of("switches", new boolean[0])));
      assertEquals(1, node.declareParameter(ParameterDeclaration.of("everywhere", 0)));
    }
  }

  @Test
  void anEmptyListIsOneOfAnyType() {
    try (Context context =
            Context.init("--ros-args", "-p", "gains:=[]", "-p", "joints:=[]", "-p", "rate:=[]");
        Node node = context.createNode("robot")) {
      assertEquals(
          0, node.declareParameter(ParameterDeclaration.of("gains", new double[] {1})).length);
      assertEquals(
          List.of(), node.declareParameter(ParameterDeclaration.of("joints", List.of("a"))));
      assertRefused(
          "give a float", () -> node.declareParameter(ParameterDeclaration.of("rate", 10.0)));
    }
  }

  @Test
  void aValueOfAnotherTypeIsRefusedByName() {
    try (Context context = Context.init("--ros-args", "-p", "rate:=fast");
        Node node = context.createNode("robot")) {
      RclException e =
          assertThrows(
              RclException.class,
              () -> node.declareParameter(ParameterDeclaration.of("rate", 10.0)));
      assertEquals(
          "parameter 'rate' of /robot can not be 'fast' (a string); give a float", e.getMessage());
    }
  }

  @Test
  void aParameterIsDeclaredOnce() {
    try (Context context = Context.init();
        Node node =
            context.createNode(
                "robot", new NodeOptions("/cell", Map.of("rate", 5, "flag", true)))) {
      assertEquals("/cell/robot", node.fullName());
      assertEquals(5.0, node.declareParameter(ParameterDeclaration.of("rate", 10.0)));
      assertTrue(node.declareParameter(ParameterDeclaration.of("flag", false)));
      assertThrows(
          RclException.class, () -> node.declareParameter(ParameterDeclaration.of("rate", 10.0)));
    }
  }

  @Test
  void aValueIsSetWhereTypeAndRangeAllowIt() {
    try (Context context = Context.init();
        Node node = context.createNode("robot")) {
      Parameters parameters = node.parameters();
      node.declareParameter(ParameterDeclaration.of("even", 4).range(0, 9, 2));
      node.declareParameter(ParameterDeclaration.of("part", 0.1).range(0.0, 1.0, 0.1));
      node.declareParameter(ParameterDeclaration.of("fixed", "a").readOnly());
      node.declareParameter(ParameterDeclaration.dynamic("any", 1));
      node.declareParameter(ParameterDeclaration.of("gains", new double[] {1}));
      parameters.set("even", 8);
      parameters.set("even", 9); // the ends are always allowed
      assertEquals(9, parameters.get("even").asLong());
      assertRefused("give 0 to 9 in steps of 2", () -> parameters.set("even", 7));
      assertRefused("give 0 to 9", () -> parameters.set("even", 10));
      parameters.set("part", 0.1 + 0.2);
      assertRefused("give 0.0 to 1.0 in steps of 0.1", () -> parameters.set("part", 0.35));
      assertRefused("give 0.0 to 1.0", () -> parameters.set("part", Double.NaN));
      parameters.set("part", 1); // an integer is a float too
      assertEquals(1.0, parameters.get("part").asDouble());
      assertRefused("'fixed' of /robot is read-only", () -> parameters.set("fixed", "b"));
      assertRefused("(a string); give an integer", () -> parameters.set("even", "many"));
      parameters.set("any", List.of("of", "strings"));
      assertEquals(List.of("of", "strings"), parameters.get("any").asStrings());
      assertRefused("not a boolean", () -> parameters.get("any").asBoolean());
      parameters.set("gains", List.of());
      assertEquals(0, parameters.get("gains").asDoubles().length);
      assertThrows(IllegalArgumentException.class, () -> parameters.set("any", new Object()));
      assertThrows(
          IllegalArgumentException.class, () -> ParameterDeclaration.of("word", "").range(0, 1));
    }
  }

  @Test
  void whatIsNotDeclaredCanBeNeitherReadNorSet() {
    try (Context context = Context.init();
        Node node = context.createNode("robot")) {
      Parameters parameters = node.parameters();
      String words = "parameter 'rat' of /robot is not declared; declare it, or use one of";
      assertRefused(words, () -> parameters.get("rat"));
      assertRefused(words, () -> parameters.set("rat", 1));
      assertRefused(words, () -> parameters.undeclare("rat"));
      assertEquals(false, parameters.has("rat"));
      node.declareParameter(ParameterDeclaration.of("rat", 1));
      assertTrue(parameters.has("rat"));
      parameters.undeclare("rat");
      assertTrue(parameters.find("rat").isEmpty());
    }
  }

  @Test
  void aRequiredParameterNeedsAValueFromOutside() {
    try (Context context = Context.init("--ros-args", "-p", "serial:=A7");
        Node node = context.createNode("robot")) {
      assertEquals("A7", node.declareParameter(ParameterDeclaration.of("serial", "").required()));
      assertRefused(
          "parameter 'port' of /robot has no value; give it an integer: --ros-args -p port:=...",
          () -> node.declareParameter(ParameterDeclaration.of("port", 0).required()));
    }
  }

  @Test
  void severalAreSetTogetherOrNotAtAllAndValidatorsHaveASay() {
    try (Context context = Context.init();
        Node node = context.createNode("robot")) {
      Parameters parameters = node.parameters();
      node.declareParameter(ParameterDeclaration.of("low", 0));
      node.declareParameter(ParameterDeclaration.of("high", 10));
      var heard = new ArrayList<List<Parameter>>();
      Registration validator =
          parameters.validate(
              wanted ->
                  wanted.stream().anyMatch(p -> p.value().equals(13L))
                      ? Optional.of("13 brings bad luck")
                      : Optional.empty());
      Registration listener = parameters.onChange(heard::add);
      List<Parameter> both = List.of(new Parameter("low", 5), new Parameter("high", 13));
      assertRefused("13 brings bad luck", () -> parameters.set(both));
      assertRefused(
          "13 brings bad luck", () -> node.declareParameter(ParameterDeclaration.of("middle", 13)));
      assertEquals(0, parameters.get("low").asLong());
      assertEquals(List.of(), heard);
      validator.close();
      parameters.set(both);
      assertEquals(List.of(both), heard);
      listener.close();
      parameters.set("low", 6);
      assertEquals(1, heard.size());
      parameters.validate(
          wanted -> {
            parameters.set("low", 7);
            return Optional.empty();
          });
      assertThrows(IllegalStateException.class, () -> parameters.set("high", 1));
    }
  }

  @Test
  void aNodeMayTakeParametersThatItDidNotDeclare() {
    NodeOptions options = NodeOptions.DEFAULT.allowingUndeclared().declaringOverrides();
    try (Context context = Context.init("--ros-args", "-p", "given:=3");
        Node node = context.createNode("robot", options)) {
      assertEquals(3, node.parameters().get("given").asLong());
      node.parameters().set("new", true);
      node.parameters().set("new", "of another type");
      assertEquals("of another type", node.parameters().get("new").asString());
      assertEquals(List.of(), node.parameters().undeclared());
    }
  }

  @Test
  void useSimTimeCanBeSetWhileTheNodeRuns() {
    try (var ros = new TestRos("-r", "/clock:=clock")) {
      assertEquals(false, ros.node.clock().isSimulated());
      ros.node.parameters().set("use_sim_time", true);
      ros.await("simulated time", () -> ros.node.clock().isSimulated());
      ros.node.parameters().set("use_sim_time", false);
      ros.await("the system's time", () -> !ros.node.clock().isSimulated());
    }
  }

  @Test
  void rclpyUsesTheSixServicesAndHearsOfChanges() throws Exception {
    try (var ros = new TestRos("-p", "rate:=20");
        var peer = new Peer(ros.namespace, "param")) {
      peer.await("ready");
      ros.node.declareParameter(
          ParameterDeclaration.of("rate", 10.0)
              .describedAs("control rate, Hz")
              .constrainedTo("an integer part")
              .range(1.0, 1000.0, 0.5));
      ros.node.declareParameter(ParameterDeclaration.of("count", 1).range(0, 10));
      ros.node.declareParameter(ParameterDeclaration.of("flag", true).readOnly());
      ros.node.declareParameter(ParameterDeclaration.of("limits.speed", 1.5));
      ros.node.declareParameter(ParameterDeclaration.of("limits.deep.er", 1));
      ros.node.declareParameter(ParameterDeclaration.of("joints", List.of("a", "b")));
      ros.node.declareParameter(ParameterDeclaration.of("raw", new byte[] {1, -1}));
      ros.node.declareParameter(ParameterDeclaration.dynamic("any", new boolean[] {true}));
      ros.node.declareParameter(ParameterDeclaration.of("complete", true));

      assertEquals("complete", peer.await("event_new_last"));
      assertEquals(
          "['any', 'complete', 'count', 'flag', 'joints', 'limits.deep.er', 'limits.speed', 'rate',"
              + " 'raw', 'use_sim_time']",
          peer.await("list"));
      assertEquals("['limits.speed'] ['limits']", peer.await("list_limits"));
      assertEquals("['limits.deep.er', 'limits.speed']", peer.await("list_deep"));
      assertEquals("20.0 ['a', 'b'] [b'\\x01', b'\\xff'] [True] None", peer.await("get"));
      assertEquals("1 3 5", peer.await("types"));
      assertEquals(
          "rate 3 'control rate, Hz' 'an integer part' False False 1.0 1000.0 0.5",
          peer.await("rate"));
      assertEquals("True True 0 10 1", peer.await("flag_any_count"));
      assertEquals("True", peer.await("set_rate"));
      assertEquals("rate 30.5", peer.await("event_changed"));
      assertEquals(
          "False parameter 'rate' of %s/java can not be 0.5 (a float); give 1.0 to 1000.0 in steps of 0.5"
              .formatted(ros.namespace),
          peer.await("set_range"));
      assertEquals(
          "False parameter 'rate' of %s/java can not be 'fast' (a string); give a float"
              .formatted(ros.namespace),
          peer.await("set_type"));
      assertTrue(peer.await("set_read_only").startsWith("False parameter 'flag' of"));
      assertTrue(peer.await("set_absent").startsWith("False parameter 'absent' of"));
      assertEquals("True False True", peer.await("set_each"));
      assertEquals("3 2.5", peer.await("got_each"));
      assertEquals("False", peer.await("set_together"));
      assertEquals("3 2.5", peer.await("got_together"));
      assertEquals("True", peer.await("set_both"));
      assertEquals("4 3.5", peer.await("got_both"));
      assertEquals("True", peer.await("delete_any"));
      assertEquals("any", peer.await("event_deleted"));
      assertEquals(false, ros.node.parameters().has("any"));
      assertEquals("True", peer.await("set_sim_time"));
      ros.await("simulated time", () -> ros.node.clock().isSimulated());
      peer.awaitEnd();
      assertEquals(4, ros.node.parameters().get("count").asLong());
    }
  }

  @Test
  void theParametersOfAnRclpyNodeAreReadAndSet() throws Exception {
    try (var ros = new TestRos();
        var peer = new Peer(ros.namespace, "parametrized");
        ParameterClient client = ros.node.createParameterClient("python")) {
      peer.await("met");
      assertTrue(client.waitForServices(TestRos.TIMEOUT));
      assertTrue(TestRos.get(client.list()).containsAll(List.of("speed", "names", "arm.id")));
      assertEquals(List.of("arm.id"), TestRos.get(client.list(List.of("arm"), 1)).names());
      var names = new Parameter("names", List.of("a", "b"));
      var speed = new Parameter("speed", 1.5);
      assertEquals(List.of(names, speed), TestRos.get(client.get(List.of("names", "speed"))));
      List<SetParametersResult> results =
          TestRos.get(client.set(List.of(new Parameter("speed", 2.5), new Parameter("arm.id", 9))));
      assertTrue(results.get(0).successful(), results.get(0).reason());
      assertEquals(false, results.get(1).successful());
      SetParametersResult refused =
          TestRos.get(
              client.setAtomically(
                  List.of(new Parameter("speed", 3.5), new Parameter("arm.id", 9))));
      assertEquals(false, refused.successful());
      assertEquals(2.5, TestRos.get(client.get(List.of("speed"))).getFirst().asDouble());
      ParameterDescriptor descriptor = TestRos.get(client.describe(List.of("arm.id"))).getFirst();
      assertTrue(descriptor.readOnly());
      assertEquals("which arm", descriptor.description());
      ExecutionException e =
          assertThrows(
              ExecutionException.class, () -> TestRos.get(client.get(List.of("speed", "absent"))));
      assertTrue(String.valueOf(e.getMessage()).contains("absent]"), e.getMessage());
    }
  }

  private static void assertRefused(String words, Executable action) {
    RclException e = assertThrows(RclException.class, action);
    assertTrue(String.valueOf(e.getMessage()).contains(words), e.getMessage());
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
    RclException e =
        assertThrows(RclException.class, () -> Context.init("--ros-args", "--unheard-of"));
    assertTrue(e.toString().contains("--unheard-of"), e.getMessage());
  }
}
