package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.nio.file.Path;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RewardClassifierTest extends LibtorchTest {
  private static final RewardClassifier.Config USUAL = RewardClassifier.Config.DEFAULT;

  @ParameterizedTest
  @CsvSource({"0.3333333333333333, 21", "0.5, 32", "0.99, 63", "0.001, 1"})
  void aBatchHasTheShareOfSuccessesThatIsAskedFor(
      double share, int positives, @TempDir Path folder) {
    Transitions data = Examples.transitions(4);
    RewardClips clips =
        RewardClips.of(
            data,
            data.windows(),
            new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8),
            new FrameVae(FrameVae.Config.DEFAULT, Examples.canvas()),
            RewardClassifier.Target.SUCCESS,
            0,
            new TrainLoop(folder, 1, "x"));
    var surelyAll = new RewardClassifier(ClassifierConfigs.positives(share), 4, 48 * 48, 1);
    Torch.noGrad(
        () -> {
          surelyAll.parameters().trained().values().forEach(tensor -> tensor.zero_());
          Torch.required(surelyAll.parameters().trained(), "o.bias").fill_(new Scalar(10.0));
        });
    double loss = // 10 of each failure, and next to nothing of a success
        surelyAll.loss(clips, new Metrics(folder.resolve("x.jsonl"), "x")).item_double();
    assertEquals(64 - positives, 64 * loss / 10, 0.01);
    clips.close();
  }

  @Test
  void aThirdIsAsManyAsItEverWas() {
    for (int batch = 3; batch < 10_000; batch++) {
      assertEquals(batch / 3, USUAL.positives(batch));
    }
    assertEquals(0, USUAL.positives(1));
  }
}
