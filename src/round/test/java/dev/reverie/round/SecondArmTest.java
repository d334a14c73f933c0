package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.report.ReverieProcess;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.Rollouts;
import dev.reverie.rollout.Step;
import dev.reverie.testing.Prepared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/second-arm.md in small, one after the other. */
@Prepared
class SecondArmTest {
  private static final Path ROOT = Path.of(System.getProperty("reverie.root"));
  private static final int EPISODES = 3;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern COMMAND =
      Pattern.compile("^    \\./reverie (demonstrate|pretrain|evaluate) (.*)$", Pattern.MULTILINE);

  private static final String TINY =
      """
      {"cloning": {"steps": 4, "batch": 8},
       "vae": {"steps": 4, "batch": 8},
       "worldModel": {"steps": 4, "batch": 8}}
      """;

  @Test
  void theCommandsOfThePageLeadToAPolicyThatRuns(@TempDir Path folder) throws Exception {
    Path settings = Files.writeString(folder.resolve("settings.json"), TINY);
    Path log = folder.resolve("commands.log");
    Matcher line = COMMAND.matcher(Files.readString(ROOT.resolve("docs/second-arm.md")));
    List<String> commands = new ArrayList<>();
    while (line.find()) {
      commands.add(line.group(1));
      assertFalse(line.group(2).contains("--task"), "the bags say what a policy sees and moves");
      List<String> command = new ArrayList<>(List.of(line.group(1)));
      for (String argument : line.group(2).split(" ", -1)) {
        command.add(
            argument
                .replaceFirst("^out/second-arm", Matcher.quoteReplacement(folder.toString()))
                .replaceFirst("^arms/", Matcher.quoteReplacement(ROOT + "/arms/")));
      }
      if (command.contains("--episodes")) {
        command.set(command.indexOf("--episodes") + 1, Integer.toString(EPISODES));
      } else {
        command.addAll(List.of("--settings", settings.toString()));
      }
      if (command.getFirst().equals("pretrain")) {
        try (var process = ReverieProcess.logged(log, Map.of("OMP_NUM_THREADS", "1"), command)) {
          process.join();
        }
      } else { // a command of this module, which is not packaged yet
        int status = RoundCommand.commandLine().execute(command.toArray(String[]::new));
        assertEquals(0, status, command.toString());
      }
    }
    assertEquals(List.of("demonstrate", "pretrain", "evaluate"), commands);
    for (Path bag : bags(folder.resolve("demonstrations"))) {
      assertEquals("teleop", acted(bag).source());
      JsonNode told = JSON.readTree(EpisodeReader.open(bag, Alignment.DEFAULT).configuration());
      assertEquals("", told.path("bundle").textValue(), "no policy was there");
      assertEquals("front", told.path("task").path("cameras").path(0).path("name").asText());
    }
    for (Path bag : bags(folder.resolve("evaluations"))) {
      assertEquals("policy", acted(bag).source());
    }
  }

  private static List<Path> bags(Path folder) {
    List<Path> bags = Rollouts.bags(folder);
    assertEquals(EPISODES, bags.size());
    return bags;
  }

  /**
   * An episode of six joints and two cameras in which the arm was commanded, and that was judged.
   */
  private static Episode acted(Path bag) throws IOException {
    Episode episode = Episode.read(bag);
    assertFalse(episode.steps().isEmpty(), () -> bag + " has no commands");
    assertEquals(List.of("front"), episode.cameras(), "the policy sees one of them");
    String topics = Files.readString(bag.resolve("metadata.yaml"));
    assertTrue(topics.contains("name: /wrist/image_raw"), "the other one is recorded too");
    List<Step> seen =
        EpisodeReader.open(bag, Alignment.DEFAULT).read("wrist", picture -> picture).steps();
    assertEquals(episode.steps().size(), seen.size(), "from the first observation on");
    assertEquals(6, episode.jointNames().size());
    assertEquals("simulated_arm", episode.outcome().labeller());
    return episode;
  }
}
