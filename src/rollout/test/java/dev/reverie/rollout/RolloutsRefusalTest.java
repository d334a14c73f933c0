package dev.reverie.rollout;

import static dev.reverie.rollout.Ran.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Refusals of {@code reverie rollouts} where there is nothing to look after. */
class RolloutsRefusalTest {
  private final Path folder;

  RolloutsRefusalTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void aFolderWithoutRolloutsYetIsToldSoAndNothingInItIsCalledDamaged() throws Exception {
    Path empty = Files.createDirectory(folder.resolve("demos"));
    Files.createFile(empty.resolve(".known-bundles")); // as the robot node leaves it
    String told = "reverie rollouts: %s has no rollouts yet".formatted(empty);
    for (String command : List.of("verify", "recover", "show")) {
      Ran run = run(command, empty);
      assertTrue(run.out().contains(told), run.out());
      assertTrue(!run.out().contains(".mcap"), run.out());
    }
    Ran verified = run("verify", empty);
    assertEquals(1, verified.code(), "a script that is to train on what is whole has nothing");
    assertTrue(verified.out().contains("0 of 0 episodes are whole"), verified.out());
    assertEquals(0, run("recover", empty).code(), "nothing is left to be done");
    assertEquals(0, run("list", empty).code());
    RecordedArm.episode(folder.resolve("sound"), "one", 3);
    assertEquals(0, run("verify", empty, folder.resolve("sound")).code());
  }

  @Test
  void errorsBeginWithTheCommand() {
    Ran none = run("list", folder.resolve("none"));
    assertEquals(1, none.code());
    assertTrue(none.out().startsWith("reverie rollouts: there is no folder "), none.out());
  }
}
