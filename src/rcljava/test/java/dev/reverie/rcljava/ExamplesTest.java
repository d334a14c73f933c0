package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Prepared;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Each example of the README as a process, beside one of rclpy. */
@Prepared
class ExamplesTest {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String[] rosArguments = {
    "--ros-args",
    "-r",
    "__ns:=/examples_%d_%d".formatted(ProcessHandle.current().pid(), COUNT.incrementAndGet())
  };

  private Launched example(String name) throws Exception {
    Class<?> main = Class.forName("dev.reverie.rcljava.examples." + name);
    return Launched.java(main, Map.of(), rosArguments);
  }

  private Launched rclpy(String role) throws Exception {
    return Launched.python("examples.py", Map.of(), role, rosArguments);
  }

  @Test
  void theTalkerIsHeard() throws Exception {
    try (Launched talker = example("Talker");
        Launched peer = rclpy("hear")) {
      peer.await("heard Hello World: ");
      talker.interrupt();
    }
  }

  @Test
  void theListenerHears() throws Exception {
    try (Launched listener = example("Listener");
        var _ = rclpy("talk")) {
      listener.await("I heard: from rclpy");
      listener.interrupt();
    }
  }

  @Test
  void theSwitchServerAnswers() throws Exception {
    try (Launched server = example("SwitchServer");
        Launched peer = rclpy("switch")) {
      peer.await("success=True, message='it is on'");
      server.interrupt();
    }
  }

  @Test
  void theSwitchClientCalls() throws Exception {
    try (var _ = rclpy("serve_switch");
        Launched client = example("SwitchClient")) {
      client.await("rclpy was asked for True");
      assertEquals(0, client.awaitEnd());
    }
  }

  @Test
  void theCountServerCounts() throws Exception {
    try (Launched server = example("CountServer");
        Launched peer = rclpy("count")) {
      peer.await("feedback [0, 1, 1]", "feedback [0, 1, 1, 2, 3]", "result 4 [0, 1, 1, 2, 3]");
      server.interrupt();
    }
  }

  @Test
  void theCountClientGetsItsResult() throws Exception {
    try (var _ = rclpy("counter");
        Launched client = example("CountClient")) {
      client.await("so far [0, 1]", "SUCCEEDED [0, 1, 5]");
      assertEquals(0, client.awaitEnd());
    }
  }

  @Test
  void theManagedTalkerTalksOnceItIsActive() throws Exception {
    try (Launched talker = example("ManagedTalker")) {
      talker.await("dropped while node");
      try (Launched peer = rclpy("manage")) {
        peer.await("configure True", "activate True", "heard managed");
        talker.await("I begin to talk");
        assertTrue(
            peer.output().indexOf("configure True") < peer.output().indexOf("heard managed"),
            peer.output());
      }
      talker.interrupt();
    }
  }

  @Test
  void theLimiterLimits() throws Exception {
    try (Launched limiter = example("Limiter");
        Launched peer = rclpy("drive")) {
      peer.await("too high: False", "set: True", "speed 1.5", "speed 2.0");
      limiter.interrupt();
    }
  }
}
