package dev.reverie.policy;

import dev.reverie.rollout.GitLfs;
import java.nio.file.Path;

/** Thrown where a policy bundle cannot be used; the message names the value and the remedy. */
public final class BundleException extends RuntimeException {
  /** Creates a refusal that nothing else caused. */
  public BundleException(String message) {
    super(message);
  }

  /** Creates a refusal with what caused it. */
  public BundleException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Refuses a file that Git LFS did not fetch. */
  static void requireFetched(Path file) {
    GitLfs.pointer(file)
        .ifPresent(
            told -> {
              throw new BundleException(told);
            });
  }
}
