package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.report.ReverieProcess;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.RolloutSummary;
import dev.reverie.rollout.Rollouts;
import dev.reverie.testing.PageCommands;
import dev.reverie.testing.Prepared;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole rounds in miniature: too few episodes and steps to become better, all else as ever. */
@Prepared
class RoundTest {
  private static final Path MODELS = Path.of(System.getProperty("reverie.root")).resolve("models");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DEMONSTRATIONS = 4;
  private static final int ROLLOUTS = 16; // seed 1: some succeed, some fail
  private static final int EPISODES = 4;

  private static final List<String> FIRST_ROUND_TELLS =
      List.of(
          ROLLOUTS + " episodes: ",
          ROLLOUTS + " of " + ROLLOUTS + " episodes are whole",
          "was the base of a round",
          "disagreement");

  private static final String TINY =
      """
      {"worldModel": {"alignSteps": 4, "batch": 8},
       "jointHead": {"steps": 10, "batch": 8},
       "classifier": {"steps": 200, "batch": 24},
       "gate": {"recall": 0, "replayedRecall": 0, "precision": 0, "falseAlarm": 1,
                "wrongInstruction": 1},
       "audit": {"stop": false, "gap": 1, "rollouts": 2},
       "grpo": {"iterations": 4, "groups": 8, "groupSize": 8, "saveEvery": 1, "temperature": 1.25}}
      """;

  private final Path folder;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Console console =
      new Console(new PrintStream(printed, true, StandardCharsets.UTF_8), false);

  RoundTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void aRoundSwapsInThePolicyThatItTrainedAndTheNextOneGoesOnFromThere() throws IOException {
    Path first = folder.resolve("first");
    RoundSummary one = Demo.first(config(1), first, MODELS, console).run();
    requireRound(first, one, DEMONSTRATIONS);
    requireStagesTold();

    var refused =
        assertThrows(
            RoundException.class,
            () -> Demo.after(config(1), folder.resolve("same"), first, console));
    assertTrue(String.valueOf(refused.getMessage()).contains("give another --seed"));
    assertThrows(
        RoundException.class,
        () -> Demo.after(config(2), first, first, console).run(),
        "not empty");

    Path second = folder.resolve("second");
    RoundSummary two = Demo.after(config(2), second, first, console).run();
    String goesOn = one.better() ? one.policy().after() : one.policy().before();
    assertEquals(goesOn, two.policy().before());
    assertThrows(
        RoundException.class,
        () -> Demo.after(config(1), folder.resolve("third"), second, console),
        "the seed of the round before the last");
    requireRound(second, two, DEMONSTRATIONS + ROLLOUTS);
    requireFirstRoundPageRuns();
    requireOfflineEvaluationPageRuns();
  }

  /** The commands of docs/first-round.md beside the two rounds, which are these in small. */
  private void requireFirstRoundPageRuns() throws IOException {
    List<String> rounds = new ArrayList<>();
    String page = PageCommands.page("first-round.md");
    for (List<String> command : PageCommands.of(page, Map.of("out", folder))) {
      switch (command.getFirst()) {
        case "demo" -> rounds.add(command.getLast());
        case "evaluate" -> {
          List<String> few = new ArrayList<>(command);
          few.set(few.indexOf("--episodes") + 1, Integer.toString(EPISODES));
          assertEquals(0, RoundCommand.commandLine().execute(few.toArray(String[]::new)));
        }
        case "console" -> {} // until somebody ends it
        default -> run(command);
      }
    }
    assertEquals(
        List.of(folder.resolve("first").toString(), folder.resolve("second").toString()), rounds);
    String log = Files.readString(folder.resolve("page.log"));
    for (String told : FIRST_ROUND_TELLS) {
      assertTrue(log.contains(told), log);
    }
    assertTrue(Files.size(folder.resolve("first/replay.html")) > 0);
  }

  /** The commands of docs/offline-evaluation.md, on the rollouts of the first round. */
  private void requireOfflineEvaluationPageRuns() throws IOException {
    Path first = folder.resolve("first");
    Path out = Files.createDirectories(folder.resolve("offline"));
    Map<String, Path> places =
        Map.of(
            "theirs", first.resolve("rollouts"),
            "policy", first.resolve("bundles/improved"),
            "base", MODELS.resolve("base"),
            "work", first.resolve("training"),
            "out", out);
    for (List<String> command :
        PageCommands.of(PageCommands.page("offline-evaluation.md"), places)) {
      if (!command.contains("import")) { // a test of the page on imports has that
        run(command);
      }
    }
    JsonNode imagined = JSON.readTree(out.resolve("imagined.json").toFile());
    assertTrue(imagined.toString().contains("imagined_success"), imagined.toPrettyString());
    JsonNode against = JSON.readTree(out.resolve("against.json").toFile());
    assertTrue(against.toString().contains("disagreement"), against.toPrettyString());
    assertTrue(Files.size(out.resolve("replay.html")) > 0);
  }

