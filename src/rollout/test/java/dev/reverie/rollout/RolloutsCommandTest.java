package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@NullUnmarked // JUnit sets the folder
class RolloutsCommandTest {
  @TempDir Path folder;

  private record Run(int code, String out) {}

  private static Run run(Object... args) {
    StringWriter out = new StringWriter();
    CommandLine commandLine =
        RolloutsCommand.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(out, true));
    int code = commandLine.execute(Arrays.stream(args).map(String::valueOf).toArray(String[]::new));
    return new Run(code, out.toString());
  }

  @Test
  void theListHasOneLineForEachEpisodeWhateverItsState() throws Exception {
    RecordedArm.episode(folder, "one", 3);
    Path two = RecordedArm.episode(folder.resolve("below"), "two", 3);
    Path broken = RecordedArm.episode(folder, "broken", 3);
    Files.write(broken.resolve("broken_0.mcap"), new byte[20]);
    assertEquals(0, run("label", two, "--outcome", "failure", "--by", "ada").code());
    Run list = run("list", folder);
    assertEquals(0, list.code());
    assertEquals(5, list.out().lines().count(), list.out());
    assertTrue(list.out().contains("3 episodes: 1 success, 1 failure, 1 damaged"), list.out());
    Run failures = run("list", folder, "--outcome", "failure", "--json");
    JsonNode json = new ObjectMapper().readTree(failures.out());
    assertEquals(1, json.size());
    assertEquals("two", json.get(0).get("episode_id").asText());
    assertEquals("ada", json.get(0).get("labeller").asText());
    assertEquals(3, json.get(0).get("commands").asInt());
    assertEquals(two.toString(), json.get(0).get("bag").asText());
  }

  @Test
  void showTellsWhatWasRecordedAndWhoSaidWhat() throws Exception {
    Path bag = RecordedArm.episode(folder, "one", 3);
    run("label", bag, "--outcome", "failure", "--by", "ada", "--reason", "too slow");
    Run shown = run("show", bag);
    assertTrue(shown.out().contains("ended: success, says simulated_arm reached"), shown.out());
    assertTrue(shown.out().contains("labelled: failure, says ada too slow"), shown.out());
    JsonNode json = new ObjectMapper().readTree(run("show", bag, "--json").out());
    assertEquals(3, json.get("steps").asInt());
    assertEquals("48x48", json.get("cameras").get("camera").asText());
  }

  @Test
  void whatVerifyFindsRecoverRepairs() throws Exception {
    RecordedArm.episode(folder, "one", 3);
    Path two = RecordedArm.episode(folder, "two", 30);
    assertEquals("2 of 2 episodes are whole", run("verify", folder).out().strip());
    Path file = two.resolve("two_0.mcap");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 20));
    Run verified = run("verify", folder);
    assertEquals(1, verified.code());
    assertTrue(verified.out().contains("1 of 2 episodes are whole"), verified.out());
    Run recovered = run("recover", folder);
    assertEquals(0, recovered.code(), recovered.out());
    assertTrue(recovered.out().contains("messages recovered"), recovered.out());
    assertEquals(0, run("verify", folder).code());
  }

  @Test
  void aTwinIsFound() throws Exception {
    Path one = RecordedArm.episode(folder, "one", 3);
    Path copy = Files.createDirectory(folder.resolve("copy"));
    for (String name : new String[] {"metadata.yaml", "one_0.mcap"}) {
      Files.copy(one.resolve(name), copy.resolve(name));
    }
    Run verified = run("verify", folder);
    assertEquals(1, verified.code());
    assertTrue(verified.out().contains("same episode id"), verified.out());
  }

  @Test
  void mistakesAreNamed() {
    assertTrue(run("list", folder.resolve("nothing")).out().contains("there is no folder"));
    assertEquals(1, run("show", folder).code());
    assertEquals(2, run("label", folder, "--outcome", "perfect", "--by", "ada").code());
    assertEquals(2, run("list", folder, "--colour").code());
  }
}
