package dev.reverie.doctor;

import dev.reverie.testing.Python;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An arm with cameras and a controller in rclpy, in a namespace of its own. */
final class Peer implements AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();

  final String namespace =
      "/doctor_%d_%d".formatted(ProcessHandle.current().pid(), COUNT.incrementAndGet());
  private final Process process;

  /** Starts one with these faults, and waits until it publishes. */
  Peer(String... faults) throws IOException {
    List<String> command = new ArrayList<>(Python.command("doctor/test/arm.py", (Object[]) faults));
    command.addAll(List.of(rosArguments()));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    var lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = lines.readLine();
    if (!"ready".equals(line)) {
      throw new AssertionError("the arm says " + line);
    }
  }

  String[] rosArguments() {
    return new String[] {"--ros-args", "-r", "__ns:=" + namespace};
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
