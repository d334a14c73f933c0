package dev.reverie.trainer.imagination;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.model.BoundPolicies;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A policy that sees earlier observations too, in imagination. */
class HistoryTest extends LibtorchTest {
  private static final int EXECUTED = 2;

  @Test
  void aPolicyThatLooksBackPlaysAndIsFilmed(@TempDir Path folder) {
    HeadSpec head = HeadSpec.tokens(5);
    PolicyBundle bundle = BoundPolicies.bundle(head, BoundPolicies.inputs(head), -1);
    Canvas canvas = Canvas.of(bundle.spec().cameras());
    Dataset data = understood(Examples.episodes("e", 4, bundle.id(), canvas));
    long cells = canvas.pixels() / FrameVae.PIXELS_A_CELL;
    var recorded =
        new Transitions(
            data,
            Waves.of(0.5, 4, data.horizon() + 1L, 8, canvas.height() / 4, canvas.width() / 4),
            EXECUTED);
    var vae = new FrameVae(FrameVae.Config.DEFAULT, canvas);
    var worldModel = new WorldModel(WorldModel.Config.DEFAULT, EXECUTED, 2, 8);
    var joints = new JointHead(JointHead.Config.DEFAULT, 8, (int) cells, 2, 2);
    var judge = new RewardClassifier(RewardClassifier.Config.DEFAULT, EXECUTED, canvas.pixels(), 2);
    Steps steps = new Steps(EXECUTED, 3, EXECUTED, 1);
    try (var imagination = new Imagination(vae, worldModel, joints, judge, 1, data, steps);
        var policy = new TrainablePolicy(bundle)) {
      PlayedRollouts played =
          imagination.play(policy, RolloutStarts.Pool.all(recorded, 4).beginnings(1), 1);
      assertArrayEquals(
          new long[] {8, 2, 3, canvas.height(), canvas.width()}, Torch.shape(played.pixels()));
      assertArrayEquals(new long[] {8, 1, 2}, Torch.shape(played.ahead()));
      played.close();
      Filmstrips.write(folder, recorded, vae, worldModel, imagination, policy, policy);
    }
    assertTrue(Files.exists(folder.resolve("index.json")));
  }

  /** The same in the words that the policy knows. */
  private static Dataset understood(Dataset data) {
    return new Dataset(
        data.ids(),
        data.policies(),
        data.texts(),
        Torch.of(new long[] {1, 2, 0, 1, 2, 0}, 2, 3),
        data.frames(),
        data.actions(),
        data.joints(),
        data.steps(),
        data.success(),
        data.instruction(),
        data.taskOf(),
        data.acted(),
        data.late());
  }
}
