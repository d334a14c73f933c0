package dev.reverie.bundle;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.ProcessMemory;
import dev.reverie.policy.TrialJava;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Has a bundle tried by a {@link VerifyProcess}, which is killed where it exceeds a limit, whatever
 * ONNX Runtime is at in it.
 *
 * @param timeoutS by which it has to be done, s
 * @param memoryMb MiB that the process may take, mapped files aside
 */
record VerifyTrial(double timeoutS, long memoryMb) {
  static final long LOOK_NANOS = 5_000_000L;

  VerifyTrial {
    if (!(timeoutS > 0) || memoryMb < 64) {
      throw new BundleException(
          "--timeout %s --memory-mb %d: give seconds above 0, and 64 MiB at least"
              .formatted(timeoutS, memoryMb));
    }
  }

  /**
   * Tries a bundle.
   *
   * @param keys folder of public keys, one of which has to have signed it; empty: none has to
   * @param told takes what was found, line by line
   * @throws BundleException saying why a robot would refuse it
   */
  void run(Path folder, String keys, Consumer<String> told) {
    try {
      Process process =
          TrialJava.start(VerifyProcess.class, memoryMb, folder.toAbsolutePath().toString(), keys);
      try (BufferedReader says = process.inputReader(StandardCharsets.UTF_8)) {
        follow(process, says, told);
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new BundleException(
          "the bundle could not be tried in a process of its own: " + e.getMessage(), e);
    }
  }

  private void follow(Process process, BufferedReader says, Consumer<String> told)
      throws IOException {
    long deadline = deadline();
    List<String> reasons = new ArrayList<>();
    String reached = "it was begun";
    while (true) {
      boolean ended = !process.isAlive(); // asked first: what it said last is still there
      if (says.ready()) {
        String line = says.readLine();
        if (line.startsWith("!")) {
          reasons.add(line.substring(1));
        } else if (line.startsWith(" ")) {
          reached = "it said: " + line.strip();
          told.accept(line.substring(1));
        }
      } else if (ended) {
        break;
      } else {
        require(process, deadline, reached);
        LockSupport.parkNanos(this, LOOK_NANOS);
      }
    }
    if (!reasons.isEmpty()) {
      throw new BundleException(String.join("\n", reasons));
    }
    if (process.exitValue() != 0) {
      throw new BundleException(
          "the policy ended the process that tried it with status %d, after %s; export or train it again"
              .formatted(process.exitValue(), reached));
    }
  }

  private void require(Process process, long deadline, String reached) {
    exceeded(process.pid(), deadline)
        .ifPresent(
            limit -> {
              throw new BundleException(
                  "the policy %s, after %s; use a smaller one, or allow more by %s and, on the robot, %s"
                      .formatted(limit.what, reached, limit.option, limit.parameter));
            });
  }

  /**
   * A limit that a process has exceeded.
   *
   * @param what the policy did, in words
   * @param option of the command that allows more
   * @param parameter of the node that does
   */
  record Limit(String what, String option, String parameter) {}

  /**
   * Returns the moment by which a process that is started now has to be done, on the clock of
   * System.nanoTime.
   */
  long deadline() {
    return System.nanoTime() + (long) (timeoutS * 1e9);
  }

  /** The limit that a process exceeds by now. */
  Optional<Limit> exceeded(long pid, long deadline) {
    if (ProcessMemory.ownBytes(pid) >> 20 > memoryMb) {
      return Optional.of(
          new Limit(
              "takes more than %d MB of memory".formatted(memoryMb),
              "--memory-mb",
              "swap.memory_mb"));
    }
    return System.nanoTime() > deadline
        ? Optional.of(
            new Limit(
                "was not tried to its end within %s s".formatted(timeoutS),
                "--timeout",
                "swap.load_timeout_s"))
        : Optional.empty();
  }
}
