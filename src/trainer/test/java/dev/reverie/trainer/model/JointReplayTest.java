package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Joints in imagination: read from pictures, or followed from action to action. */
class JointReplayTest extends LibtorchTest {
  private static final int[] DEPTHS = {1, 4, 8};

  private final Path folder;
  private final WorldModel untrained = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8);

  JointReplayTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void jointsThatAreFollowedStayTrueWherePicturesShowNothing() {
    // Pictures of no meaning, as an untrained world model imagines too: the actions tell all.
    Transitions episodes = Examples.transitions(6);
    SequencedMap<Integer, JointReplay.Apart> read =
        JointReplay.of(episodes, untrained, trained(JointHead.Kind.PICTURE, episodes), DEPTHS);
    SequencedMap<Integer, JointReplay.Apart> followed =
        JointReplay.of(episodes, untrained, trained(JointHead.Kind.DYNAMICS, episodes), DEPTHS);
    assertEquals(List.of(1, 4, 8), List.copyOf(followed.keySet()));
    for (JointReplay.Apart apart : followed.values()) {
      assertTrue(apart.medianRad() <= apart.mostRad());
    }
    double pictures = read.lastEntry().getValue().mostRad();
    double actions = followed.lastEntry().getValue().mostRad();
    assertTrue(actions < 0.05 && actions < pictures / 2, actions + ", by pictures " + pictures);
  }

  @Test
  void aPathGoesOnFromItsOwnPositions() {
    JointHead head = head(JointHead.Kind.DYNAMICS);
    assertEquals(2, head.memory());
    Tensor before = Waves.of(0.5, 3, 2, 2);
    Tensor led = Waves.of(0.3, 3, 2);
    Tensor actions = Waves.of(1, 3, 4, 2);
    Tensor latents = Waves.of(1, 3, 4, 8, 12, 12);
    Tensor whole = head.after(before, led, actions, latents, 4);
    Tensor first = head.after(before, led, actions.narrow(1, 0, 2), latents.narrow(1, 0, 2), 2);
    Tensor second =
        head.after(
            first, actions.select(1, 1), actions.narrow(1, 2, 2), latents.narrow(1, 2, 2), 2);
    assertArrayEquals(Torch.floats(whole), Torch.floats(Torch.cat(1, first, second)), 1e-6f);
    assertArrayEquals(
        Torch.floats(whole.narrow(1, 3, 1)),
        Torch.floats(head.after(before, led, actions, latents, 1)));
  }

  @Test
  void aPictureTellsOfItsFrameAlone() {
    JointHead head = head(JointHead.Kind.PICTURE);
    assertEquals(1, head.memory());
    Tensor latents = Waves.of(1, 3, 4, 8, 12, 12);
    Tensor none = Torch.full(0, 3, 1, 2);
    assertArrayEquals(
        Torch.floats(head.positions(latents.select(1, 3))),
        Torch.floats(head.after(none, none.select(1, 0), none, latents, 1)));
  }

  @Test
  void theUsualHeadIsSaidAsBefore() {
    assertEquals(
        "Config[steps=1000, batch=128, learningRate=0.003, weightDecay=0.01, noise=0.1]",
        JointHead.Config.DEFAULT.toString());
    assertTrue(config(JointHead.Kind.DYNAMICS).toString().contains("kind=DYNAMICS"));
    assertFalse(config(JointHead.Kind.PICTURE).toString().contains("kind"));
  }

  private JointHead trained(JointHead.Kind kind, Transitions episodes) {
    JointHead head = head(kind);
    Dataset data = episodes.data();
    new TrainLoop(folder.resolve(kind.name()), 1, "test")
        .train(
            "head",
            head,
            new TrainLoop.Config(300, 3e-3, 0.3, 0, 0),
            metrics -> head.loss(episodes, data.livingFrames(), metrics));
    return head;
  }

  private static JointHead head(JointHead.Kind kind) {
    Torch.seed(1, "joint head");
    return new JointHead(config(kind), 8, 144, 2, 2);
  }

  private static JointHead.Config config(JointHead.Kind kind) {
    return new JointHead.Config(1000, 32, 3e-3, 0.01, 0.1, kind, 8);
  }
}
