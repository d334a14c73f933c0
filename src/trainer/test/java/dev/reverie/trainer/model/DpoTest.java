package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.HeadSpec;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DpoTest extends LibtorchTest {
  private static final Dpo.Config CONFIG = new Dpo.Config(40, 2, 1e-3, 0.1, 1);

  private final Transitions rollouts = Examples.transitions(4);

  static List<HeadSpec> heads() {
    return Heads.all(2);
  }

  @ParameterizedTest
  @MethodSource("heads")
  void successesBecomeLikelierThanFailures(HeadSpec head, @TempDir Path folder) {
    try (var policy = new TrainablePolicy(HeadTest.bundle(head))) {
      Dpo dpo = new Dpo(CONFIG, policy, rollouts, Torch.range(0, 4));
      Metrics metrics = new Metrics(folder.resolve("x.jsonl"), "x");
      metrics.begin(true);
      // The policy is its own reference: it prefers neither.
      assertEquals(Math.log(2), dpo.loss(metrics).item_double(), 1e-5);
      new TrainLoop(folder, 1, "test").train("dpo", policy, dpo.loop(), dpo::loss);
      metrics.begin(true);
      assertTrue(dpo.loss(metrics).item_double() < 0.5);
      assertEquals(1, metrics.mean("preferred"));
      dpo.close();
    }
  }

  @Test
  void rolloutsWithoutAPairAreRefused() {
    try (var policy = new TrainablePolicy(Examples.policy())) {
      Refusal.of(
          TrainerException.class,
          () -> new Dpo(CONFIG, policy, rollouts, Torch.of(new long[] {0, 2}, 2)),
          "no instruction has a success and a failure");
    }
  }
}
