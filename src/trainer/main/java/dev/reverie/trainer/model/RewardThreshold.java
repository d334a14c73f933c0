package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Torch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The threshold of the reward classifier, and how well it judges held-out rollouts with it: in
 * their real frames, and as the world model replays their actions.
 *
 * @param threshold probability from which a clip counts as success
 * @param real judged in their own frames
 * @param replayed judged in the world model's replay of their actions
 */
public record RewardThreshold(double threshold, Quality real, Quality replayed) {
  /**
   * Quality of the judgements; a rollout counts as success once a chunk of it does.
   *
   * @param precision share of right ones among those called success
   * @param recall share of the successes that are called success
   * @param wrongInstruction share of the successes that are called success under another
   *     instruction too; 0 where there is only one
   */
  record Quality(double precision, double recall, double wrongInstruction) {
    double f1() {
      return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }
  }

  /**
   * Highest probability of a chunk in each rollout, under its own and under another instruction.
   */
  record Scores(float[] own, float[] other, boolean[] success) {
    Quality at(double threshold) {
      int called = 0;
      int right = 0;
      int successes = 0;
      int wrong = 0;
      for (int i = 0; i < own.length; i++) {
        boolean says = own[i] > threshold;
        called += says ? 1 : 0;
        successes += success[i] ? 1 : 0;
        right += says && success[i] ? 1 : 0;
        wrong += success[i] && other.length > 0 && other[i] > threshold ? 1 : 0;
      }
      return new Quality(
          called == 0 ? 0 : (double) right / called,
          successes == 0 ? 0 : (double) right / successes,
          successes == 0 ? 0 : (double) wrong / successes);
    }
  }

  /**
   * Judges the rollouts and chooses the threshold: the one nearest the reference among those within
   * 0.01 of the best mean F1 of real and replayed rollouts.
   *
   * @param reference threshold that held on the task of the simulated arm, where 0.9 lost recall
   */
  public static RewardThreshold of(
      Transitions rollouts,
      FrameVae vae,
      WorldModel worldModel,
      RewardClassifier classifier,
      double reference) {
    Tensor recorded = rollouts.data().frames().all();
    Scores real = scores(rollouts, recorded, classifier);
    recorded.close();
    Tensor frames = OpenLoopReplay.of(rollouts, vae, worldModel);
    Scores replayed = scores(rollouts, frames, classifier);
    frames.close();
    return choose(real, replayed, reference);
  }

  static RewardThreshold choose(Scores real, Scores replayed, double reference) {
    List<RewardThreshold> all = new ArrayList<>();
    for (int percent = 30; percent <= 95; percent++) {
      double threshold = percent / 100.0;
      all.add(new RewardThreshold(threshold, real.at(threshold), replayed.at(threshold)));
    }
    double best = all.stream().mapToDouble(RewardThreshold::f1).max().orElseThrow();
    return all.stream()
        .filter(c -> c.f1() >= best - 0.01)
        .min(Comparator.comparingDouble(c -> Math.abs(c.threshold - reference)))
        .orElseThrow();
  }

  private double f1() {
    return (real.f1() + replayed.f1()) / 2;
  }

  /**
   * Scores each rollout by frames of it, recorded or replayed in the world model.
   *
   * @param frames [N, T+1, 3, H, W], uint8
   */
  private static Scores scores(Transitions rollouts, Tensor frames, RewardClassifier classifier) {
    try (var _ = new PointerScope()) {
      Dataset data = rollouts.data();
      int k = rollouts.horizon();
      long instructions = data.tokens().size(0);
      Tensor own = data.instruction();
      Tensor other = own.add(new Scalar(1L)).remainder(new Scalar(instructions));
      int chunks = data.horizon() / k;
      Tensor[] byChunk = new Tensor[chunks];
      Tensor[] wrongByChunk = new Tensor[chunks];
      for (int c = 0; c < chunks; c++) {
        int begin = c * k + 1;
        byChunk[c] = Torch.noGrad(() -> classifier.probability(clip(frames, begin, k), own));
        wrongByChunk[c] = Torch.noGrad(() -> classifier.probability(clip(frames, begin, k), other));
      }
      long[] success = Torch.longs(data.success());
      boolean[] flags = new boolean[success.length];
      for (int i = 0; i < flags.length; i++) {
        flags[i] = success[i] != 0;
      }
      return new Scores(
          highest(byChunk), instructions > 1 ? highest(wrongByChunk) : new float[0], flags);
    }
  }

  private static Tensor clip(Tensor frames, int begin, int length) {
    return Dataset.normalised(frames.narrow(1, begin, length));
  }

  private static float[] highest(Tensor[] byChunk) {
    return Torch.floats(torch.amax(Torch.stack(1, byChunk), new long[] {1}, false));
  }
}
