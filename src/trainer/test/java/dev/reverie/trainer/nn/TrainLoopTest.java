package dev.reverie.trainer.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.JointHead;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainLoopTest extends LibtorchTest {
  private static final TrainLoop.Config CONFIG =
      new TrainLoop.Config(12, 1e-2, 0.3, 0.01, 1, 0, 1, 4);

  private final Transitions transitions = Examples.transitions(6);

  @Test
  void aResumedRunEndsBitByBitWhereAnUnbrokenOneDoes(@TempDir Path folder) {
    JointHead whole = head();
    train(folder.resolve("whole"), whole, Integer.MAX_VALUE);
    JointHead first = head();
    assertThrows(IllegalStateException.class, () -> train(folder.resolve("broken"), first, 6));
    JointHead second = head();
    train(folder.resolve("broken"), second, Integer.MAX_VALUE);
    whole
        .parameters()
        .all()
        .forEach(
            (name, tensor) ->
                assertArrayEquals(
                    Torch.floats(tensor.detach()),
                    Torch.floats(Torch.required(second.parameters().all(), name).detach()),
                    name));
    assertEquals(lines(folder.resolve("whole")), lines(folder.resolve("broken")));
  }

  @Test
  void theRunningMeanOfTheWeightsGoesOnOverAStop(@TempDir Path folder) {
    TrainLoop.Config averaging = CONFIG.averaging(0.9);
    JointHead last = head();
    new TrainLoop(folder.resolve("last"), 1, "x").train("head", last, CONFIG, learning(last));
    JointHead mean = head();
    new TrainLoop(folder.resolve("mean"), 1, "x").train("head", mean, averaging, learning(mean));
    int[] asked = {0};
    JointHead stopped = head();
    TrainLoop breaking = new TrainLoop(folder.resolve("broken"), 1, "x", () -> ++asked[0] == 5);
    Refusal.of(
        TrainerException.class,
        () -> breaking.train("head", stopped, averaging, learning(stopped)),
        "stopped");
    JointHead again = head();
    new TrainLoop(folder.resolve("broken"), 1, "x")
        .train("head", again, averaging, learning(again));
    assertArrayEquals(weights(mean), weights(again));
    assertFalse(Arrays.equals(weights(mean), weights(last)));
  }

  private TrainLoop.Objective learning(JointHead head) {
    return metrics -> head.loss(transitions, transitions.data().livingFrames(), metrics);
  }

  private static float[] weights(JointHead head) {
    return Torch.floats(head.parameters().all().sequencedValues().getFirst().detach());
  }

  @Test
  void aFinishedStageIsOnlyLoaded(@TempDir Path folder) {
    JointHead trained = head();
    train(folder, trained, Integer.MAX_VALUE);
    JointHead loaded = head();
    train(folder, loaded, 0);
    assertArrayEquals(
        Torch.floats(trained.positions(Waves.of(1, 1, 8, 12, 12)).detach()),
        Torch.floats(loaded.positions(Waves.of(1, 1, 8, 12, 12)).detach()));
    assertFalse(Files.exists(folder.resolve("head.resume.safetensors")));
  }

  @Test
  void aCheckpointOfAnotherRunIsRefused(@TempDir Path folder) {
    assertThrows(IllegalStateException.class, () -> train(folder, head(), 6));
    var other = new TrainLoop(folder, 7, "other episodes");
    Refusal.of(
        TrainerException.class,
        () -> other.train("head", head(), CONFIG, m -> Torch.full(0)),
        "belongs to another run");
  }

  @Test
  void aFinishedStageOfAnotherRunIsRefused(@TempDir Path folder) {
    train(folder, head(), Integer.MAX_VALUE);
    for (TrainLoop other :
        List.of(
            new TrainLoop(folder, 1, "other episodes"),
            new TrainLoop(folder, 2, "the test's episodes"))) {
      Refusal.of(
          TrainerException.class,
          () -> other.train("head", head(), CONFIG, m -> Torch.full(0)),
          "belongs to another run");
    }
  }

  @Test
  void aStageIsMadeAgainstItsSettingsAndItsParents(@TempDir Path folder) {
    TrainLoop loop = new TrainLoop(folder, 1, "x");
    train(folder, head(), Integer.MAX_VALUE);
    String first = loop.of(CONFIG, "head").inputs();
    assertNotEquals(first, loop.of(JointHead.Config.DEFAULT, "head").inputs());
    Checkpoint.write(loop.weights("head"), head().parameters().all(), "y");
    assertNotEquals(first, loop.of(CONFIG, "head").inputs());
  }

  @Test
  void aMissingOrForeignCheckpointIsNamed(@TempDir Path folder) {
    TrainLoop loop = new TrainLoop(folder, 1, "x");
    Refusal.of(TrainerException.class, () -> loop.load("vae", head()), "vae.safetensors");
    Checkpoint.write(
        loop.weights("vae"),
        new FrameVae(FrameVae.Config.DEFAULT, Examples.canvas()).parameters().all(),
        "x");
    Refusal.of(TrainerException.class, () -> loop.load("vae", head()), "'c.weight'");
  }

  @Test
  void aTruncatedCheckpointIsRefused(@TempDir Path folder) throws Exception {
    TrainLoop loop = new TrainLoop(folder, 1, "x");
    Checkpoint.write(loop.weights("head"), head().parameters().all(), "x");
    byte[] bytes = Files.readAllBytes(loop.weights("head"));
    Files.write(loop.weights("head"), Arrays.copyOf(bytes, bytes.length - 100));
    Refusal.of(TrainerException.class, () -> loop.load("head", head()), "head.safetensors");
  }

  @Test
  void aBatchThatIsNoNumberIsLeftOut(@TempDir Path folder) {
    JointHead head = head();
    int[] calls = {0};
    new TrainLoop(folder, 1, "x")
        .train(
            "head",
            head,
            CONFIG,
            metrics -> Torch.times(learning(head).loss(metrics), calls[0]++ == 3 ? Double.NaN : 1));
    assertEquals(12, calls[0]);
    for (Tensor tensor : head.parameters().all().values()) {
      assertTrue(tensor.isfinite().all().item_bool());
    }
  }

  @Test
  void numbersThatAreNotFiniteReachNoCheckpoint(@TempDir Path folder) {
    Path file = folder.resolve("x.safetensors");
    Refusal.of(
        TrainerException.class,
        () -> Checkpoint.write(file, Map.of("w", Torch.full(Double.NaN, 2)), "x"),
        "'w' holds numbers that are not finite");
    assertFalse(Files.exists(file));
  }

  @Test
  void aStageLeavesNothingNativeBehind(@TempDir Path folder) throws IOException {
    int little = 64 << 10;
    double least =
        NativeMemory.leftByEach(
            little,
            i -> {
              try (var _ = new PointerScope();
                  JointHead head = head()) {
                train(folder.resolve("run" + i), head, Integer.MAX_VALUE);
                Tensor first = head.parameters().trained().sequencedValues().getFirst();
                assertFalse(first.grad().defined(), "gradient");
              }
            });
    assertTrue(least < little, least + " bytes are left by every stage");
  }

  @Test
  void aLossThatIsNoNumberStopsTheTraining(@TempDir Path folder) {
    var loop = new TrainLoop(folder, 1, "x");
    JointHead head = head();
    Refusal.of(
        TrainerException.class,
        () ->
            loop.train(
                "head",
                head,
                CONFIG,
                m -> Torch.times(head.positions(Waves.of(1, 1, 8, 12, 12)).sum(), Double.NaN)),
        "learning rate");
  }

  private void train(Path folder, JointHead head, int failAfter) {
    int[] calls = {0};
    new TrainLoop(folder, 1, "the test's episodes")
        .train(
            "head",
            head,
            CONFIG,
            metrics -> {
              if (calls[0]++ >= failAfter) {
                throw new IllegalStateException("the power went out");
              }
              return learning(head).loss(metrics);
            });
  }

  private static JointHead head() {
    Torch.seed(3, "head");
    return new JointHead(JointHead.Config.DEFAULT, 8, 144, 2, 2);
  }

  private static List<String> lines(Path folder) {
    try {
      return Files.readAllLines(folder.resolve("head.jsonl"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
