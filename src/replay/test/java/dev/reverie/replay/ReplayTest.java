package dev.reverie.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.FlowSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.TokenSampler;
import dev.reverie.robot.TestBundles;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.Step;
import dev.reverie.testing.Prepared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Prepared
class ReplayTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temporary;

  /** Names that shells, YAML and URLs stumble over. */
  private Path folder() throws IOException {
    return Files.createDirectories(temporary.resolve("Übung #1: it's 100 %"));
  }

  private Path bundle(String name, PolicyBundle bundle) throws IOException {
    Path path = folder().resolve(name);
    bundle.save(path);
    return path;
  }

  @Test
  void theRecordedPolicyWithItsSeedDoesTheSameAgainByteForByte() throws Exception {
    Path bundle = bundle("bundle", TestBundles.seeing(TestBundles.spec(), 3));
    Path rollouts = folder().resolve("rollouts");
    List<Path> bags =
        RecordedEpisodes.lockStep(
            bundle, rollouts, Outcome.SUCCESS, Outcome.FAILURE, Outcome.UNLABELLED);
    JsonNode first = replay(0, "one", rollouts, "--policy", bundle, "--as-recorded");
    assertEquals(30, first.at("/counts/observations").asInt());
    assertEquals(30, first.at("/counts/answered").asInt(), "each observation exactly once");
    assertEquals(1, first.at("/counts/success").asInt());
    assertEquals(1, first.at("/counts/failure").asInt());
    assertEquals(1, first.at("/counts/unlabelled").asInt());
    assertEquals(0, measure(first, "action_error.mean_absolute").at("/policy/value").asDouble());
    assertEquals(0, measure(first, "command_error.mean_absolute").at("/policy/value").asDouble());
    assertEquals(
        recordedLogProbability(bags.get(0)),
        measure(first, "log_likelihood.of_successful_actions").at("/policy/value").asDouble(),
        1e-5);
    assertEquals(
        recordedLogProbability(bags.get(1)),
        measure(first, "log_likelihood.of_failed_actions").at("/policy/value").asDouble(),
        1e-5);
    assertTrue(
        measure(first, "log_likelihood.of_unlabelled_actions").at("/policy/value").isNumber());
    JsonNode jerk = measure(first, "smoothness.mean_squared_jerk");
    assertEquals(jerk.at("/executed/value").asDouble(), jerk.at("/policy/value").asDouble());

    replay(0, "two", rollouts, "--policy", bundle, "--as-recorded");
    assertEquals(withoutLatency("one"), withoutLatency("two"));
    assertEquals(9, first.at("/latency/0/chunks").asInt(), "three chunks an episode");
  }

  /**
   * Returns the mean log-probability of the actions that were carried out, as the node said when it
   * drew them.
   */
  private static double recordedLogProbability(Path bag) {
    Episode episode = Episode.read(bag);
    double sum = 0;
    int count = 0;
    for (Step step : episode.steps()) {
      var chunk = episode.chunks().get(step.command().chunk());
      for (int d = 0; d < 2; d++) {
        sum += chunk.logProbabilities()[step.command().action() * 2 + d];
        count++;
      }
    }
    return sum / count;
  }

  @Test
  void asManyActionsOfAChunkAreCarriedOutAsWereWhenItWasRecorded() throws Exception {
    Path bundle = bundle("bundle", TestBundles.seeing(TestBundles.spec(), 3));
    Path rollouts = folder().resolve("rollouts");
    Path few = RecordedEpisodes.lockStepOf(bundle, rollouts, 2, Outcome.SUCCESS).getFirst();
    Path all =
        RecordedEpisodes.lockStep(bundle, folder().resolve("others"), Outcome.FAILURE).getFirst();
    var mode = new ReplaySession.Mode(true, true, 0, 1);
    try (var replayed = ReplayedPolicy.load(bundle, mode)) {
      for (Path bag : List.of(few, all)) {
        var recorded = RecordedBag.open(bag, replayed.spec(), BagOptions.NONE);
        assertEquals(bag.equals(few) ? 2 : 0, recorded.executed());
        assertEquals(bag.equals(few) ? 5 : 3, replayed.play(recorded).chunks().size());
      }
    }
    JsonNode same = replay(0, "one", rollouts, "--policy", bundle, "--as-recorded");
    assertEquals(0, measure(same, "action_error.mean_absolute").at("/policy/value").asDouble());
    assertEquals(0, measure(same, "command_error.mean_absolute").at("/policy/value").asDouble());
  }

  @Test
  void successImaginedFromAnEpisodeThatTheRoundHasLearnedFromIsNotedAsSuch() throws Exception {
    Path bundle = bundle("bundle", TestBundles.seeing(TestBundles.spec(), 3));
    Path rollouts = folder().resolve("rollouts");
    List<EpisodeMeasures> episodes = new ArrayList<>();
    StringBuilder told = new StringBuilder();
    try (var replayed = ReplayedPolicy.load(bundle, new ReplaySession.Mode(true, false, 0, 1))) {
      for (Path bag :
          RecordedEpisodes.lockStep(bundle, rollouts, Outcome.SUCCESS, Outcome.FAILURE)) {
        var recorded = RecordedBag.open(bag, replayed.spec(), BagOptions.NONE);
        told.append(told.isEmpty() ? "" : ", ")
            .append(
                "{\"id\": \"%s\", \"learned_from\": %s, \"beginning\": {\"successes\": 1, \"rollouts\": 1}}"
                    .formatted(recorded.episode().id(), episodes.isEmpty()));
        episodes.add(new EpisodeMeasures(recorded, 1));
      }
    }
    ImaginedSuccess.add(
        new ObjectMapper().readTree("{\"episodes\": [" + told + "]}"),
        episodes,
        EpisodeMeasures.Column.POLICY);
    assertEquals(Set.of(ImaginedSuccess.LEARNED_FROM), episodes.getFirst().notes);
    assertEquals(Set.of(), episodes.getLast().notes);
  }

  @Test
  void theNodesGreedyActionsAreTheLikeliestOfTheLogits() throws Exception {
    Path bundle = bundle("bundle", TestBundles.seeing(TestBundles.spec(), 3));
    Path other = bundle("other", TestBundles.seeing(TestBundles.spec(), 4));
    Path bag = RecordedEpisodes.lockStep(bundle, folder().resolve("r"), Outcome.SUCCESS).getFirst();
    var mode = new ReplaySession.Mode(true, false, 0, 1);
    for (Path policy : List.of(bundle, other)) {
      try (var replayed = ReplayedPolicy.load(policy, mode)) {
        var recorded = RecordedBag.open(bag, replayed.spec(), BagOptions.NONE);
        ReplayedEpisode episode = replayed.play(recorded);
        var outputs = replayed.outputs(recorded, Set.of(0, 4, 8));
        assertEquals(3, episode.chunks().size());
        for (int c = 0; c < 3; c++) {
          var sample =
              TokenSampler.sample(
                  Objects.requireNonNull(outputs.get(4 * c)), 0, new SplittableRandom(1));
          assertArrayEquals(
              sample.tokens(), Objects.requireNonNull(episode.chunks().get(c)).tokens());
        }
      }
    }
  }

  @Test
  void twoPoliciesAreComparedOnTheSameObservations() throws Exception {
    Path bundle = bundle("bundle", TestBundles.seeing(TestBundles.spec(), 3));
    Path other = bundle("other", TestBundles.bundle(TestBundles.spec(), 1, 1));
    Path rollouts = folder().resolve("rollouts");
    RecordedEpisodes.lockStep(bundle, rollouts, Outcome.SUCCESS, Outcome.FAILURE);
    JsonNode result =
        replay(0, "result", rollouts, "--policy", bundle, "--against", other, "--html", page());
    JsonNode differ = measure(result, "disagreement.tokens_differ").at("/between");
    assertTrue(differ.at("/value").asDouble() > 0.5, differ.toString());
    assertTrue(differ.at("/low").asDouble() <= differ.at("/value").asDouble());
    assertTrue(measure(result, "disagreement.kl_divergence").at("/between/value").asDouble() > 0);
    JsonNode error = measure(result, "action_error.x.mean_absolute_m");
    assertEquals(
        error.at("/policy/value").asDouble() - error.at("/against/value").asDouble(),
        error.at("/difference/value").asDouble(),
        1e-12);
    // 0.04 m at 1, recorded actions of bins between -1 and 1
    assertTrue(error.at("/against/value").asDouble() > 0.02, error.toString());
    String html = Files.readString(page());
    assertTrue(html.contains("<svg") && html.contains("disagreement: tokens differ"), html);
    assertFalse(html.contains("<script") || html.contains("http"), "nothing from elsewhere");
  }

  private Path page() throws IOException {
    return folder().resolve("page.html");
  }

  @Test
  void aPolicyWithOtherBinsOrAnotherActionSpaceIsJudgedByWhereTheArmWent() throws Exception {
    Path bundle = bundle("bundle", TestBundles.seeing(TestBundles.spec(), 3));
    var wider =
        new ActionSpace.EndEffectorDelta(
            "world",
            "tip",
            List.of("x", "z"),
            List.of(0.08, 0.08),
            true,
            PlanarArm.SPACE.workspace());
    Path other =
        bundle(
            "other",
            TestBundles.bundle(TestBundles.spec("camera", PlanarArm.JOINTS, wider, 0.1), 0.5, 0));
    Path rollouts = folder().resolve("rollouts");
    RecordedEpisodes.lockStep(bundle, rollouts, Outcome.SUCCESS);
    JsonNode result = replay(0, "result", rollouts, "--policy", other);
    assertTrue(result.at("/notes/0/note").asText().contains("another action space"), "notes");
    assertTrue(measure(result, "action_error.mean_absolute").isMissingNode());
    assertTrue(measure(result, "command_error.mean_absolute").at("/policy/value").asDouble() > 0);
  }

  @Test
  void policiesOfOtherHeadsAreComparedByTheirActions() throws Exception {
    Path regression =
        bundle("regression", TestBundles.ofHead(new HeadSpec.Regression(List.of(0.2, 0.2))));
    Path flow = bundle("flow", TestBundles.ofHead(new FlowSpec(4, FlowSpec.Sampler.SDE, 0.7)));
    Path rollouts = folder().resolve("rollouts");
    RecordedEpisodes.lockStep(regression, rollouts, Outcome.SUCCESS);
    JsonNode same = replay(0, "same", rollouts, "--policy", regression, "--temperature", 1);
    JsonNode likelihood = measure(same, "log_likelihood.of_successful_actions");
    assertTrue(Double.isFinite(likelihood.at("/policy/value").asDouble(Double.NaN)));
    JsonNode result = replay(0, "result", rollouts, "--policy", flow, "--against", regression);
    assertTrue(result.at("/notes").toString().contains("makes actions out of noise"), "notes");
    assertTrue(result.at("/notes").toString().contains("the heads are FlowSpec"), "notes");
    assertTrue(
        measure(result, "disagreement.action_distance").at("/between/value").asDouble() > 0.05);
  }

  @Test
  void limitsThatWouldHaveBeenHitAreCounted() throws Exception {
    Path still = bundle("still", TestBundles.bundle(TestBundles.spec(), 0, 0));
    var narrow =
        new ActionSpace.EndEffectorDelta(
            "world",
            "tip",
            List.of("x", "z"),
            List.of(0.04, 0.04),
            true,
            new ActionSpace.Workspace(List.of(0.08, 0.08), List.of(0.92, 0.44)));
    Path up =
        bundle(
            "up",
            TestBundles.bundle(TestBundles.spec("camera", PlanarArm.JOINTS, narrow, 0.1), 0, 1));
    Path rollouts = folder().resolve("rollouts");
    RecordedEpisodes.lockStep(still, rollouts, Outcome.SUCCESS);
    JsonNode result = replay(0, "result", rollouts, "--policy", up);
    assertEquals(1, measure(result, "limits.workspace").at("/policy/value").asDouble());
    assertTrue(measure(result, "limits.ticks_limited").at("/executed/value").asDouble() < 1);
  }

  private JsonNode replay(int status, String name, Object... arguments) throws IOException {
    return replay(status, folder(), name, arguments);
  }

  /** Runs the command and gives its JSON. */
  static JsonNode replay(int status, Path folder, String name, Object... arguments)
      throws IOException {
    Path json = folder.resolve(name + ".json");
    List<String> words = new ArrayList<>();
    for (Object argument : arguments) {
      words.add(argument.toString());
    }
    words.addAll(List.of("--json", json.toString()));
    assertEquals(status, ReplayCommand.commandLine().execute(words.toArray(String[]::new)));
    return JSON.readTree(json.toFile());
  }

  private String withoutLatency(String name) throws IOException {
    var tree = (ObjectNode) JSON.readTree(folder().resolve(name + ".json").toFile());
    tree.remove("latency");
    return tree.toString();
  }

  static JsonNode measure(JsonNode result, String name) {
    for (JsonNode measure : result.at("/measures")) {
      if (measure.at("/name").asText().equals(name)) {
        return measure;
      }
    }
    return result.at("/none");
  }
}
