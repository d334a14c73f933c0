package dev.reverie.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassesTest {
  private static final Tokens TOKENS = new Tokens("operator-token-1", "viewer-token-000");
  private static final Visitor ADA = new Visitor(Role.VIEWER, "Ada. Ünsal");

  @TempDir Path folder;

  @Test
  void aPassIsOfWhoItWasIssuedToUntilItsTimeIsOver() {
    var passes = new Passes(TOKENS);
    String pass = passes.issue(ADA, 1000);
    long end = 1000 + Passes.LIFETIME.toMillis();
    assertEquals(Optional.of(ADA), passes.read(pass, end));
    assertEquals(Optional.empty(), passes.read(pass, end + 1));
    assertEquals(Optional.of(ADA), new Passes(TOKENS).read(pass, 1000), "after a restart");
  }

  @Test
  void aChangedPassOrOneOfOtherTokensIsNone() {
    var passes = new Passes(TOKENS);
    String pass = passes.issue(ADA, 1000);
    for (String other :
        new String[] {
          "",
          ".",
          "a.b.c.d",
          pass.replace("VIEWER", "OPERATOR"),
          pass.substring(1),
          pass + "A",
          "x".repeat(100_000)
        }) {
      assertEquals(Optional.empty(), passes.read(other, 1000), other);
    }
    var later = new Passes(new Tokens("operator-token-2", "viewer-token-000"));
    assertEquals(Optional.empty(), later.read(pass, 1000));
  }

  @Test
  void newTokensAreInAFileOfTheOwnerAlone() throws Exception {
    Path file = folder.resolve("deep/console.json");
    Tokens made = Tokens.openOrCreate(file);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(made, Tokens.openOrCreate(file));
    assertEquals(Optional.of(Role.OPERATOR), made.role(made.operator()));
    assertEquals(Optional.of(Role.VIEWER), made.role(made.viewer()));
    assertEquals(Optional.empty(), made.role(""));
  }

  @Test
  void tokensThatOthersCanReadOrGuessAreRefused() throws Exception {
    Path file = folder.resolve("console.json");
    Tokens.openOrCreate(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertRefused(file, "chmod 600 " + file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(file, "{\"operator\": \"secret\", \"viewer\": \"viewer-token-000\"}");
    assertRefused(file, "the token 'operator' has 6 characters");
    Files.writeString(
        file, "{\"operator\": \"viewer-token-000\", \"viewer\": \"viewer-token-000\"}");
    assertRefused(file, "give each its own");
    Files.writeString(file, "{\"operator\": \"operator-token-1\"}");
    assertRefused(file, "viewer");
    Files.writeString(file, "no json");
    assertRefused(file, "delete it, and new ones are made");
  }

  private static void assertRefused(Path file, String why) {
    String told =
        String.valueOf(
            assertThrows(ConsoleException.class, () -> Tokens.openOrCreate(file)).getMessage());
    assertTrue(told.contains(why), told);
  }

  @Test
  void aNameIsThatOfAPerson() {
    for (String name :
        new String[] {"", " ", " Ada", "a\nb", "a\u202eb", "robot", "time_limit", "x".repeat(65)}) {
      assertThrows(IllegalArgumentException.class, () -> new Visitor(Role.VIEWER, name), name);
    }
  }

  @Test
  void afterTenWrongTokensAMinuteHasToPass() {
    var attempts = new Attempts();
    for (int i = 0; i < 10; i++) {
      assertTrue(attempts.mayTry(0));
      attempts.failed(0);
    }
    assertFalse(attempts.mayTry(59_000_000_000L));
    assertTrue(attempts.mayTry(61_000_000_000L));
  }
}
