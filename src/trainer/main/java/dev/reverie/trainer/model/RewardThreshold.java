package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The threshold of the reward classifier, and how well it judges held-out rollouts with it: in
 * their real frames, and as the world model replays their actions.
 *
 * @param threshold probability from which a clip counts as success
 * @param real judged in their own frames
 * @param replayed judged in the world model's replay of their actions
 * @param byDepth the same of the replay, by the chunk in which the classifier first says success:
 *     the longer the world model dreams, the less its pictures say
 */
public record RewardThreshold(
    double threshold, RewardQuality real, RewardQuality replayed, List<RewardDepth> byDepth) {
  public RewardThreshold {
    byDepth = List.copyOf(byDepth);
  }

  /** Other tasks that a rollout is judged under. */
  private static final int MOST_OTHERS = 8;

  /**
   * Judges the rollouts and chooses the threshold: the one nearest the reference among those within
   * 0.01 of the best mean F1 of real and replayed rollouts.
   *
   * @param rollouts that neither world model nor classifier has learned from
   * @param reference threshold that held on the task of the simulated arm, where 0.9 lost recall
   */
  public static RewardThreshold of(
      Transitions rollouts,
      FrameVae vae,
      WorldModel worldModel,
      RewardClassifier classifier,
      double reference) {
    return judged(
        rollouts, vae, worldModel, classifier, (real, replay) -> choose(real, replay, reference));
  }

  /** Judges the rollouts with a threshold that was chosen before. */
  public static RewardThreshold at(
      double threshold,
      Transitions rollouts,
      FrameVae vae,
      WorldModel worldModel,
      RewardClassifier classifier) {
    return judged(
        rollouts, vae, worldModel, classifier, (real, replay) -> at(threshold, real, replay));
  }

  /**
   * Probabilities that the chunks of rollouts end in success, in their own frames, up to the chunk
   * in which each ended.
   */
  public static List<float[]> probabilities(Transitions rollouts, RewardClassifier classifier) {
    try (var _ = new PointerScope()) {
      return scores(rollouts, classifier, 0, viewer -> OpenLoopReplay.recorded(rollouts, viewer))
          .own();
    }
  }

  private static RewardThreshold judged(
      Transitions rollouts,
      FrameVae vae,
      WorldModel worldModel,
      RewardClassifier classifier,
      BiFunction<RewardScores, RewardScores, RewardThreshold> verdict) {
    try (var _ = new PointerScope()) {
      RewardScores real =
          scores(
              rollouts,
              classifier,
              MOST_OTHERS,
              viewer -> OpenLoopReplay.recorded(rollouts, viewer));
      RewardScores replayed =
          scores(
              rollouts,
              classifier,
              MOST_OTHERS,
              viewer -> OpenLoopReplay.play(rollouts, vae, worldModel, viewer));
      return verdict.apply(real, replayed);
    }
  }

  private static RewardThreshold at(double threshold, RewardScores real, RewardScores replayed) {
    return new RewardThreshold(
        threshold, real.at(threshold), replayed.at(threshold), replayed.byDepth(threshold));
  }

  static RewardThreshold choose(RewardScores real, RewardScores replayed, double reference) {
    List<RewardThreshold> all = new ArrayList<>();
    for (int percent = 30; percent <= 95; percent++) {
      all.add(at(percent / 100.0, real, replayed));
    }
    double best = all.stream().mapToDouble(RewardThreshold::f1).max().orElseThrow();
    return all.stream()
        .filter(c -> c.f1() >= best - 0.01)
        .min(Comparator.comparingDouble(c -> Math.abs(c.threshold - reference)))
        .orElseThrow();
  }

  /**
   * Returns the number of chunks after which the replay shows that what is said is wrong: up to
   * there, with 95 % confidence, below the demands; the largest integer where it shows that of
   * none.
   */
  public int trustedChunks(RewardGate.Config demands) {
    for (int depth = 0; depth < byDepth.size(); depth++) {
      RewardQuality quality = byDepth.get(depth).upTo();
      if (quality.recall().high() < demands.recall()
          || quality.precision().high() < demands.precision()) {
        return depth;
      }
    }
    return Integer.MAX_VALUE;
  }

  private double f1() {
    return (real.f1() + replayed.f1()) / 2;
  }

  /**
   * Scores each rollout by frames of it, recorded or replayed in the world model.
   *
   * @param film shows them to a viewer
   */
  private static RewardScores scores(
      Transitions rollouts,
      RewardClassifier classifier,
      int mostOthers,
      Consumer<OpenLoopReplay.Viewer> film) {
    Dataset data = rollouts.data();
    int k = rollouts.stride();
    long tasks = data.tasks();
    int others = (int) Math.min(mostOthers, tasks - 1);
    long[] steps = Torch.longs(data.steps());
    List<float[]> own = new ArrayList<>();
    for (long step : steps) {
      own.add(new float[Math.toIntExact(Math.ceilDiv(step, k))]);
    }
    List<float[]> other = new ArrayList<>();
    if (others > 0) {
      own.forEach(chunks -> other.add(new float[chunks.length]));
    }
    var earlier = new EarlierFrames(classifier.scan().before());
    film.accept(
        (begin, step, frames) -> {
          Tensor now = Compute.onDevice(frames);
          Tensor before = earlier.before(step, now);
          Tensor task = Compute.onDevice(data.task().narrow(0, begin, frames.size(0)));
          Tensor age = task.mul(new Scalar(0L)).add(new Scalar((long) step));
          float[] right = Torch.floats(classifier.highest(before, now, task, age));
          List<float[]> wrong = new ArrayList<>();
          for (long o = 1; o <= others; o++) {
            Tensor another = task.add(new Scalar(o)).remainder(new Scalar(tasks));
            wrong.add(Torch.floats(classifier.highest(before, now, another, age)));
          }
          earlier.shown(before, now);
          int chunk = step / k;
          for (int i = 0; i < right.length; i++) {
            int rollout = Math.toIntExact(begin + i);
            if (chunk < own.get(rollout).length) { // what comes after the end means nothing
              own.get(rollout)[chunk] = right[i];
              for (float[] probability : wrong) {
                float[] highest = other.get(rollout);
                highest[chunk] = Math.max(highest[chunk], probability[i]);
              }
            }
          }
        });
    earlier.close();
    long[] success = Torch.longs(data.success());
    boolean[] succeeded = new boolean[success.length];
    for (int i = 0; i < succeeded.length; i++) {
      succeeded[i] = success[i] != 0;
    }
    return new RewardScores(own, other, succeeded);
  }
}
