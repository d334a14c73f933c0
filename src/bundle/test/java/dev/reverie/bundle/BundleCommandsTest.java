package dev.reverie.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DType;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.EpisodeHead;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeWriter;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Prepared
class BundleCommandsTest {
  @TempDir Path folder;
  private Path first;

  @BeforeEach
  void importOne() throws IOException {
    Exported exported = new Exported(Files.createDirectory(folder.resolve("exported")));
    var source =
        new PolicyImport.Source(
            Map.of("act", exported.graph),
            List.of(exported.state),
            exported.spec,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            true);
    first = folder.resolve("policies/first");
    PolicyBundle _ = new PolicyImport(source, _ -> {}).write(first);
  }

  private String run(int status, Object... arguments) {
    StringWriter said = new StringWriter();
    PrintWriter print = new PrintWriter(said);
    CommandLine command = PolicyCommand.commandLine().setOut(print).setErr(print);
    String[] words = List.of(arguments).stream().map(Object::toString).toArray(String[]::new);
    assertEquals(status, command.execute(words), said::toString);
    return said.toString();
  }

  private static void says(String text, String... parts) {
    for (String part : parts) {
      assertTrue(text.contains(part), () -> "no '" + part + "' in:\n" + text);
    }
  }

  /** A policy that was trained from the first one, on two bags. */
  private Path trained() {
    PolicyBundle before = PolicyBundle.load(first);
    NdArray bias = Objects.requireNonNull(before.weights().get("net.bias")).copy();
    bias.data().set(ValueLayout.JAVA_FLOAT, 0, 5f);
    var lineage =
        new BundleSpec.Lineage(
            before.id(),
            List.of("ab", "cd"),
            new TreeMap<>(Map.of("seed", "7", "weights.world_model", "1a2b")),
            new BundleSpec.Measured(3, 12));
    Path second = folder.resolve("policies/second");
    before.withWeights(Map.of("net.bias", bias)).withLineage(lineage).save(second);
    return second;
  }

  @Test
  void inspectTellsWhatABundleIs() {
    says(
        run(0, "inspect", first),
        PolicyBundle.load(first).id(),
        "input       state F32[any, 2]: joints as measured, normalised by mean_sd of state.mean,"
            + " state.std",
        "output      out F32[any, 3, 2]",
        "trained     nothing: it only acts",
        "nobody has signed it");
  }

  /** Returns what {@code verify} says, however slow the machine is. */
  private String verified(int status, Object... arguments) {
    List<Object> all = new ArrayList<>(List.of("verify", "--timeout", 600));
    all.addAll(List.of(arguments));
    return run(status, all.toArray());
  }

