package dev.reverie.robot.motion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RealTimePriorityTest {
  /** Number of the field after the name in /proc/self/stat, see proc_pid_stat(5). */
  private static final int POLICY = 41 - 3;

  @Test
  void aThreadHasItWhereTheSystemAllowsIt() throws Exception {
    var told = new CompletableFuture<String>();
    var thread =
        new Thread(
            () -> {
              boolean taken = RealTimePriority.take();
              try {
                String stat = Files.readString(Path.of("/proc/thread-self/stat"));
                String policy = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[POLICY];
                told.complete(taken + " " + policy);
              } catch (IOException e) {
                told.completeExceptionally(e);
              }
            });
    thread.start();
    String said = told.get();
    assertEquals(said.startsWith("true") ? "true 1" : "false 0", said);
  }
}
