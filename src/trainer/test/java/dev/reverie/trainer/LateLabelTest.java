package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeOutcome.Kind;
import dev.reverie.rollout.Rollouts;
import dev.reverie.trainer.data.Bags;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.EpisodeDecoder;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Recordings;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.RewardClips;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Episodes that ran into their time limit, and that a person called successes later. */
class LateLabelTest extends LibtorchTest {
  private static final RewardClassifier.Config CONFIG = RewardClassifier.Config.DEFAULT;
  private static final Dataset MADE = Examples.episodes("e", 4); // done after 6 of 8 steps

  private final Path folder;

  LateLabelTest(@TempDir Path folder) {
    this.folder = folder;
  }

  /** Records episodes that ended by their time limit, and labels those that succeeded. */
  private Transitions labelled(long successNanos) {
    for (int n = 0; n < MADE.episodes(); n++) {
      Bags.write(
          folder,
          MADE,
          n,
          MADE.horizon(),
          Kind.FAILURE,
          "go right",
          Examples.spec().jointNames(),
          Examples.HORIZON);
      if (n % 2 == 0) {
        Rollouts.label(
            folder.resolve(MADE.ids().get(n)),
            new EpisodeOutcome(Kind.SUCCESS, successNanos, "ada", "it was there"));
      }
    }
    EpisodeCache cache =
        new EpisodeCache(
            new EpisodeCache.Config(folder.resolve(".cache"), false),
            EpisodeDecoder.of(Examples.spec()),
            _ -> {});
    Dataset data =
        Recordings.open(List.of(folder), cache, () -> false)
            .data(
                Examples.policy().tokenizer(),
                Settings.Preset.DEMO.settings().instructions(),
                Examples.HORIZON)
            .getFirst()
            .data();
    return Transitions.withoutLatents(data, Examples.HORIZON, Examples.HORIZON);
  }

  private static Tensor learned(Transitions all) {
    return NetworkTraining.decided(all, all.windows(), CONFIG);
  }

  @Test
  void aSuccessIsSeenAtTheMomentThatWasTold() {
    Transitions all = labelled(Bags.stampNanos(6));
    assertArrayEquals(new long[] {6, 8, 6, 8}, Torch.longs(all.data().steps()));
    assertArrayEquals(new long[4], Torch.longs(all.data().late()));
    assertArrayEquals(Torch.longs(all.windows()), Torch.longs(learned(all)));
  }

  @Test
  void whereNobodyToldTheMomentTheLastHalfIsNoFailure() {
    Transitions all = labelled(0);
    assertArrayEquals(new long[] {8, 8, 8, 8}, Torch.longs(all.data().steps()));
    assertArrayEquals(new long[] {1, 0, 1, 0}, Torch.longs(all.data().late()));
    Tensor ofTheFirst = all.windows().narrow(0, 0, 5);
    assertArrayEquals(
        new long[] {0, 0, 0, 4}, // ends after 4 steps, and with the episode
        Torch.longs(NetworkTraining.decided(all, ofTheFirst, CONFIG)));
    assertArrayEquals(
        Torch.longs(all.windows().narrow(0, 5, 5)),
        Torch.longs(NetworkTraining.decided(all, all.windows().narrow(0, 5, 5), CONFIG)),
        "a failure is one from its beginning on");
  }

  @Test
  void theClassifierFiresWhenTheTaskIsDoneAndNotOnlyWhenTheEpisodeEnds() {
    Transitions all = labelled(0);
    RewardClips clips =
        RewardClips.of(
            all,
            learned(all),
            new WorldModel(WorldModel.Config.DEFAULT, Examples.HORIZON, 2, 8),
            new FrameVae(FrameVae.Config.DEFAULT, Examples.canvas()),
            RewardClassifier.Target.SUCCESS,
            0, // as recorded alone
            new TrainLoop(folder, 1, "x"));
    RewardClassifier classifier = new RewardClassifier(asRecorded(), 4, 48 * 48, 1);
    new TrainLoop(folder, 1, "test")
        .train(
            "rc",
            classifier,
            new TrainLoop.Config(120, 3e-3, 0.1, 0, 1),
            metrics -> classifier.loss(clips, metrics));
    Tensor windows = Torch.of(new long[] {0, 3, 2, 3}, 2, 2); // end after 7 steps
    Tensor seen = Dataset.normalised(all.data().frames().rows(all.nextFrames(windows)));
    double said = classifier.probability(seen, Torch.of(new long[2], 2)).mean().item_double();
    assertTrue(said > 0.6, "of an end that nobody labelled it says " + said);
  }

  private static RewardClassifier.Config asRecorded() {
    return new RewardClassifier.Config(
        CONFIG.width(),
        CONFIG.steps(),
        CONFIG.batch(),
        CONFIG.learningRate(),
        CONFIG.weightDecay(),
        CONFIG.imageNoise(),
        0,
        CONFIG.wrongInstructionShare(),
        CONFIG.demonstrationWindows(),
        CONFIG.labelMargin(),
        CONFIG.lateLabelShare(),
        CONFIG.target(),
        CONFIG.positiveShare(),
        CONFIG.stride());
  }
}
