package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.reverie.testing.Python;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Starts the rclpy node of {@code test/python/peer.py}, which answers by lines on its standard
 * output.
 */
public final class Peer implements AutoCloseable {
  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

  /**
   * Starts a peer.
   *
   * @param namespace the namespace of its node
   * @param arguments the role of peer.py and what that needs
   */
  public Peer(String namespace, String... arguments) throws IOException {
    List<String> command = Python.command("rcljava/test/python/peer.py", (Object[]) arguments);
    command.addAll(List.of("--ros-args", "-r", "__ns:=" + namespace));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try (BufferedReader reader = process.inputReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("closed " + e.getMessage()); // when it is killed
    }
  }

  /** Returns the rest of the next line that begins with this word; others are skipped. */
  public String await(String word) throws InterruptedException {
    while (true) {
      String line = lines.poll(TestRos.TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      if (line == null) {
        return fail("the peer did not say " + word);
      }
      if (line.equals(word) || line.startsWith(word + " ")) {
        return line.substring(word.length()).strip();
      }
    }
  }

  /** Waits until it has ended well by itself. */
  public void awaitEnd() throws InterruptedException {
    assertTrue(process.waitFor(20, TimeUnit.SECONDS), "the peer does not end");
    assertEquals(0, process.exitValue());
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
