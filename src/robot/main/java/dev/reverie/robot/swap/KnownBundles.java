package dev.reverie.robot.swap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Remembers which policies have moved an arm: the file {@code .known-bundles} beside its rollouts,
 * a line each, the bundle's id and the arm's name. Thread-safe.
 */
public final class KnownBundles {
  private static final String FILE = ".known-bundles";

  private final Path file;
  private final String arm;
  private final Consumer<String> warn;
  private final Set<String> ids = ConcurrentHashMap.newKeySet();

  /**
   * Reads the file, where it is there.
   *
   * @param warn takes what is wrong with it: then the policies in it are not known
   */
  public KnownBundles(Path rollouts, String arm, Consumer<String> warn) {
    file = rollouts.resolve(FILE);
    this.arm = arm;
    this.warn = warn;
    try {
      if (Files.exists(file)) {
        Files.readAllLines(file).stream()
            .map(line -> line.split(" ", 2))
            .filter(parts -> parts.length == 2 && parts[1].equals(arm))
            .forEach(parts -> ids.add(parts[0]));
      }
    } catch (IOException e) {
      warn.accept("cannot read %s: %s; its policies begin in shadow".formatted(file, e));
    }
  }

  public boolean knows(String id) {
    return ids.contains(id);
  }

  /** Adds a policy, and writes it down beside the control path. */
  public void add(String id) {
    if (ids.add(id)) {
      var _ = CompletableFuture.runAsync(() -> write("%s %s%n".formatted(id, arm)));
    }
  }

  private synchronized void write(String line) {
    try {
      Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      warn.accept(
          "cannot write %s: %s; the policy begins in shadow again next time".formatted(file, e));
    }
  }
}