  private void run(List<String> command) {
    try (var process = ReverieProcess.logged(folder.resolve("page.log"), Map.of(), command)) {
      process.join();
    }
  }

  private Demo.Config config(long seed) throws IOException {
    Path settings = Files.writeString(folder.resolve("settings.json"), TINY);
    return new Demo.Config(
        seed,
        "insert",
        DEMONSTRATIONS,
        ROLLOUTS,
        EPISODES,
        false,
        false,
        new TrainerSettings(Optional.empty(), Optional.of(settings)));
  }

  private static void requireRound(Path out, RoundSummary summary, int learned) throws IOException {
    String before = summary.policy().before();
    String after = summary.policy().after();
    assertNotEquals(before, after);
    assertEquals(learned, Rollouts.bags(out.resolve("demonstrations")).size());
    assertEquals(ROLLOUTS, Rollouts.bags(out.resolve("rollouts")).size());
    assertEquals(Set.of(before), policies(out.resolve("rollouts")));
    assertEquals(Set.of(before), policies(out.resolve("evaluation/base")));
    assertEquals(Set.of(after), policies(out.resolve("evaluation/improved")));
    assertEquals(Set.of(1.25f), temperatures(out.resolve("rollouts")), "as it practises");
    assertEquals(Set.of(1f), temperatures(out.resolve("evaluation")));
    Success improved = summary.improved().orElseThrow().real();
    assertEquals(successes(out.resolve("evaluation/improved")), improved.successes());
    assertEquals(EPISODES, improved.episodes());
    JsonNode trained = JSON.readTree(out.resolve("training/improve.json").toFile());
    assertEquals(before, trained.at("/base").asText());
    assertEquals(after, trained.at("/improved").asText());

    JsonNode json = JSON.readTree(out.resolve("round.json").toFile());
    assertEquals(after, json.at("/policy/after").asText());
    assertEquals(summary.base().successes(), json.at("/base/successes").asInt());
    assertEquals(EPISODES, json.at("/improved/audit/starts").asInt());
    assertTrue(json.at("/improved/gain/low").isNumber());
    assertTrue(json.at("/audit_base/believed").asBoolean());

    String page = Files.readString(out.resolve("report.html"));
    for (Success success : new Success[] {summary.base(), improved}) {
      assertTrue(page.contains(percent(success.interval().value()) + " %"), "the rate");
      assertTrue(page.contains(percent(success.interval().low()) + " to "), "the interval");
    }
    JsonNode judged = JSON.readTree(out.resolve("training/audit_base.json").toFile());
    double recall = judged.at("/reward/real/recall/value").asDouble();
    int believed = page.indexOf("How far imagination is to be believed");
    assertTrue(page.indexOf("in their own frames", believed) > believed, "the reward");
    assertTrue(page.indexOf("<td class=\"n\">%.0f %% [".formatted(100 * recall), believed) > 0);
    assertTrue(page.indexOf("taught nothing", believed) > believed, "groups without gradient");
    assertTrue(page.indexOf("data:image/webp") > page.indexOf("class=\"figures\""));
    assertTrue(page.indexOf("class=\"curve\"") > page.lastIndexOf("data:image/webp"));
    assertTrue(page.indexOf("<td>improve</td>") > page.lastIndexOf("class=\"curve\""));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f", 100 * share);
  }

  private static Set<String> policies(Path folder) {
    return Rollouts.bags(folder).stream()
        .map(bag -> Episode.read(bag).policyId())
        .collect(Collectors.toSet());
  }

  private static Set<Float> temperatures(Path folder) {
    return Rollouts.list(folder).stream()
        .map(RolloutSummary::temperature)
        .collect(Collectors.toSet());
  }

  private static long successes(Path folder) {
    return Rollouts.bags(folder).stream()
        .filter(bag -> Episode.read(bag).outcome().success())
        .count();
  }

  private void requireStagesTold() {
    String lines = printed.toString(StandardCharsets.UTF_8);
    for (String stage :
        new String[] {
          "== demonstrations",
          "== improve",
          "   world model\n",
          "   world model: ",
          "   grpo: ",
          "   improve: ",
          "== audit base",
          "== evaluate improved",
          "== audit improved"
        }) {
      assertTrue(lines.contains(stage), lines);
    }
  }
}
