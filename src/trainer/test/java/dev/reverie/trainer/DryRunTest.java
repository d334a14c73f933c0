package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.policy.BundleSpec;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.model.Graphs;
import dev.reverie.trainer.model.OwnGraphs;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.LibtorchTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Dry runs without any data: of small settings, and of the papers' sizes. */
class DryRunTest extends LibtorchTest {
  private static final String[] LAB = {
    "--episodes", "1280", "--steps", "300", "--chunk", "8", "--machine-memory", "80"
  };

  private String errors = "";

  @Test
  void aPolicysProductsAreThoseOfItsLayers() {
    try (var policy = new TrainablePolicy(Examples.policy())) {
      double convolutions = 32 * 3 * 25 * 24 * 24 + 64 * 32 * 9 * 12 * 12 + 64.0 * 64 * 9 * 6 * 6;
      double linear = 64 * 36 * 256 + 32 * 192 + 32 * 256 + 2 * 256 + 256 * 256 + 256 * 40.0;
      assertEquals(2 * (convolutions + linear), policy.drawing().pass().flops());
      assertTrue(policy.drawing().pass().numbers() > 32 * 24 * 24);
    }
  }

  @Test
  void whatIsTwiceAsMuchTakesTwiceAsLong() {
    Map<String, DryRun.Stage> once = round(new DataSizes(10, 100, 8, 2));
    Map<String, DryRun.Stage> twice = round(new DataSizes(20, 200, 8, 2));
    for (String stage : List.of("encode", "replay", "imagined_success")) {
      assertEquals(2 * flops(once, stage), flops(twice, stage), stage);
    }
    assertEquals(flops(once, "grpo"), flops(twice, "grpo"), "as many rollouts are imagined");
    assertEquals(flops(once, "world_model"), flops(twice, "world_model"));
    Map<String, DryRun.Stage> longer = round(new DataSizes(10, 100, 16, 2));
    assertEquals(2 * flops(once, "grpo"), flops(longer, "grpo"));
  }

  @Test
  void shortEpisodesTakeTheDiskThatTheirFramesDo() {
    var demonstrations = new DataSizes.Episodes(10_000, 10_000 * 8);
    var all = new DataSizes(demonstrations, new DataSizes.Episodes(30_000, 30_000 * 8), 8, 2);
    var most = new DataSizes(demonstrations, new DataSizes.Episodes(30_000, 30_000 * 2), 8, 2);
    double frames = 10_000 * 9 + 30_000 * 3;
    double pixels = 48 * 48;
    assertEquals(
        frames * pixels * (3 + 4 * 8 / 16.0), disk(round(most), "encode"), "pictures, and latents");
    assertEquals(disk(round(all), "encode") / 2, disk(round(most), "encode"));
    Settings half = Settings.DEFAULT.changed(latents("BFLOAT16"), "test");
    assertEquals(
        frames * pixels * (3 + 2 * 8 / 16.0),
        disk(round(half, most), "encode"),
        "half the latents");
  }

  @Test
  void aRoundHasItsStagesWithTheParametersOfItsNetworks() {
    Map<String, DryRun.Stage> round = round(new DataSizes(10, 100, 8, 2));
    assertTrue(
        round
            .keySet()
            .containsAll(
                List.of("world_model", "reward_classifier", "joint_head", "imagined_success")));
    try (var policy = new TrainablePolicy(Examples.policy())) {
      assertEquals(
          policy.parameters().count(), Objects.requireNonNull(round.get("grpo")).parameters());
    }
  }

  @Test
  void aPartOfThePolicyTakesTheMemoryOfThatPart() {
    DryRun.Stage whole = practice("{}");
    DryRun.Stage adapted = practice("{'policy': {'adapterRank': 2}}");
    assertTrue(adapted.parameters() < 0.2 * whole.parameters());
    assertTrue(adapted.disk() < 0.2 * whole.disk());
    double spared = whole.weights() - adapted.weights();
    assertEquals(20.0 * (whole.parameters() - adapted.parameters()), spared, 0.1 * spared);
    DryRun.Stage half = practice("{'policy': {'adapterRank': 2, 'frozenPrecision': 'BFLOAT16'}}");
    assertEquals(adapted.parameters(), half.parameters());
    // Two policies, each with two bytes less a frozen weight; biases stay.
    double frozen = 2.0 * 2 * whole.parameters();
    assertEquals(frozen, adapted.weights() - half.weights(), 0.1 * frozen);
  }

