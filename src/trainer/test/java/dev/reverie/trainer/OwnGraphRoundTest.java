package dev.reverie.trainer;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.model.OwnGraphs;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import dev.reverie.trainer.onnx.GraphFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds in which world model, auto-encoder and reward classifier are graphs of the user's. */
class OwnGraphRoundTest extends LibtorchTest {
  private final Path folder;
  private final RunCommands commands;

  OwnGraphRoundTest(@TempDir Path folder) {
    this.folder = folder;
    commands = new RunCommands(folder);
  }

  @Test
  void graphsArePretrainedAndPractisedInAndReadFromTheWorkFolderAgain() throws IOException {
    Path task = Files.writeString(folder.resolve("task.json"), TrainCommandTest.TASK);
    Path settings = settings(TrainCommandTest.LONGER);
    commands.write("demonstrations", "d", 6, "");
    commands.run(
        0,
        "pretrain --demonstrations D/demonstrations --out D/models --seed 3 --task D/task.json"
            + " --settings D/settings.json");
    PolicyBundle base = commands.bundle("models/base");
    commands.write("rollouts", "r", 8, base.id());
    String improve =
        "train improve --rollouts D/rollouts --demonstrations D/demonstrations --base D/models/base"
            + " --models D/models --work D/work --seed 3";
    commands.run(0, improve + " --out D/better --settings D/settings.json");
    PolicyBundle better = commands.bundle("better");
    assertNotEquals(base.id(), better.id());
    assertEquals(base.id(), better.spec().lineage().parent());
    GraphFile named = GraphFile.read(OwnGraphs.file("world_model.onnx"));
    GraphFile aligned = GraphFile.read(folder.resolve("work/world_model.onnx"));
    assertEquals(named.sha256(), aligned.source());
    assertEquals(named.weights().keySet(), aligned.weights().keySet());
    assertEquals(named.weights().get("steps"), aligned.weights().get("steps"), "a buffer");
    assertNotEquals(named.weights().get("inp.weight"), aligned.weights().get("inp.weight"));

    Files.delete(folder.resolve("own/classifier.onnx")); // the work folder has all that is needed
    commands.write("fresh", "f", 6, better.id());
    commands.run(
        0,
        "train audit --models D/models --work D/work --out D/audit.json --seed 3 --bags D/fresh"
            + " --bundle D/better");
    commands.refused(
        improve + " --out D/again --settings D/settings.json",
        "the setting graphs.classifier: there is no file");
    Files.copy(OwnGraphs.file("vae.onnx"), folder.resolve("own/classifier.onnx"));
    commands.refused(
        improve + " --out D/again --settings D/settings.json",
        "it has no input 'clip' F32[batch, 4, 3, 48, 48], only [image, latent]");
    Path ours = Files.writeString(folder.resolve("ours.json"), TrainCommandTest.LONGER);
    commands.refused(
        improve + " --out D/again --settings " + ours,
        "vae.onnx is a network of one's own, and graphs.vae names none");
    assertTrue(Files.notExists(folder.resolve("again")) && Files.exists(task));
    assertTrue(Files.exists(settings));
  }

  @Test
  void aRoundOfGraphsGoesOnWhereItStopped() throws IOException {
    Settings settings =
        Settings.DEFAULT
            .read(settings(WmpoTest.TINY))
            .read(
                Files.writeString(
                    folder.resolve("more.json"),
                    "{\"worldModel\": {\"ema\": 0.9}, \"classifier\": {\"target\": \"PROGRESS\"}}"));
    Path models = folder.resolve("models");
    Pretrained pretrained =
        Pretrained.untrained(settings, Examples.spec(), new TrainLoop(models, 1, "d"));
    pretrained.trainVae(Examples.episodes("d", 6));
    pretrained.trainWorldModel(Examples.episodes("d", 6));
    learn(settings, models, "whole", () -> false);
    for (String curves : List.of("world_model.jsonl", "reward_classifier.jsonl")) {
      Path begun = folder.resolve("broken").resolve(curves); // stops after the stage's first step
      Refusal.of(
          TrainerException.class,
          () -> learn(settings, models, "broken", () -> Files.exists(begun)),
          "stopped");
    }
    learn(settings, models, "broken", () -> false);
    for (String stage : List.of("world_model", "reward_classifier")) {
      assertEquals(
          TrainLoop.sha256(folder.resolve("whole/" + stage + ".safetensors")),
          TrainLoop.sha256(folder.resolve("broken/" + stage + ".safetensors")));
    }
  }

