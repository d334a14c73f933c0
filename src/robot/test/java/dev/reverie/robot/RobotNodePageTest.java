package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.msgs.rcl_interfaces.ParameterDescriptor;
import dev.reverie.rcljava.Graph;
import dev.reverie.rcljava.Graph.NodeName;
import dev.reverie.testing.Prepared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds docs/robot-node.md against the node as it runs, and against the constants of .msg files.
 */
@Prepared
class RobotNodePageTest {
  private static final Path ROOT = Path.of(System.getProperty("reverie.root"));

  /** Actions are services and topics of their own, which the page counts as one. */
  private static final String ACTION = "/_action/";

  @TempDir Path folder;

  @Test
  void thePageNamesWhatTheNodeHearsSaysAndOffersAndNothingElse() throws Exception {
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
    SortedMap<String, String> hears = page("It hears");
    SortedMap<String, String> says = page("It says");
    SortedMap<String, String> services = page("Services");
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"))) {
      Graph graph = robot.arm.node.graph();
      NodeName node = new NodeName("robot", robot.arm.node.namespace(), "/");
      graph.await( // discovery takes its time
          Duration.ofSeconds(20),
          () ->
              graph.nodes().contains(node)
                  && named(graph.subscriptionsOf(node), node).equals(hears)
                  && named(graph.publishersOf(node), node).equals(says)
                  && named(graph.servicesOf(node), node).equals(services));
      assertEquals(hears, named(graph.subscriptionsOf(node), node), "it hears");
      assertEquals(says, named(graph.publishersOf(node), node), "it says");
      assertEquals(services, named(graph.servicesOf(node), node), "services");
      assertEquals(page("The action"), actions(graph.servicesOf(node), node), "actions");
    }
  }

  @Test
  void thePageNamesEveryParameterAndNoOther() throws Exception {
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"));
        var parameters = robot.arm.node.createParameterClient("robot")) {
      parameters.waitForServices(Duration.ofSeconds(20));
      List<String> names = RunningRobot.get(parameters.list());
      assertEquals(
          page("Parameters").keySet(),
          names.stream().map(RobotNodePageTest::ofAnyCamera).collect(Collectors.toSet()));
      for (ParameterDescriptor one : RunningRobot.get(parameters.describe(names))) {
        assertEquals(!one.name().equals("use_sim_time"), one.readOnly(), one.name());
      }
    }
  }

  @Test
  void thePageExplainsEveryKindOfHoldLimitAndEvent() throws IOException {
    var kinds = new TreeSet<String>();
    kinds.addAll(constants("Hold.msg", ""));
    kinds.addAll(constants("Command.msg", "LIMIT_"));
    kinds.addAll(constants("SafetyEvent.msg", ""));
    var explained = new TreeSet<>(page("What holds the arm, and how to let it go").keySet());
    assertEquals(kinds, explained);
  }

  private static List<String> constants(String file, String prefix) throws IOException {
    return Pattern.compile("^uint8 (" + prefix + "\\w+)=", Pattern.MULTILINE)
        .matcher(Files.readString(ROOT.resolve("msg").resolve(file)))
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  /** The first two columns of a section's tables: names with what stands beside them. */
  private static SortedMap<String, String> page(String section) throws IOException {
    String text = Files.readString(ROOT.resolve("docs/robot-node.md"));
    int begin = text.indexOf("\n## " + section + "\n");
    int end = text.indexOf("\n## ", begin + 1);
    SortedMap<String, String> rows = new TreeMap<>();
    Pattern.compile("^\\| `([^`]+)` \\| ([^|]*) \\|", Pattern.MULTILINE)
        .matcher(text.substring(begin, end < 0 ? text.length() : end))
        .results()
        .forEach(row -> rows.put(row.group(1), row.group(2)));
    return rows;
  }

  /** Names of the graph as the page writes them. */
  private static SortedMap<String, String> named(Map<String, List<String>> found, NodeName node) {
    SortedMap<String, String> names = new TreeMap<>();
    found.forEach(
        (name, types) -> {
          if (!name.contains(ACTION)) {
            names.put(relative(name, node), String.join(" ", types));
          }
        });
    return names;
  }

  private static SortedMap<String, String> actions(Map<String, List<String>> found, NodeName node) {
    SortedMap<String, String> names = new TreeMap<>();
    found.forEach(
        (name, types) -> {
          if (name.endsWith(ACTION + "send_goal")) {
            names.put(
                relative(name.substring(0, name.indexOf(ACTION)), node),
                types.getFirst().replace("_SendGoal", ""));
          }
        });
    return names;
  }

  private static String relative(String name, NodeName node) {
    if (name.startsWith(node.fullName() + "/")) {
      return "~" + name.substring(node.fullName().length());
    }
    return ofAnyCamera(
        name.startsWith(node.namespace() + "/")
            ? name.substring(node.namespace().length() + 1)
            : name);
  }

  private static String ofAnyCamera(String name) {
    return name.replaceFirst("^(camera\\.)?camera(?=[./])", "$1<camera>");
  }
}
