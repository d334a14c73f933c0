package dev.reverie.bundle;

import dev.reverie.policy.BundleException;
import dev.reverie.report.ReverieProcess;
import dev.reverie.report.ReverieProcessException;
import dev.reverie.rollout.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Asks the trainer, in a process of its own, whether it can train a policy. */
final class TrainerCheck {
  private TrainerCheck() {}

  /**
   * Has it run the policy forwards and backwards.
   *
   * @param bundle a folder that nobody else changes
   * @param limits of time and memory, beyond which the process is killed; empty: none
   * @return what it noticed
   * @throws BundleException with the trainer's reasons, where it cannot be trained
   */
  static List<String> run(Path bundle, Optional<VerifyTrial> limits) {
    try {
      Path log = Files.createTempFile("reverie-check-", ".log");
      log.toFile().deleteOnExit(); // where a signal ends it
      try {
        return run(bundle, limits, log);
      } finally {
        Files.deleteIfExists(log);
      }
    } catch (IOException e) {
      throw new BundleException(
          "there is no room for the trainer's log: " + FileErrors.reason(e), e);
    }
  }

  private static List<String> run(Path bundle, Optional<VerifyTrial> limits, Path log) {
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    try (ReverieProcess check =
        ReverieProcess.followed(log, List.of("train", "check", bundle.toString()), lines::add)) {
      limits.ifPresent(within -> hold(check, within));
      check.join();
      return List.copyOf(lines);
    } catch (ReverieProcessException e) {
      throw new BundleException(String.join("\n", lines), e);
    }
  }

  private static void hold(ReverieProcess check, VerifyTrial limits) {
    long deadline = limits.deadline();
    while (!check.ended().isDone()) {
      limits
          .exceeded(check.pid(), deadline)
          .ifPresent(
              limit -> {
                check.kill();
                throw new BundleException(
                    "the policy %s by the trainer; use a smaller one, or allow more by %s"
                        .formatted(limit.what(), limit.option()));
              });
      LockSupport.parkNanos(check, VerifyTrial.LOOK_NANOS);
    }
  }
}