  @Test
  void sixteenBitsAndRecomputationTakeLessMemoryAndTheLatterMoreArithmetic() {
    DryRun.Stage usual = worldModel("{}");
    DryRun.Stage half = worldModel("{'compute': {'precision': 'BFLOAT16'}}");
    DryRun.Stage again = worldModel("{'compute': {'recompute': true}}");
    assertEquals(usual.results() / 2, half.results(), 1);
    assertEquals(usual.flops(), half.flops());
    assertTrue(again.results() < 0.6 * usual.results());
    assertEquals(4.0 / 3, again.flops() / usual.flops(), 1e-9);
    assertEquals(usual.weights(), again.weights());
  }

  @Test
  void aSliceTakesTheMemoryOfItsRowsAndTheArithmeticOfTheBatch() {
    DryRun.Stage usual = worldModel("{}");
    DryRun.Stage sliced = worldModel("{'compute': {'slice': 4}}");
    assertEquals(usual.results() * 4 / Settings.DEFAULT.worldModel().batch(), sliced.results(), 1);
    assertEquals(usual.flops(), sliced.flops());
    assertEquals(usual.weights(), sliced.weights());
    assertEquals(usual, worldModel("{'compute': {'slice': 1000}}"));
    String few = "'grpo': {'groups': 1, 'groupSize': 2, 'miniBatch': 512}";
    double practice = practice("{%s, 'compute': {'slice': 4}}".formatted(few)).results();
    assertTrue(practice < 0.5 * practice("{%s}".formatted(few)).results());
    String half = "{'classifier': {'steps': 1, 'imaginedShare': %s}, 'compute': {'slice': 4}}";
    assertEquals( // of a slice each row may be imagined
        stage("reward_classifier", half.formatted("1.0")).results(),
        stage("reward_classifier", half.formatted("0.5")).results());
  }

  @Test
  void aDeviceHasMemoryOfItsOwn() {
    DryRun.Stage stage = new DryRun.Stage("encode", 0, 1 << 30, 1 << 30, 8.0 * (1 << 30), 0, 0, 1);
    double memory = 4.0 * (1 << 30);
    assertTrue(
        DryRunTable.of(List.of(stage), new DryRunTable.Machine(0, memory, false))
            .contains("encode does not fit: it needs 10.6 GiB"));
    assertTrue(
        DryRunTable.of(List.of(stage), new DryRunTable.Machine(0, memory, true))
            .contains("all stages fit into 4.00 GiB"));
  }

  private static DryRun.Stage practice(String settings) {
    return stage("grpo", settings);
  }

  private static DryRun.Stage worldModel(String settings) {
    return stage("world_model", settings);
  }

