package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reverie.testing.Prepared;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts processes, since rcl reads the variables ROS_SECURITY_* of the process. */
@Prepared
class SecurityTest {
  /** Says its name on a topic, and prints which others it hears there and which nodes it sees. */
  static final class Chatter {
    public static void main(String[] args) {
      try (Context context = Context.init(args)) {
        Node node = context.createNode(context.arguments().getFirst());
        var type = dev.reverie.msgs.std_msgs.String.TYPE;
        var publisher = node.createPublisher(type, "chatter", Qos.DEFAULT);
        var heard = new HashSet<String>();
        node.createSubscription(
            type,
            "chatter",
            Qos.DEFAULT,
            m -> {
              if (heard.add(m.data())) {
                System.out.println("heard " + m.data());
              }
            });
        var seen = new HashSet<String>();
        node.createTimer(
            Duration.ofMillis(100),
            () -> {
              publisher.publish(new dev.reverie.msgs.std_msgs.String(node.name()));
              node.graph().nodes().stream()
                  .map(Graph.NodeName::name)
                  .filter(seen::add)
                  .forEach(name -> System.out.println("sees " + name));
            });
        var executor = new Executor(context);
        executor.add(node);
        executor.spin();
      }
    }
  }

  private static final String NAMESPACE = "/secured_" + ProcessHandle.current().pid();

  private static Keystore keystore;
  private static Keystore foreign;
  private static boolean secured;

  @BeforeAll
  static void makeKeys(@TempDir Path folder) throws Exception {
    keystore = Keystore.create(folder.resolve("keystore"), "/a", "/b", "/c");
    foreign = Keystore.create(folder.resolve("foreign"), "/a");
    try (Launched probe = chatter("probe", keystore.enforced(), "/a")) {
      probe.awaitAny("sees probe", "security libraries");
      secured = probe.output().contains("sees probe");
    }
  }

  private static Launched chatter(String name, Map<String, String> environment, String enclave)
      throws Exception {
    return Launched.java(Chatter.class, environment, arguments(name, enclave));
  }

  private static String[] arguments(String name, String enclave) {
    return new String[] {name, "--ros-args", "-r", "__ns:=" + NAMESPACE, "--enclave", enclave};
  }

  @Test
  void nodesWithKeysTalkAndOthersNeitherHearNorSeeNorReachThem() throws Exception {
    assumeTrue(secured, "the middleware of this ROS 2 is built without security");
    try (Launched open1 = chatter("open1", Map.of(), "/");
        Launched open2 = chatter("open2", Map.of(), "/");
        Launched stranger = chatter("stranger", foreign.enforced(), "/a");
        Launched a = chatter("a", keystore.enforced(), "/a");
        Launched b = chatter("b", keystore.enforced(), "/b");
        var c = Launched.python("peer.py", keystore.enforced(), "chat", arguments("c", "/c"))) {
      a.await("heard b", "heard c", "sees b", "sees python");
      b.await("heard a", "heard c");
      c.await("heard a", "heard b");
      // Nodes without keys meet each other, and by then would have met the rest.
      open1.await("heard open2");
      open2.await("heard open1");
      stranger.await("heard stranger");
      for (Launched trusted : new Launched[] {a, b, c}) {
        assertFalse(
            trusted.output().matches("(?s).*(heard|sees) (open|stranger).*"), trusted.output());
      }
      for (Launched other : new Launched[] {open1, open2, stranger}) {
        assertFalse(
            other.output().matches("(?s).*(heard|sees) ([abc]|python)\\b.*"), other.output());
      }
    }
  }

  @Test
  void aMiddlewareWithoutSecurityIsNamedWithTheRemedy() throws Exception {
    assumeTrue(!secured, "the middleware of this ROS 2 is built with security");
    try (Launched program = chatter("a", keystore.enforced(), "/a")) {
      assertEquals(1, program.awaitEnd());
      assertTrue(
          program.output().contains("this ROS 2's middleware is built without it"),
          program.output());
    }
  }

  @Test
  void anEnclaveWithoutKeysIsNamedWithTheRemedy() throws Exception {
    try (Launched program = chatter("a", keystore.enforced(), "/absent")) {
      assertEquals(1, program.awaitEnd());
      assertTrue(
          program.output().contains("keystore/enclaves/absent' does not exist"), program.output());
      assertTrue(program.output().contains("'ros2 security create_enclave "), program.output());
    }
  }

  @Test
  void aMissingKeystoreIsNamedWithTheRemedy() throws Exception {
    Map<String, String> none =
        Map.of("ROS_SECURITY_ENABLE", "true", "ROS_SECURITY_STRATEGY", "Enforce");
    try (Launched program = chatter("a", none, "/a")) {
      assertEquals(1, program.awaitEnd());
      assertTrue(
          program.output().contains("no keystore is named: set ROS_SECURITY_KEYSTORE"),
          program.output());
    }
  }
}