  @Test
  void aStageIsNotTakenForOneOfAnotherGraph() throws IOException {
    Settings settings = Settings.DEFAULT.read(settings(WmpoTest.TINY));
    TrainLoop loop = new TrainLoop(folder.resolve("models"), 1, "d");
    Pretrained.untrained(settings, Examples.spec(), loop).trainVae(Examples.episodes("d", 2));
    Path file = folder.resolve("own/vae.onnx");
    byte[] bytes = Files.readAllBytes(file);
    byte[] weight =
        Objects.requireNonNull(GraphFile.read(file).weights().get("decoder.2.bias"))
            .data()
            .toArray(JAVA_BYTE);
    int at = place(bytes, weight);
    bytes[at]++; // the last digits of one number
    Files.write(file, bytes);
    Pretrained again = Pretrained.untrained(settings, Examples.spec(), loop);
    Refusal.of(
        TrainerException.class,
        () -> again.trainVae(Examples.episodes("d", 2)),
        "belongs to another run",
        "graph=");
    Refusal.of(
        TrainerException.class,
        () -> settings.graphs().ofVae(folder.resolve("models"), "vae"),
        "vae.onnx was trained from another graph");
  }

  /** Returns where some bytes stand among others. */
  private static int place(byte[] all, byte[] some) {
    for (int at = 0; at + some.length <= all.length; at++) {
      if (Arrays.equals(all, at, at + some.length, some, 0, some.length)) {
        return at;
      }
    }
    throw new AssertionError("the weight is not in the file");
  }

  @Test
  @Prepared
  void whatAStageLeavesIsOpenedByOnnxRuntime() throws Exception {
    Settings settings = Settings.DEFAULT.read(settings(WmpoTest.TINY));
    Path models = folder.resolve("models");
    Pretrained pretrained =
        Pretrained.untrained(settings, Examples.spec(), new TrainLoop(models, 1, "d"));
    pretrained.trainVae(Examples.episodes("d", 6));
    pretrained.trainWorldModel(Examples.episodes("d", 6));
    for (String stage : List.of("vae", "world_model")) {
      List<String> said =
          Python.run("trainer/test/resources/run_graph.py", models.resolve(stage + ".onnx"));
      assertEquals(List.of("runs, and has the weights of " + stage + ".safetensors"), said);
    }
  }

  /** The stages of a round that train the graphs. */
  private void learn(Settings settings, Path models, String work, BooleanSupplier stop)
      throws IOException {
    PolicyBundle base = Examples.policy();
    Path into = Files.createDirectories(folder.resolve(work));
    Dataset demonstrations = Examples.episodes("d", 6);
    Dataset rollouts = Examples.episodes("r", 8, base.id());
    try (Wmpo wmpo =
        Wmpo.prepare(
            settings,
            new TrainLoop(into, 1, "the test's episodes", stop),
            base,
            demonstrations,
            rollouts,
            Examples.split(demonstrations, rollouts, settings.rollouts()),
            models)) {
      wmpo.alignWorldModel();
      wmpo.trainRewardClassifier();
    }
  }

  /** Settings with all three graphs, which are copied so that they may be deleted. */
  private Path settings(String others) throws IOException {
    Path own = Files.createDirectories(folder.resolve("own"));
    for (String name :
        List.of("vae.onnx", "world_model.onnx", "world_model.onnx.data", "classifier.onnx")) {
      Files.copy(OwnGraphs.file(name), own.resolve(name));
    }
    String graphs =
        """
        {"graphs": {"vae": "O/vae.onnx", "worldModel": "O/world_model.onnx",
                    "classifier": "O/classifier.onnx", "classifierFrozen": ["first.*"]},
        """;
    return Files.writeString(
        folder.resolve("settings.json"),
        others.replaceFirst("\\{", graphs.replace("O/", own + "/")));
  }
}
