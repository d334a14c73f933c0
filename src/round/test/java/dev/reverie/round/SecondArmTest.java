package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.report.ReverieProcess;
import dev.reverie.report.ReverieProcessException;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.Rollouts;
import dev.reverie.rollout.Step;
import dev.reverie.testing.PageCommands;
import dev.reverie.testing.Prepared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/second-arm.md in small, one after the other. */
@Prepared
class SecondArmTest {
  /** The bundle that bench/two_views.py writes with --width 4 --hidden 16. */
  private static final Path EXPORTED =
      PageCommands.ROOT.resolve("src/round/test/resources/dev/reverie/round/two-views");

  private static final int EPISODES = 4;
  private static final int EXECUTED = 8;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> RUN = Set.of("demonstrate", "pretrain", "train", "evaluate");
  private static final Pattern SETTINGS =
      Pattern.compile("^    echo '(.*)' > out/two-views/settings.json$", Pattern.MULTILINE);

  private static final String TINY =
      """
      {"cloning": {"steps": 4, "batch": 8},
       "vae": {"steps": 4, "batch": 8},
       "worldModel": {"steps": 4, "alignSteps": 4, "batch": 8},
       "jointHead": {"steps": 10, "batch": 8},
       "classifier": {"steps": 40, "batch": 12},
       "gate": {"recall": 0, "replayedRecall": 0, "precision": 0, "falseAlarm": 1,
                "wrongInstruction": 1},
       "audit": {"stop": false, "gap": 1, "rollouts": 2},
       "grpo": {"iterations": 2, "groups": 8, "groupSize": 4, "saveEvery": 1}}
      """;

  private final Path folder;

  SecondArmTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void theCommandsOfThePageLeadToPoliciesThatRun() throws Exception {
    String page = PageCommands.page("second-arm.md");
    Path settings = Files.writeString(folder.resolve("settings.json"), TINY);
    Matcher said = SETTINGS.matcher(page);
    assertTrue(said.find(), "the page says the settings of two views");
    ObjectNode ofTwoViews = (ObjectNode) JSON.readTree(TINY);
    ofTwoViews.setAll((ObjectNode) JSON.readTree(said.group(1)));
    Files.createDirectories(folder.resolve("two-views"));
    Files.writeString(folder.resolve("two-views/settings.json"), ofTwoViews.toString());

    String untrained = folder.resolve("two-views/untrained").toString();
    List<String> commands = new ArrayList<>();
    for (List<String> words : PageCommands.of(page, Map.of("out", folder))) {
      if (!RUN.contains(words.getFirst())) {
        continue;
      }
      List<String> command = new ArrayList<>(words);
      commands.add(words.getFirst());
      assertFalse(command.contains("--task"), "the bags say what a policy sees and moves");
      command.replaceAll(word -> word.equals(untrained) ? EXPORTED.toString() : word);
      if (command.contains("--episodes")) {
        command.set(command.indexOf("--episodes") + 1, Integer.toString(EPISODES));
      } else if (!command.contains("--settings")) {
        command.addAll(List.of("--settings", settings.toString()));
      }
      run(command);
    }
    assertEquals(
        List.of(
            "demonstrate",
            "pretrain",
            "evaluate",
            "pretrain",
            "evaluate",
            "train",
            "evaluate",
            "evaluate"),
        commands);
    requireOneView();
    requireTwoViews();
  }

  private void run(List<String> command) throws IOException {
    if (command.getFirst().equals("pretrain") || command.getFirst().equals("train")) {
      Path log = folder.resolve("commands.log");
      try (var process = ReverieProcess.logged(log, Map.of("OMP_NUM_THREADS", "1"), command)) {
        process.join();
      } catch (ReverieProcessException e) {
        requireNothingToLearn(e);
        Folders.copy(folder.resolve("two-views/models/base"), folder.resolve("two-views/improved"));
      }
      return;
    }
    // a command of this module, which is not packaged yet
    int status = RoundCommand.commandLine().execute(command.toArray(String[]::new));
    assertEquals(0, status, command.toString());
    if (command.contains(folder.resolve("two-views/rollouts").toString())) {
      succeedAtTimes(folder.resolve("two-views/rollouts/evaluations"));
    }
  }

