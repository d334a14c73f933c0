package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Refusal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Heads in files and in numbers, and actions that are drawn from them. */
class HeadSpecTest {
  private static final List<Double> ALPHAS = List.of(0.98, 0.9, 0.75, 0.6, 0.4);

  static List<HeadSpec> heads() {
    return List.of(
        new HeadSpec.Regression(List.of(0.1, 0.2)),
        new HeadSpec.Gaussian(),
        new FlowSpec(4, FlowSpec.Sampler.SDE, 0.7),
        new FlowSpec(4, FlowSpec.Sampler.ODE, 0.7),
        diffusion(DiffusionSpec.Sampler.DDPM),
        diffusion(DiffusionSpec.Sampler.DDIM),
        diffusion(DiffusionSpec.Sampler.DDIM, DiffusionSpec.Prediction.SAMPLE),
        diffusion(DiffusionSpec.Sampler.DDPM, DiffusionSpec.Prediction.VELOCITY));
  }

  private static DiffusionSpec diffusion(DiffusionSpec.Sampler sampler) {
    return diffusion(sampler, DiffusionSpec.Prediction.EPSILON);
  }

  private static DiffusionSpec diffusion(
      DiffusionSpec.Sampler sampler, DiffusionSpec.Prediction prediction) {
    return new DiffusionSpec(ALPHAS, List.of(4, 3, 2, 1, 0), sampler, 1, 0.1, 1, prediction);
  }

