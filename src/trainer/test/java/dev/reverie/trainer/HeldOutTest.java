package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Split;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds that what is held out is not touched: a stage learns the same where nothing can be learned
 * from it.
 */
class HeldOutTest extends LibtorchTest {
  private static final int DEMONSTRATIONS = 6;
  private static final List<String> STAGES =
      List.of(Networks.WORLD_MODEL, Networks.REWARD_CLASSIFIER, Networks.JOINT_HEAD);

  private final Path folder;
  private final Settings settings;
  private final Dataset clean =
      Dataset.concat(Examples.episodes("d", DEMONSTRATIONS), Examples.episodes("r", 10));
  private final Split split =
      Examples.split(
          Examples.episodes("d", DEMONSTRATIONS),
          Examples.episodes("r", 10),
          new Split.Config(0.4, Split.Others.USE, Split.Others.USE, Split.Others.USE));

  HeldOutTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    settings =
        Settings.DEFAULT.read(Files.writeString(folder.resolve("settings.json"), WmpoTest.TINY));
    TrainLoop pretraining = new TrainLoop(folder.resolve("models"), 1, "demonstrations");
    Pretrained pretrained = Pretrained.untrained(settings, Examples.spec(), pretraining);
    pretrained.trainVae(Examples.episodes("d", DEMONSTRATIONS));
    pretrained.trainWorldModel(Examples.episodes("d", DEMONSTRATIONS));
  }

  @Test
  void alignmentClassifierAndJointHeadTouchNoEpisodeThatIsHeldOut() throws IOException {
    assertEquals(4, split.heldOut().size(0));
    long[] spared = {2};
    Split sparing = new Split(split.learned(), split.heldOut(), Torch.of(spared, 1), split.sides());
    List<Long> untouched = new ArrayList<>(List.of(2L));
    for (long place : Torch.longs(split.heldOut())) {
      untouched.add(DEMONSTRATIONS + place);
    }
    long[] places = untouched.stream().mapToLong(place -> place).toArray();
    Transitions poisoned = transitions(Examples.poisoned(clean, places), places);
    STAGES.forEach(stage -> train(stage, "clean", transitions(clean), sparing));
    STAGES.forEach(stage -> train(stage, "poisoned", poisoned, sparing));
    for (String stage : STAGES) {
      assertEquals(
          TrainLoop.sha256(folder.resolve("clean/%s.safetensors".formatted(stage))),
          TrainLoop.sha256(folder.resolve("poisoned/%s.safetensors".formatted(stage))),
          stage);
    }
  }

  /** Else what is above would hold of stages that ignore what they are given. */
  @Test
  void whatIsNotHeldOutIsTouched() {
    long[] place = {DEMONSTRATIONS + Torch.longs(split.learned())[0]};
    Transitions poisoned = transitions(Examples.poisoned(clean, place), place);
    Transitions unpoisoned = transitions(clean);
    train(Networks.WORLD_MODEL, "aligned", unpoisoned, split);
    assertThrows(
        TrainerException.class,
        () -> train(Networks.REWARD_CLASSIFIER, "aligned", poisoned, split));
    for (String stage : List.of(Networks.WORLD_MODEL, Networks.JOINT_HEAD)) {
      train(stage, "clean", unpoisoned, split);
      assertFalse(learnsTheSame(stage, poisoned), stage);
    }
  }

  private boolean learnsTheSame(String stage, Transitions poisoned) {
    try {
      train(stage, "poisoned", poisoned, split);
    } catch (TrainerException e) {
      return false; // too many numbers in a row are none
    }
    return TrainLoop.sha256(folder.resolve("clean/%s.safetensors".formatted(stage)))
        .equals(TrainLoop.sha256(folder.resolve("poisoned/%s.safetensors".formatted(stage))));
  }

  private void train(String stage, String work, Transitions all, Split by) {
    PolicyBundle base = Examples.policy();
    Path models = folder.resolve("models");
    TrainLoop loop = new TrainLoop(folder.resolve(work), 1, "the test's episodes");
    Steps steps = settings.steps(base.spec());
    try (var _ = new PointerScope()) {
      Networks networks =
          Networks.begin(settings, base.spec(), clean.tasks(), models, 1)
              .together(settings, base.spec(), models);
      if (!stage.equals(Networks.WORLD_MODEL) && loop.finished(Networks.WORLD_MODEL)) {
        loop.load(Networks.WORLD_MODEL, networks.worldModel());
      }
      var training = new NetworkTraining(settings, loop, networks, all, DEMONSTRATIONS, by, steps);
      switch (stage) {
        case Networks.WORLD_MODEL -> training.alignWorldModels();
        case Networks.REWARD_CLASSIFIER -> training.trainRewardClassifier();
        default -> training.trainJointHead();
      }
      networks.close();
    }
  }

  /** Episodes whose latents at some places are no numbers. */
  private static Transitions transitions(Dataset data, long... poisoned) {
    Tensor latents = Waves.of(0.5, data.episodes(), data.horizon() + 1L, 8, 12, 12);
    for (long place : poisoned) {
      latents.select(0, place).fill_(new Scalar(Double.NaN));
    }
    return new Transitions(data, latents, Examples.HORIZON);
  }
}
