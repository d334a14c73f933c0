package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ActionControlTest extends LibtorchTest {
  private final Path folder;

  ActionControlTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void aWorldModelThatIgnoresActionsIsNamedAsCollapsed() {
    WorldModel untrained = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8);
    ActionControl control = ActionControl.of(driven(), untrained);
    assertEquals(0, control.opposite(), 1e-6);
    assertTrue(control.collapsed(0.1));
    Refusal.of(TrainerException.class, () -> control.check(0.1), "the world model has collapsed");
  }

  @Test
  void oneThatHeedsThemMovesAsFarApartAsTheRecordings() {
    Transitions driven = driven();
    var narrow = ShapesConfigs.of(Backbone.Kind.UNET, 16, 2, 2, false, false, false, false);
    WorldModel model = new WorldModel(narrow, 4, 2, 8);
    Tensor windows = driven.windows();
    new TrainLoop(folder, 1, "test")
        .train(
            "wm",
            model,
            new TrainLoop.Config(300, 4e-3, 0.1, 0, 1),
            metrics -> {
              Tensor at = Torch.integers(windows.size(0), 16);
              return model.loss(driven, windows.index_select(0, at), metrics);
            });
    ActionControl control = ActionControl.of(driven, model);
    assertFalse(control.collapsed(0.1));
    assertTrue(control.share() > 0.5, control.toString());
    assertTrue(control.pairs() > 0);
    assertEquals(1, control.imaginedApart() / control.realApart(), 0.5, control.toString());
  }

  /** Episodes whose latents are their first action times the time, beside a little of their own. */
  private static Transitions driven() {
    Dataset made = Examples.episodes("e", 8);
    Tensor sign = Torch.plus(Torch.times(Torch.range(0, 8).remainder(new Scalar(2L)), 2), -1);
    Tensor actions = made.actions().mul(new Scalar(0f));
    actions.select(2, 0).copy_(sign.unsqueeze(1).expand(8, made.horizon()));
    Tensor time = Torch.times(Torch.range(0, made.horizon() + 1L), 0.2);
    Tensor pattern = torch.randn(8, 12, 12);
    Tensor path = sign.unsqueeze(1).mul(time.unsqueeze(0)).view(8, -1, 1, 1, 1);
    Tensor latents = path.mul(pattern).add(Torch.times(torch.randn(8, 1, 8, 12, 12), 0.02));
    Dataset data =
        new Dataset(
            made.ids(),
            made.policies(),
            made.texts(),
            made.tokens(),
            made.frames(),
            actions,
            made.joints(),
            made.steps(),
            made.success(),
            made.instruction(),
            made.taskOf(),
            made.acted(),
            made.late());
    return new Transitions(data, latents, Examples.HORIZON);
  }
}