  @ParameterizedTest
  @MethodSource("heads")
  void aBundleOfEachHeadIsReadAsItWasWritten(HeadSpec head, @TempDir Path folder) {
    PolicyBundle bundle = TinyPolicy.of(head, 0.1f);
    bundle.save(folder.resolve("bundle"));
    PolicyBundle read = PolicyBundle.load(folder.resolve("bundle"));
    assertEquals(bundle.spec(), read.spec());
    assertEquals(bundle.id(), read.id());
    assertFalse(read.inputs().stream().anyMatch(InputSpec.Joints.class::isInstance));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void theSameNoiseGivesTheSameChunkAndGreedyNeedsNone(HeadSpec head) {
    try (OnnxPolicy policy = OnnxPolicy.open(TinyPolicy.of(head, 0.1f), OnnxOptions.cpu(1))) {
      Observation seen = TinyPolicy.observation(1);
      Sample first = policy.draw(seen, 1, new SplittableRandom(5));
      Sample same = policy.draw(seen, 1, new SplittableRandom(5));
      Sample other = policy.draw(seen, 1, new SplittableRandom(6));
      assertArrayEquals(first.actions(), same.actions());
      assertArrayEquals(first.logProbabilities(), same.logProbabilities());
      assertFalse(Arrays.equals(first.actions(), other.actions()));
      assertEquals(0, first.tokens().length);
      Sample greedy = policy.draw(seen, 0, new SplittableRandom(5));
      assertArrayEquals(greedy.actions(), policy.draw(seen, 0, () -> 0).actions());
      assertArrayEquals(greedy.actions(), policy.infer(seen).greedy(), 1e-6f);
      for (float log : greedy.logProbabilities()) {
        assertEquals(0, log);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("heads")
  void brokenWeightsAreRefusedByTheirOutput(HeadSpec head) {
    try (OnnxPolicy policy = OnnxPolicy.open(TinyPolicy.of(head, Float.NaN), OnnxOptions.cpu(1))) {
      Observation seen = TinyPolicy.observation(1);
      Refusal.of(
          IllegalStateException.class,
          () -> policy.draw(seen, 1, new SplittableRandom(1)),
          "NaN",
          "broken");
    }
  }

  @Test
  void anActionTellsItsOwnProbability() {
    HeadSpec head = new HeadSpec.Regression(List.of(0.1, 2.0));
    try (OnnxPolicy policy = OnnxPolicy.open(TinyPolicy.of(head, 0.1f), OnnxOptions.cpu(1))) {
      Sample sample = policy.draw(TinyPolicy.observation(1), 4, new SplittableRandom(5));
      for (int i = 0; i < 6; i++) {
        double sd = 2 * (i % 2 == 0 ? 0.1 : 2); // variance times 4
        double expected = new Normal(0.1f, sd).logProbability(sample.actions()[i]);
        assertEquals(expected, sample.logProbabilities()[i], 1e-6);
      }
    }
  }

  @Test
  void probabilitiesOfWhatIsCarriedOutAddUpToOne() {
    for (double mean : new double[] {0, 0.9, -3}) {
      Normal normal = new Normal(mean, 0.4);
      double sum = Math.exp(normal.logProbability(-1)) + Math.exp(normal.logProbability(1));
      int cells = 20_000;
      for (int i = 0; i < cells; i++) {
        sum += Math.exp(normal.logProbability(-1 + (2 * i + 1.0) / cells)) * 2 / cells;
      }
      assertEquals(1, sum, 1e-6);
    }
  }

  @Test
  void theTailOfTheDistributionIsThatOfTables() { // scipy.special.log_ndtr
    assertEquals(-0.6931471805599453, Normal.logBelow(0), 1e-14);
    assertEquals(-0.1727537790234499, Normal.logBelow(1), 1e-12);
    assertEquals(-1.8410216450092634, Normal.logBelow(-1), 1e-12);
    assertEquals(-6.60772622151035, Normal.logBelow(-3), 1e-9);
    assertEquals(-53.23128515051247, Normal.logBelow(-10), 1e-9);
    assertEquals(-804.6084420137538, Normal.logBelow(-40), 1e-9);
    assertEquals(0, Normal.logBelow(20), 1e-12);
  }

  @Test
  void aFlowsStepsAreThoseOfItsPaper() {
    double a = 0.7;
    List<DenoisingStep> steps = new FlowSpec(4, FlowSpec.Sampler.SDE, a).steps(1);
    double dt = 0.25;
    for (int i = 0; i < 4; i++) {
      double t = 1 - i * dt;
      double sigma = a * Math.sqrt(t / (1 - (i == 0 ? 0.75 : t)));
      double x = 0.3;
      double v = -1.2;
      double mean = x - (v + sigma * sigma / (2 * t) * (x + (1 - t) * v)) * dt;
      assertEquals(t, steps.get(i).time(), 1e-12);
      assertEquals(mean, steps.get(i).mean(x, v), 1e-12);
      assertEquals(sigma * Math.sqrt(dt), steps.get(i).sd(), 1e-12);
    }
    // Without noise it is Euler's way along the velocity.
    assertEquals(
        0.3 + 1.2 * dt,
        new FlowSpec(4, FlowSpec.Sampler.ODE, a).steps(0).get(2).mean(0.3, -1.2),
        1e-12);
  }

  @Test
  void aFlowComesToTheChunkThatItsVelocityKnows() {
    double chunk = 0.4;
    double x = -1.3;
    for (DenoisingStep step : new FlowSpec(10, FlowSpec.Sampler.ODE, 0.7).steps(0)) {
      x = step.mean(x, (x - chunk) / step.time());
    }
    assertEquals(chunk, x, 1e-12);
  }

  @Test
  void adjacentStepsOfDiffusionAreThePosteriorOfDdpm() {
    List<DenoisingStep> steps = diffusion(DiffusionSpec.Sampler.DDPM).steps(1);
    for (int i = 0; i < 5; i++) {
      double bar = ALPHAS.get(4 - i);
      double before = i < 4 ? ALPHAS.get(3 - i) : 1;
      double alpha = bar / before;
      for (double epsilon : new double[] {0.1, -4}) { // -4: the chunk is clipped
        double x = 0.3;
        double clean = Math.clamp((x - Math.sqrt(1 - bar) * epsilon) / Math.sqrt(bar), -1.0, 1.0);
        double mean =
            Math.sqrt(before) * (1 - alpha) / (1 - bar) * clean
                + Math.sqrt(alpha) * (1 - before) / (1 - bar) * x;
        assertEquals(mean, steps.get(i).mean(x, epsilon), 1e-12);
      }
      double sd = Math.sqrt((1 - before) / (1 - bar) * (1 - alpha));
      assertEquals(Math.max(sd, 0.1), steps.get(i).sd(), 1e-12);
    }
  }

  @Test
  void ddimKeepsTheGraphsNoiseWhereTheChunkIsClipped() {
    DenoisingStep step = diffusion(DiffusionSpec.Sampler.DDIM).steps(0).getFirst();
    double mean = Math.sqrt(0.6) * 1 + Math.sqrt(1 - 0.6) * -4;
    assertEquals(mean, step.mean(0.3, -4), 1e-12);
    assertEquals(0, step.sd());
  }

  /** diffusers 0.35.2 with trained_betas of these alphas, clip_sample, and no noise drawn. */
  @ParameterizedTest
  @CsvSource({
    "EPSILON, DDIM, 0.14606406, -1.43899792, -0.66381146",
    "EPSILON, DDPM, -0.00150891, 0.59363073, -0.67997372",
    "SAMPLE, DDIM, 0.42568817, 1.27774468, -0.15519086",
    "SAMPLE, DDPM, 0.46453131, -0.26703209, 0.04662677",
    "VELOCITY, DDIM, 0.15393881, -0.47843408, -0.62609904",
    "VELOCITY, DDPM, 0.01161567, 0.59363073, -0.62609888",
  })
  void whateverTheGraphPredictsStepsAreThoseOfDiffusers(
      DiffusionSpec.Prediction prediction,
      DiffusionSpec.Sampler sampler,
      double first,
      double clipped,
      double later) {
    DiffusionSpec head = diffusion(sampler, prediction);
    List<DenoisingStep> steps = head.steps(sampler == DiffusionSpec.Sampler.DDPM ? 1 : 0);
    assertEquals(first, steps.get(0).mean(0.3, 0.7), 2e-6);
    assertEquals(clipped, steps.get(0).mean(0.3, -3.5), 2e-6);
    assertEquals(later, steps.get(3).mean(-0.6, 0.2), 2e-6);
  }

  @Test
  void whatAGraphPredictsIsWrittenWhereItIsNotTheNoise() {
    for (DiffusionSpec.Prediction prediction : DiffusionSpec.Prediction.values()) {
      DiffusionSpec head = diffusion(DiffusionSpec.Sampler.DDIM, prediction);
      byte[] json = BundleJson.write(TinyPolicy.of(head, 0.1f).spec());
      assertEquals(head, BundleJson.parse(json).head());
      assertEquals(
          prediction != DiffusionSpec.Prediction.EPSILON,
          new String(json, StandardCharsets.UTF_8).contains("\"prediction\""));
    }
  }

  @Test
  void whatNoHeadCanBeIsRefusedWithItsName() {
    refused("{\"kind\":\"mixture\"}", "mixture", "tokens, regression, gaussian, flow, diffusion");
    refused("{\"kind\":\"tokens\",\"bins\":1}", "1 bins");
    refused("{\"kind\":\"regression\"}", "head.noise is missing");
    refused("{\"kind\":\"regression\",\"noise\":[0.1]}", "1 values, an action 2");
    refused("{\"kind\":\"regression\",\"noise\":[0.1,0]}", "above 0");
    refused("{\"kind\":\"gaussian\",\"bins\":3}", "bins is unknown");
    refused("{\"kind\":\"flow\",\"steps\":0,\"sampler\":\"sde\",\"noise\":0.7}", "0 steps");
    refused("{\"kind\":\"flow\",\"steps\":4,\"sampler\":\"heun\",\"noise\":0.7}", "heun");
    String rest = ",\"sampler\":\"ddpm\",\"noise\":1,\"least_noise\":0.1,\"clip\":1}";
    refused(
        "{\"kind\":\"diffusion\",\"alphas_cumprod\":[0.5,0.6],\"timesteps\":[1,0]" + rest,
        "0.6 after 0.5");
    refused(
        "{\"kind\":\"diffusion\",\"alphas_cumprod\":[0.9,0.6],\"timesteps\":[0,1]" + rest,
        "falling");
    refused(
        "{\"kind\":\"diffusion\",\"prediction\":\"score\",\"alphas_cumprod\":[0.9],\"timesteps\":[0]"
            + rest,
        "score",
        "epsilon");
  }

  private static void refused(String head, String... fragments) {
    String spec = new String(BundleJson.write(TinyPolicy.spec()), StandardCharsets.UTF_8);
    String old = "\"head\" : {\n    \"kind\" : \"tokens\",\n    \"bins\" : 5\n  }";
    assertTrue(spec.contains(old), spec);
    byte[] json = spec.replace(old, "\"head\" : " + head).getBytes(StandardCharsets.UTF_8);
    Refusal.of(BundleException.class, () -> BundleJson.parse(json), fragments);
  }
}