  @Test
  void aSoundBundleIsVerifiedAndOneWithAChangedByteIsNot() throws IOException {
    says(verified(0, first), "it acts on an instruction", "the bundle is sound");
    Path weights = first.resolve("policy.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.delete(weights);
    Files.write(weights, bytes);
    says(verified(1, first), "policy.safetensors was changed", "copy the whole folder again");
  }

  @Test
  void aPolicyThatGivesNoFiniteActionIsNotSound() {
    PolicyBundle before = PolicyBundle.load(first);
    NdArray bias = Objects.requireNonNull(before.weights().get("net.bias")).copy();
    bias.data().set(ValueLayout.JAVA_FLOAT, 0, Float.NaN);
    Path broken = folder.resolve("broken");
    before.withWeights(Map.of("net.bias", bias)).save(broken);
    says(verified(1, broken), "it cannot act on a black picture", "NaN");
  }

  /**
   * The first policy with another graph, which works on a matrix of zeros before it acts.
   *
   * @param side of the matrix
   * @param products of it with itself
   */
  private Path working(String name, long side, int products) {
    var graph = new GraphBuilder(name);
    String state = graph.input("state", DType.F32, 1, 2);
    String zero =
        graph.node(
            "Mul", graph.node("ReduceSum", state, graph.integers(0, 1)), graph.scalar(0)); // [1, 1]
    String square = graph.node("Expand", zero, graph.integers(side, side));
    String product = square;
    for (int i = 0; i < products; i++) {
      product = graph.node("MatMul", product, square);
    }
    String sum = graph.node("ReduceSum", product, graph.integers(0, 1));
    graph.output(graph.node("Expand", sum, graph.integers(1, 3, 2)), "out", DType.F32, 1, 3, 2);
    Path saved = folder.resolve(name);
    PolicyBundle before = PolicyBundle.load(first);
    PolicyBundle.of(before.spec(), graph.model(), before.weights()).save(saved);
    return saved;
  }

  @Test
  void aPolicyThatTakesTooLongOrTooMuchIsEndedAndRefused() {
    says(
        run(1, "verify", working("endless", 3000, 2000), "--timeout", "4"),
        "was not tried to its end within 4.0 s, after it ",
        "--timeout and, on the robot, swap.load_timeout_s");
    says(
        verified(1, working("huge", 20_000, 0), "--memory-mb", "500"),
        "takes more than 500 MB of memory",
        "--memory-mb and, on the robot, swap.memory_mb");
    says(run(1, "verify", first, "--timeout", "0"), "--timeout 0.0 --memory-mb 4096");
  }

  @Test
  void theTrainersPartOfVerifyHasTheSameLimits() {
    Refusal.of(
        BundleException.class,
        () -> TrainerCheck.run(first, Optional.of(new VerifyTrial(0.1, 4096))),
        "was not tried to its end within 0.1 s by the trainer",
        "--timeout");
    Refusal.of(
        BundleException.class,
        () -> TrainerCheck.run(first, Optional.of(new VerifyTrial(600, 64))),
        "takes more than 64 MB of memory by the trainer",
        "--memory-mb");
  }

  @Test
  void aBundleIsSignedByANewKeyAndVerifiedByItsPublicPart() throws IOException {
    Path keys = Files.createDirectory(folder.resolve("keys"));
    Path mine = folder.resolve("mine.pem");
    says(verified(1, first, "--keys", keys), "has no file that ends in .pem");
    says(run(0, "sign", "--new-key", mine), "mine.pub.pem is the public key");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(mine)));
    says(run(1, "sign", "--new-key", mine), "exists already; give another name");
    Files.move(folder.resolve("mine.pub.pem"), keys.resolve("mine.pub.pem"));
    says(verified(1, first, "--keys", keys), "is not signed");
    run(0, "sign", first, "--key", mine);
    says(verified(0, first, "--keys", keys), "signed by somebody whose key is in");
    says(run(0, "inspect", first), "signature   by 1");
    says(run(2, "sign", "--key", mine), "give its folder");
    says(run(1, "sign", first, "--key", keys.resolve("mine.pub.pem")), "PRIVATE KEY");
    says(run(0, "sign", first, "--changed"), first + " is bundle " + PolicyBundle.load(first).id());
    says(verified(1, first, "--keys", keys), "is not signed");
    says(run(2, "sign", "--changed"), "--changed is for a bundle");
  }

  @Test
  void diffTellsFieldsAndWeights() {
    Path second = trained();
    says(run(0, "diff", first, first), "specification: equal", "weights: 0 of");
    says(
        run(3, "diff", first, second),
        "lineage.rollouts: A [], B [\"ab\",\"cd\"]",
        "graph: equal",
        "weights: 1 of 5 differ",
        "net.bias");
  }

  /** Records two chunks of a policy. */
  private Path recorded(String policy, String bundle) {
    var head =
        new EpisodeHead(
            "episode", "", "policy", policy, 0, 1, List.of("shoulder", "elbow"), "", 100_000_000L);
    var picture = new CameraImage(2, 2, new byte[12]);
    double[] pose = {0, 0};
    String configuration = "{\"bundle\": \"%s\"}".formatted(bundle);
    try (var episode = EpisodeWriter.begin(folder.resolve("bags"), head, 1, configuration)) {
      for (int t = 1; t <= 3; t++) {
        long stamp = t * 100_000_000L;
        episode.observe(stamp, pose, Map.of("camera", picture));
        if (t < 3) {
          episode.chunk(stamp, 1, 0f, 0f);
          episode.step(stamp, pose, pose);
        }
      }
      long end = 300_000_000L;
      episode.end(new EpisodeOutcome(EpisodeOutcome.Kind.SUCCESS, end, "test", ""), end);
      return episode.bag();
    }
  }

  @Test
  void historyOfABagIsThatOfThePoliciesThatActedInIt() {
    Path second = trained();
    String id = PolicyBundle.load(second).id();
    Path bag = recorded(id, second.toString());
    says(
        run(0, "history", bag, "--settings"),
        "policy " + id + " acted",
        "by world model 1a2b",
        "seed = 7",
        "it has no parent");
    says(run(0, "history", bag, "--chunk", "1", "--in", folder), "policy " + id + " acted");
    says(run(0, "history", bag, "--stamp", "0.15", "--in", folder), "policy " + id + " acted");
    says(run(1, "history", bag, "--chunk", "2"), "no action chunk 2", "0 to 1");
    says(run(1, "history", second, "--chunk", "1"), "give its bag");
    says(run(1, "history", folder.resolve("policies")), "neither a bundle nor an episode");
  }

  @Test
  void historyGoesFromABundleToItsParents() throws IOException {
    Path second = trained();
    PolicyBundle after = PolicyBundle.load(second);
    Files.writeString(
        folder.resolve("round.json"),
        """
        {"base": {"successes": 3, "episodes": 10}, "policy": {"before": "%s", "after": "%s"},
         "improved": {"real": {"successes": 8, "episodes": 10}}}
        """
            .formatted(PolicyBundle.load(first).id(), after.id()));
    Files.writeString(
        folder.resolve("comparison.json"),
        """
        {"setting": {"a": "%s", "b": "%s"}, "trials": [
          {"pair": 0, "policy": "B", "success": true}, {"pair": 0, "policy": "A", "success": false},
          {"pair": 1, "policy": "B", "success": true}]}
        """
            .formatted(PolicyBundle.load(first).id(), after.id()));
    Files.writeString(
        folder.resolve("policies.json"),
        "0\n{\"bundle\": \"\", \"live\": {\"folder\": \"x\", \"id\": \"%s\"}, \"earlier\": []}"
            .formatted(after.id()));
    says(
        run(0, "history", second, "--in", folder, "--settings"),
        "trained on 2 bags",
        "3 of 12 real episodes of its parent succeeded, when it was written",
        "was compared with another, and 2 of 2 real episodes succeeded",
        "was compared with another, and 0 of 1 real episodes succeeded",
        "came of a round, and 8 of 10 real episodes succeeded",
        "is live on the robot",
        "seed = 7",
        "was the base of a round, and 3 of 10 real episodes succeeded",
        "it has no parent: it was imported, or trained from nothing");
    says(run(0, "history", "--in", folder), after.id());
    says(run(1, "history"), "no bundle is given");
  }
}
