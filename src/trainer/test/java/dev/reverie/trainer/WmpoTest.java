package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Split;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.NativeMemory;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
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
       "gate": {"recall": 0, "replayedRecall": 0, "precision": 0, "falseAlarm": 1,
                "wrongInstruction": 1},
       "audit": {"stop": false},
       "successCloning": {"steps": 5, "batch": 8},
       "advantageCloning": {"steps": 5, "batch": 8},
       "dpo": {"steps": 5, "pairs": 2},
       "grpo": {"iterations": 2, "groups": 4, "groupSize": 4, "saveEvery": 1}}
      """;

  /** The same with groups so large that they do not all end alike. */
  private static final String MIXED = TINY.replace("\"groupSize\": 4", "\"groupSize\": 16");

  private final Path folder;

  WmpoTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void aRoundGivesAnotherPolicyAndGoesOnWhereItStopped() throws IOException {
    Settings settings =
        Settings.DEFAULT.read(Files.writeString(folder.resolve("settings.json"), MIXED));
    Path models = models(settings);
    PolicyBundle base = Examples.policy();

    Wmpo.Result whole = round(settings, base, models, "work");
    assertTrue(Files.exists(folder.resolve("work/imagined/index.json")));
    assertTrue(whole.seconds().containsKey("grpo"));
    assertTrue(whole.control().moved() > 0);
    Audit audit = whole.before(); // 2 rollouts are held out, of 6 and 8 steps or so
    assertEquals(2, audit.starts());
    assertEquals(4, audit.moments().starts(), "each has a second chunk");

    List<String> groups = Files.readAllLines(folder.resolve("work/groups.jsonl"));
    assertEquals(8, groups.size(), "2 iterations of 4 groups");

    Files.delete(folder.resolve("work/grpo.safetensors")); // as if it had been stopped there
    Wmpo.Result again = round(settings, base, models, "work");
    assertEquals(whole.policy().id(), again.policy().id());
    assertEquals(whole.before(), again.before());
    assertEquals(groups, Files.readAllLines(folder.resolve("work/groups.jsonl")));
    try (Stream<Path> left = Files.list(folder.resolve("work"))) {
      assertTrue(left.noneMatch(p -> p.toString().contains("resume")), "a resume point is left");
    }
  }

  @Test
  void aRoundOfSeveralWorldModelsAlignsEachForItselfAndGoesOnWhereItStopped() throws IOException {
    Settings settings =
        doubting()
            .read(
                Files.writeString(
                    folder.resolve("keyframes.json"),
                    "{\"grpo\": {\"keyframes\": \"DISAGREEMENT\", \"groups\": 8, \"groupSize\":"
                        + " 16}}"));
    PolicyBundle base = Examples.policy();
    Path models = models(settings);
    Wmpo.Result whole = round(settings, base, models, "work");
    Path work = folder.resolve("work");
    assertNotEquals(
        TrainLoop.sha256(work.resolve("world_model.safetensors")),
        TrainLoop.sha256(work.resolve("world_model_2.safetensors")));
    assertTrue(Files.readString(work.resolve("grpo.jsonl")).contains("\"trusted\""));
    for (String curves : List.of("world_model_2.jsonl", "grpo.jsonl")) {
      Path begun = folder.resolve("broken").resolve(curves); // stops after the stage's first step
      Refusal.of(
          TrainerException.class,
          () -> round(settings, base, models, "broken", () -> Files.exists(begun)),
          "stopped");
    }
    assertEquals(whole.policy().id(), round(settings, base, models, "broken").policy().id());
  }

  /** A round of two world models. */
  private Settings doubting() throws IOException {
    return Settings.DEFAULT
        .read(Files.writeString(folder.resolve("settings.json"), MIXED))
        .read(
            Files.writeString(
                folder.resolve("more.json"),
                "{\"worldModel\": {\"ensemble\": 2}, \"imagination\": {\"trust\": \"WEIGH\"}}"));
  }

  @Test
  void stagesThatAreToldOfJointsGoOnWhereTheyStoppedAndRefuseModelsThatAreNot() throws IOException {
    Settings usual =
        Settings.DEFAULT.read(Files.writeString(folder.resolve("settings.json"), TINY));
    Settings told =
        usual.read(
            Files.writeString(
                folder.resolve("told.json"),
                "{\"worldModel\": {\"joints\": true}, \"jointHead\": {\"kind\": \"DYNAMICS\"}}"));
    Path models = models(told);
    stages(told, models, "work", () -> false);
    List<String> stages = List.of("world_model", "joint_head", "reward_classifier");
    for (String stage : stages) {
      Path begun = folder.resolve("broken").resolve(stage + ".jsonl");
      Refusal.of(
          TrainerException.class,
          () -> stages(told, models, "broken", () -> Files.exists(begun)),
          "stopped");
    }
    stages(told, models, "broken", () -> false);
    for (String stage : stages) {
      assertEquals(
          TrainLoop.sha256(folder.resolve("work/" + stage + ".safetensors")),
          TrainLoop.sha256(folder.resolve("broken/" + stage + ".safetensors")),
          stage);
    }
    Refusal.of(
        TrainerException.class,
        () -> stages(usual, models, "untold", () -> false),
        "world_model.safetensors is no network of these settings",
        "joints=true",
        "give the settings that it was made with");
  }

  /** The stages before practice. */
  private void stages(Settings settings, Path models, String work, BooleanSupplier stop)
      throws IOException {
    PolicyBundle base = Examples.policy();
    try (Wmpo wmpo = prepared(settings, base, models, work, stop)) {
      wmpo.alignWorldModel();
      wmpo.trainRewardClassifier();
    }
  }

  @Test
  void whereTheSettingsSaySoTheWorldModelIsAlignedOnRolloutsAlone() throws IOException {
    Settings usual =
        Settings.DEFAULT.read(Files.writeString(folder.resolve("settings.json"), TINY));
    Settings alone =
        usual.read(
            Files.writeString(
                folder.resolve("alone.json"),
                "{\"worldModel\": {\"alignDemonstrations\": false}}"));
    Path models = models(usual);
    Dataset others = Examples.episodes("d", 7).subset(Torch.range(1, 6));
    assertNotEquals(aligned(usual, models, "a", others), aligned(usual, models, "b"));
    assertEquals(aligned(alone, models, "c", others), aligned(alone, models, "d"));
  }

  private String aligned(Settings settings, Path models, String work) throws IOException {
    return aligned(settings, models, work, Examples.episodes("d", 6));
  }

  /** The hash of the world model that is aligned beside some demonstrations. */
  private String aligned(Settings settings, Path models, String work, Dataset demonstrations)
      throws IOException {
    try (Wmpo wmpo =
        prepared(settings, Examples.policy(), models, work, () -> false, demonstrations)) {
      wmpo.alignWorldModel();
    }
    return TrainLoop.sha256(folder.resolve(work).resolve("world_model.safetensors"));
  }

  @Test
  void aRoundTwiceLeavesNothingNativeBehind() throws IOException {
    Settings settings = doubting();
    PolicyBundle base = Examples.policy();
    Path models = models(settings);
    int little = 1 << 20;
    double least =
        NativeMemory.leftByEach(
            little,
            i -> {
              try (var _ = new PointerScope()) {
                round(settings, base, models, "work" + i);
              }
            });
    assertTrue(least < little, least + " bytes are left by every round");
  }

  @Test
  void rolloutsOfAnotherPolicyAreRefusedUnlessTheSettingsUseThem() {
    Dataset mixed =
        Dataset.concat(Examples.episodes("r", 4, "mine"), Examples.episodes("s", 2, "another"));
    Refusal.of(
        TrainerException.class,
        () -> Split.requireOwn(mixed, "mine", Split.Config.DEFAULT),
        "2 of 6 rollouts are not of the policy mine alone, [another] acted in them");
    Split.requireOwn(
        mixed, "mine", new Split.Config(0.2, Split.Others.USE, Split.Others.USE, Split.Others.USE));
  }

  @Test
  void whatJudgesIsNotLearnedFrom() {
    Dataset rollouts = Examples.episodes("r", 10);
    Split split =
        Examples.split(
            Examples.episodes("d", 3),
            rollouts,
            new Split.Config(0.4, Split.Others.USE, Split.Others.USE, Split.Others.USE));
    assertEquals(4, split.heldOut().size(0));
    assertEquals(6, split.learned().size(0));
    Transitions all = Examples.transitions(13); // 3 demonstrations, then the rollouts
    Set<Long> learned = new HashSet<>();
    for (long episode : Torch.longs(all.windows(split.mayLearn(3)).select(1, 0))) {
      learned.add(episode);
    }
    assertEquals(9, learned.size());
    for (long place : Torch.longs(split.heldOut())) {
      assertFalse(learned.contains(3 + place), "episode " + place + " judges");
    }
    Tensor frames = all.data().livingFrames(split.mayLearn(3));
    for (long frame : Torch.longs(frames)) {
      assertTrue(learned.contains(frame / (all.data().horizon() + 1)), "frame " + frame);
    }
  }

  @Test
  void rolloutsOfOneOutcomeAreRefused() {
    Dataset demonstrations = Examples.episodes("d", 4);
    Dataset one = Examples.episodes("r", 1);
    Refusal.of(
        TrainerException.class,
        () -> Examples.split(demonstrations, one, Split.Config.DEFAULT),
        "1 of 1 rollouts");
    Dataset both = Examples.episodes("r", 12);
    for (Tensor outcome : List.of(both.success(), both.success().logical_not())) {
      Dataset alike = both.subset(Torch.positions(outcome));
      Refusal.of(
          TrainerException.class,
          () -> Examples.split(demonstrations, alike, Split.Config.DEFAULT),
          "%d of 6 rollouts are successes".formatted(alike.successes()),
          "record rollouts until there are a few of both");
    }
  }

  private Path models(Settings settings) {
    Path models = folder.resolve("models");
    TrainLoop pretraining = new TrainLoop(models, 1, "demonstrations");
    Pretrained pretrained = Pretrained.untrained(settings, Examples.spec(), pretraining);
    pretrained.trainVae(Examples.episodes("d", 6));
    pretrained.trainWorldModel(Examples.episodes("d", 6));
    return models;
  }

  private Wmpo.Result round(Settings settings, PolicyBundle base, Path models, String work)
      throws IOException {
    return round(settings, base, models, work, () -> false);
  }

  private Wmpo.Result round(
      Settings settings, PolicyBundle base, Path models, String work, BooleanSupplier stop)
      throws IOException {
    try (Wmpo wmpo = prepared(settings, base, models, work, stop)) {
      return wmpo.run();
    }
  }

  private Wmpo prepared(
      Settings settings, PolicyBundle base, Path models, String work, BooleanSupplier stop)
      throws IOException {
    return prepared(settings, base, models, work, stop, Examples.episodes("d", 6));
  }

  private Wmpo prepared(
      Settings settings,
      PolicyBundle base,
      Path models,
      String work,
      BooleanSupplier stop,
      Dataset demonstrations)
      throws IOException {
    Path into = Files.createDirectories(folder.resolve(work));
    Dataset rollouts = Examples.episodes("r", 8, base.id());
    return Wmpo.prepare(
        settings,
        new TrainLoop(into, 1, "the test's episodes", stop),
        base,
        demonstrations,
        rollouts,
        Examples.split(demonstrations, rollouts, settings.rollouts()),
        models);
  }
}
