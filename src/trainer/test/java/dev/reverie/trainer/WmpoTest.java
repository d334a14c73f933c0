package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WmpoTest extends LibtorchTest {
  static final String TINY =
      """
      {"cloning": {"steps": 5, "batch": 8},
       "vae": {"steps": 30, "batch": 8},
       "worldModel": {"steps": 5, "alignSteps": 5, "batch": 8},
       "jointHead": {"steps": 10, "batch": 8},
       "classifier": {"steps": 60, "batch": 12},
       "gate": {"recall": 0, "wrongInstruction": 1},
       "grpo": {"iterations": 2, "groups": 4, "groupSize": 4, "saveEvery": 1}}
      """;

  private final Path folder;

  WmpoTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void aRoundGivesAnotherPolicyAndGoesOnWhereItStopped() throws IOException {
    Settings settings = Settings.read(Files.writeString(folder.resolve("settings.json"), TINY));
    Path models = folder.resolve("models");
    TrainLoop pretraining = new TrainLoop(models, 1, "demonstrations");
    Pretrained pretrained = Pretrained.untrained(settings, Examples.spec(), pretraining);
    pretrained.trainVae(Examples.episodes("d", 6));
    pretrained.trainWorldModel(Examples.episodes("d", 6), Examples.HORIZON);
    PolicyBundle base = Examples.policy();

    Wmpo.Result whole = round(settings, base, models, "work");
    assertTrue(Files.exists(folder.resolve("work/imagined/index.json")));
    assertTrue(whole.seconds().containsKey("grpo"));

    Files.delete(folder.resolve("work/grpo.safetensors")); // as if it had been stopped there
    Wmpo.Result again = round(settings, base, models, "work");
    assertEquals(whole.policy().id(), again.policy().id());
    assertEquals(whole.imaginedBefore(), again.imaginedBefore());
    try (Stream<Path> left = Files.list(folder.resolve("work"))) {
      assertTrue(left.noneMatch(p -> p.toString().contains("resume")), "a resume point is left");
    }
  }

  @Test
  void rolloutsOfOneOutcomeAreRefused() {
    Dataset demonstrations = Examples.episodes("d", 4);
    Dataset rollouts = Examples.episodes("r", 1);
    TrainLoop loop = new TrainLoop(folder, 1, "x");
    PolicyBundle base = Examples.policy();
    Refusal.of(
        TrainerException.class,
        () -> Wmpo.prepare(Settings.DEFAULT, loop, base, demonstrations, rollouts, folder),
        "1 of 1 rollouts");
  }

  private Wmpo.Result round(Settings settings, PolicyBundle base, Path models, String work)
      throws IOException {
    Path into = Files.createDirectories(folder.resolve(work));
    return Wmpo.prepare(
            settings,
            new TrainLoop(into, 1, "the test's episodes"),
            base,
            Examples.episodes("d", 6),
            Examples.episodes("r", 8),
            models)
        .run();
  }
}