  private static DryRun.Stage stage(String name, String changes) {
    try {
      Settings settings =
          Settings.DEFAULT.changed(
              new ObjectMapper().readTree(changes.replace('\'', '"')), "the test");
      try (var policy = new TrainablePolicy(Examples.policy(), settings.policy())) {
        return new DryRun(settings, Examples.spec(), policy, new DataSizes(10, 100, 8, 2))
            .round().stream().filter(stage -> stage.name().equals(name)).findFirst().orElseThrow();
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(changes, e);
    }
  }

  @Test
  void theBatchesOfThePapersFitInSlicesAndTheLargerModelDoesNot(@TempDir Path folder)
      throws IOException {
    String wmpo = said("train", "improve", "--dry-run", "--preset", "wmpo", "--view", "256x256");
    assertTrue(wmpo.lines().anyMatch(line -> line.matches("world_model +910 M .*")), wmpo);
    assertTrue(wmpo.contains("all stages fit into 80.0 GiB"), wmpo);
    Path whole = Files.writeString(folder.resolve("whole.json"), "{\"compute\": {\"slice\": 0}}");
    String atOnce =
        said(
            "train",
            "improve",
            "--dry-run",
            "--preset",
            "wmpo",
            "--view",
            "256x256",
            "--settings",
            whole.toString());
    assertTrue(atOnce.contains("world_model does not fit: it needs "), atOnce);
    String wovr = said("train", "improve", "--dry-run", "--preset", "wovr", "--view", "256x256");
    assertTrue(wovr.lines().anyMatch(line -> line.matches("world_model +4.66 G .*")), wovr);
    assertTrue(wovr.contains("does not fit: it needs "), wovr);
    assertTrue(wovr.contains("and the machine has 80.0 GiB"), wovr);
  }

  @Test
  void graphsOfTheUsersAreCountedByRunningThem() throws IOException {
    Graphs graphs =
        new Graphs(
            OwnGraphs.file("vae.onnx").toString(),
            List.of(),
            OwnGraphs.file("world_model.onnx").toString(),
            List.of("inp.*"),
            OwnGraphs.file("classifier.onnx").toString(),
            List.of());
    Settings settings =
        Settings.DEFAULT.changed(
            RunReport.JSON.createObjectNode().set("graphs", RunReport.JSON.valueToTree(graphs)),
            "test");
    Map<String, DryRun.Stage> round = round(settings, new DataSizes(10, 100, 8, 2));
    double encoder = 16 * 3 * 9 * 24 * 24 + 32 * 16 * 16 * 144 + 16 * 32 * 144.0;
    assertEquals(110 * 9 * 2 * encoder, flops(round, "encode"));
    long told = 352 + 32 + 4640; // with norm and down
    long attention = 64 + 3168 + 1056;
    assertEquals(
        told + attention + 4624 + 9248,
        Objects.requireNonNull(round.get("world_model")).parameters(),
        "all but inp, which is frozen, and a buffer");
  }

  @Test
  void aSmallRoundFits() {
    String said = said("pretrain", "--dry-run", "--machine-flops", "1e11");
    assertTrue(said.contains("all stages fit into 80.0 GiB"), said);
    assertTrue(said.lines().findFirst().orElse("").endsWith("time"), said);
  }

  @Test
  void whatADryRunIsNotToldItAsksFor() {
    refused("give --episodes or --demonstrations", "train", "improve", "--dry-run");
    refused("give --steps", "pretrain", "--dry-run", "--episodes", "3");
    refused(
        "--view is 'big'; give width and height",
        "pretrain",
        "--dry-run",
        "--episodes",
        "3",
        "--steps",
        "3",
        "--view",
        "big");
    refused(
        "camera 'view1' is 50x48",
        "pretrain",
        "--dry-run",
        "--episodes",
        "3",
        "--steps",
        "3",
        "--view",
        "50x48");
    refused("--episodes is -3", "pretrain", "--dry-run", "--episodes", "-3", "--steps", "3");
  }

  @Test
  void withoutItTheFoldersAreStillRequired() {
    assertEquals(CommandLine.ExitCode.USAGE, run("train", "improve"));
    assertTrue(errors.contains("Missing required options"), errors);
  }

  private static JsonNode latents(String precision) {
    return RunReport.JSON
        .createObjectNode()
        .set("vae", RunReport.JSON.createObjectNode().put("latents", precision));
  }

  private static Map<String, DryRun.Stage> round(DataSizes sizes) {
    return round(Settings.DEFAULT, sizes);
  }

  private static Map<String, DryRun.Stage> round(Settings settings, DataSizes sizes) {
    BundleSpec spec = Examples.spec();
    try (var policy = new TrainablePolicy(Examples.policy())) {
      return new DryRun(settings, spec, policy, sizes)
          .round().stream().collect(Collectors.toMap(DryRun.Stage::name, Function.identity()));
    }
  }

  private static double disk(Map<String, DryRun.Stage> stages, String name) {
    return Objects.requireNonNull(stages.get(name)).disk();
  }

  private static double flops(Map<String, DryRun.Stage> stages, String name) {
    return Objects.requireNonNull(stages.get(name)).flops();
  }

  private String said(String... command) {
    PrintStream before = System.out;
    var out = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      assertEquals(
          0, run(Stream.of(command, LAB).flatMap(Arrays::stream).toArray(String[]::new)), errors);
    } finally {
      System.setOut(before);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private void refused(String why, String... command) {
    assertFalse(run(command) == 0);
    assertTrue(errors.contains(why), errors);
  }

  private int run(String... command) {
    var text = new StringWriter();
    int status = TrainCommand.commandLine().setErr(new PrintWriter(text, true)).execute(command);
    errors = text.toString();
    return status;
  }
}
