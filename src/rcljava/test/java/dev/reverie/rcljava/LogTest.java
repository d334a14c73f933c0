package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.test_msgs.Empty;
import dev.reverie.testing.Prepared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@Prepared
class LogTest {
  @Test
  void theLogReachesRosoutAndIncompatibleQosIsAWarning() throws Exception {
    try (var ros = new TestRos("--log-level", "info");
        var peer = new Peer(ros.namespace, "rosout", ros.namespace.substring(1))) {
      System.Logger log = ros.node.logger();
      assertEquals(ros.namespace.substring(1) + ".java", log.getName());
      log.log(System.Logger.Level.INFO, "100 % of {0}", "it");
      assertEquals("20 LogTest.java 100 % of it", peer.await("rosout"));
      log.log(System.Logger.Level.DEBUG, "not at the default level");
      var failure = new IllegalStateException("why");
      failure.setStackTrace(new StackTraceElement[] {failure.getStackTrace()[0]});
      log.log(System.Logger.Level.ERROR, "broken", failure);
      assertTrue(
          peer.await("rosout")
              .startsWith("40 LogTest.java broken|java.lang.IllegalStateException"));

      ros.node.createPublisher(Empty.TYPE, "unreliable", Qos.SENSOR_DATA);
      ros.node.createSubscription(Empty.TYPE, "unreliable", Qos.DEFAULT, m -> {});
      String one = peer.await("rosout");
      String other = peer.await("rosout");
      for (String warning : new String[] {one, other}) {
        assertTrue(warning.startsWith("30 "), warning);
        assertTrue(warning.contains(ros.namespace + "/unreliable"), warning);
        assertTrue(warning.endsWith("Policy: reliability"), warning);
      }
    }
  }

  @Test
  void theLevelComesFromTheArguments() {
    try (var ros = new TestRos("--log-level", "warn", "--log-level", "loud:=debug")) {
      assertFalse(ros.node.logger().isLoggable(System.Logger.Level.INFO));
      assertTrue(ros.node.logger().isLoggable(System.Logger.Level.WARNING));
      assertTrue(new RosLogger("loud").isLoggable(System.Logger.Level.DEBUG));
    }
  }

  @Test
  void theLogIsAlsoAFile() throws Exception {
    String words = "found again in a file " + System.nanoTime();
    try (var ros = new TestRos()) {
      ros.node.logger().log(System.Logger.Level.WARNING, words);
    }
    Path folder = Path.of(System.getenv("ROS_LOG_DIR"));
    String pid = Long.toString(ProcessHandle.current().pid());
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(
          files
              .filter(file -> file.getFileName().toString().contains(pid))
              .anyMatch(file -> contains(file, words)));
    }
  }

  private static boolean contains(Path file, String words) {
    try {
      return Files.readString(file).contains(words);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
