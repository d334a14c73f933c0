package dev.reverie.bundle;

import dev.reverie.policy.BundleException;
import dev.reverie.report.ReverieProcess;
import dev.reverie.report.ReverieProcessException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Asks the trainer, in a process of its own, whether it can train a policy. */
final class TrainerCheck {
  private TrainerCheck() {}

  /**
   * Has it run the policy forwards and backwards.
   *
   * @param bundle a folder that nobody else changes
   * @return what it noticed
   * @throws BundleException with the trainer's reasons, where it cannot be trained
   */
  static List<String> run(Path bundle) {
    try {
      Path log = Files.createTempFile("reverie-check-", ".log");
      try {
        return run(bundle, log);
      } finally {
        Files.delete(log);
      }
    } catch (IOException e) {
      throw new BundleException("there is no room for the trainer's log: " + e.getMessage(), e);
    }
  }

  private static List<String> run(Path bundle, Path log) {
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    try (ReverieProcess check =
        ReverieProcess.followed(log, List.of("train", "check", bundle.toString()), lines::add)) {
      check.join();
      return List.copyOf(lines);
    } catch (ReverieProcessException e) {
      throw new BundleException(String.join("\n", lines), e);
    }
  }
}
