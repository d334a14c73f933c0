package dev.reverie.console;

import dev.reverie.rollout.UserFolders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

/**
 * The two secrets that open the console, in a file that its owner alone can read.
 *
 * @param operator of who may command
 * @param viewer of who may only look
 */
record Tokens(String operator, String viewer) {
  private static final int LEAST_CHARACTERS = 16;
  private static final int RANDOM_BYTES = 18;

  /** Refuses tokens that can be guessed, or that are the same. */
  Tokens {
    requireLong("operator", operator);
    requireLong("viewer", viewer);
    if (operator.equals(viewer)) {
      throw new IllegalArgumentException("operator and viewer are the same; give each its own");
    }
  }

  private static void requireLong(String who, String token) {
    if (token.length() < LEAST_CHARACTERS || !token.matches("[A-Za-z0-9_.~-]+")) {
      throw new IllegalArgumentException(
          "the token '%s' has %d characters; give at least %d letters, digits or any of _.~-"
              .formatted(who, token.length(), LEAST_CHARACTERS));
    }
  }

  /** The file of a person who names none. */
  static Path usualFile() {
    return UserFolders.configuration().resolve("console.json");
  }

  /**
   * Reads the tokens, or makes new ones where the file is not there.
   *
   * @throws ConsoleException where the file holds no tokens, or others can read it
   */
  static Tokens openOrCreate(Path file) {
    try {
      if (!Files.exists(file)) {
        return create(file);
      }
      requireOwn(file);
      return Json.read(Files.readString(file), Tokens.class);
    } catch (IOException e) {
      throw new ConsoleException("cannot use the tokens in %s: %s".formatted(file, e), e);
    } catch (IllegalArgumentException e) {
      throw new ConsoleException(
          "%s holds no tokens: %s; delete it, and new ones are made"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static void requireOwn(Path file) throws IOException {
    Set<PosixFilePermission> allowed = PosixFilePermissions.fromString("rw-------");
    Set<PosixFilePermission> has = Files.getPosixFilePermissions(file);
    if (!allowed.containsAll(has)) {
      throw new ConsoleException(
          "others can read the tokens in %s (%s): chmod 600 %s"
              .formatted(file, PosixFilePermissions.toString(has), file));
    }
  }

  private static Tokens create(Path file) throws IOException {
    Tokens made = new Tokens(random(), random());
    Files.createDirectories(file.toAbsolutePath().getParent());
    var own = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    Files.createFile(file, own);
    Files.writeString(file, Json.write(made) + "\n", StandardOpenOption.TRUNCATE_EXISTING);
    return made;
  }

  private static String random() {
    byte[] bytes = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** The role that a token opens; takes as long for a wrong one. */
  Optional<Role> role(String token) {
    byte[] given = token.getBytes(StandardCharsets.UTF_8);
    boolean operates = MessageDigest.isEqual(given, operator.getBytes(StandardCharsets.UTF_8));
    boolean views = MessageDigest.isEqual(given, viewer.getBytes(StandardCharsets.UTF_8));
    return operates
        ? Optional.of(Role.OPERATOR)
        : views ? Optional.of(Role.VIEWER) : Optional.empty();
  }
}