  /** An imagination that learned nothing may see all rollouts alike: all but the end was done. */
  private void requireNothingToLearn(ReverieProcessException e) {
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("no iteration had a group to learn from"), message);
    assertTrue(Files.exists(folder.resolve("two-views/work/grpo.safetensors")));
  }

  /** A policy that learned nothing touches nothing; a round needs both outcomes. */
  private static void succeedAtTimes(Path rollouts) {
    for (Path bag : bags(rollouts).subList(0, EPISODES / 2)) {
      Rollouts.label(bag, EpisodeOutcome.Kind.SUCCESS, "test", "");
    }
  }

  private void requireOneView() throws IOException {
    for (Path bag : bags(folder.resolve("second-arm/demonstrations"))) {
      assertEquals("teleop", acted(bag, List.of("front")).source());
      JsonNode told = JSON.readTree(EpisodeReader.open(bag, Alignment.DEFAULT).configuration());
      assertEquals("", told.path("bundle").textValue(), "no policy was there");
      assertEquals("front", told.path("task").path("cameras").path(0).path("name").asText());
    }
    for (Path bag : bags(folder.resolve("second-arm/evaluations"))) {
      assertEquals("policy", acted(bag, List.of("front")).source());
    }
  }

  private void requireTwoViews() throws IOException {
    PolicyBundle base = PolicyBundle.load(folder.resolve("two-views/models/base"));
    assertEquals(PolicyBundle.load(EXPORTED).id(), base.spec().lineage().parent());
    assertEquals(PolicyBundle.load(EXPORTED).weights().keySet(), base.weights().keySet());
    PolicyBundle improved = PolicyBundle.load(folder.resolve("two-views/improved"));
    assertTrue(
        improved.id().equals(base.id()) || improved.spec().lineage().parent().equals(base.id()));
    assertEquals(
        List.of("front", "wrist"),
        improved.spec().cameras().stream().map(BundleSpec.Camera::name).toList());
    Map<String, PolicyBundle> policies =
        Map.of("rollouts", base, "before", base, "after", improved);
    for (Map.Entry<String, PolicyBundle> policy : policies.entrySet()) {
      for (Path bag : bags(folder.resolve("two-views").resolve(policy.getKey()))) {
        Episode episode = acted(bag, List.of("front", "wrist"));
        assertEquals(policy.getValue().id(), episode.policyId());
        assertEquals(16, episode.chunks().getFirst().horizon());
        assertTrue(
            episode.steps().stream().allMatch(step -> step.command().action() < EXECUTED),
            "the rest of each chunk is not carried out");
      }
    }
  }

  private static List<Path> bags(Path folder) {
    List<Path> bags = Rollouts.bags(folder);
    assertEquals(EPISODES, bags.size());
    return bags;
  }

  /**
   * An episode of six joints and two cameras in which the arm was commanded, and that was judged.
   *
   * @param seen cameras of the policy
   */
  private static Episode acted(Path bag, List<String> seen) throws IOException {
    Episode episode = Episode.read(bag);
    assertFalse(episode.steps().isEmpty(), () -> bag + " has no commands");
    assertEquals(seen, episode.cameras());
    String topics = Files.readString(bag.resolve("metadata.yaml"));
    assertTrue(topics.contains("name: /wrist/image_raw"), "all of them are recorded");
    List<Step> steps =
        EpisodeReader.open(bag, Alignment.DEFAULT).read("wrist", picture -> picture).steps();
    assertEquals(episode.steps().size(), steps.size(), "from the first observation on");
    assertEquals(6, episode.jointNames().size());
    assertFalse(episode.outcome().labeller().isEmpty());
    return episode;
  }
}
