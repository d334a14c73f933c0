package dev.reverie.rollout;

import java.nio.file.Path;

/**
 * Folders for what a person does not look at: the XDG Base Directory Specification (XDG Base
 * Directory 0.8), below {@code reverie}.
 */
public final class UserFolders {
  private UserFolders() {}

  /** Returns what may be deleted at any time. */
  public static Path caches() {
    return of("XDG_CACHE_HOME", ".cache");
  }

  /** Returns what is to be kept. */
  public static Path configuration() {
    return of("XDG_CONFIG_HOME", ".config");
  }

  private static Path of(String variable, String otherwise) {
    String configured = System.getenv().getOrDefault(variable, "");
    Path folder =
        configured.isEmpty()
            ? Path.of(System.getProperty("user.home"), otherwise)
            : Path.of(configured);
    return folder.resolve("reverie");
  }
}
