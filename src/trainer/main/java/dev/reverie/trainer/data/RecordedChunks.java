package dev.reverie.trainer.data;

import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.Step;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Chunks of a policy's recorded rollouts, M of B, as it gave them, of which something was carried
 * out.
 *
 * @param rollout that the chunk belongs to [M], int64 in 0..B-1
 * @param step of the episode whose observation the policy had [M], int64
 * @param first place in the chunk of the first action that was carried out [M], int64
 * @param actions of the whole chunk, normalised to [-1, 1], [M, K, D]
 */
public record RecordedChunks(Tensor rollout, Tensor step, Tensor first, Tensor actions) {
  /**
   * The policy that the chunks have to be of, and how they have to be drawn.
   *
   * @param told whether the policy's graph is told of actions that are carried out meanwhile
   */
  public record Asked(
      String policy, double temperature, int horizon, int dimensions, boolean told) {}

  /**
   * The chunks of some episodes.
   *
   * @param recorded the episodes of the data, by their ids
   * @throws TrainerException where what was carried out is not what the policy gave
   */
  public static RecordedChunks of(Dataset data, Map<String, Episode> recorded, Asked asked) {
    List<Long> rollouts = new ArrayList<>();
    List<Long> steps = new ArrayList<>();
    List<Long> firsts = new ArrayList<>();
    List<float[]> chunks = new ArrayList<>();
    for (int n = 0; n < data.episodes(); n++) {
      Episode episode = recorded.get(data.ids().get(n));
      if (episode == null) {
        throw new TrainerException(
            "the rollout %s has gaps, so nobody knows what the policy did in them; record it again"
                .formatted(data.ids().get(n)));
      }
      Map<Integer, ActionChunk> given =
          episode.chunks().stream()
              .collect(Collectors.toMap(ActionChunk::index, chunk -> chunk, (_, later) -> later));
      int chunk = -1;
      for (int t = 0; t < episode.steps().size(); t++) {
        Step taken = episode.steps().get(t);
        if (taken.held() || taken.command().chunk() == chunk) {
          continue;
        }
        chunk = taken.command().chunk();
        rollouts.add((long) n);
        firsts.add((long) taken.command().action());
        steps.add((long) Math.max(0, t - taken.command().action()));
        chunks.add(actions(episode, taken, given.get(chunk), asked));
      }
    }
    int m = chunks.size();
    float[] actions = new float[m * asked.horizon * asked.dimensions];
    for (int i = 0; i < m; i++) {
      System.arraycopy(chunks.get(i), 0, actions, i * chunks.get(i).length, chunks.get(i).length);
    }
    return new RecordedChunks(
        longs(rollouts),
        longs(steps),
        longs(firsts),
        Torch.of(actions, m, asked.horizon, asked.dimensions));
  }

  /** The actions of a chunk that was carried out as the policy gave it. */
  private static float[] actions(
      Episode episode, Step taken, @Nullable ActionChunk chunk, Asked asked) {
    if (!taken.command().source().equals(Command.POLICY) || chunk == null) {
      throw new TrainerException(
          "a person took the rollout %s over; leave it out, and record one more of its scene"
              .formatted(episode.bag()));
    }
    if (Episode.isMixed(chunk)) {
      throw new TrainerException(
          "several chunks agreed on what was carried out in the rollout %s, which has no probability; record without mixing"
              .formatted(episode.bag()));
    }
    if (!chunk.policyId().equals(asked.policy)) {
      throw new TrainerException(
          "the rollout %s is of the policy %s, and not of %s, which was asked for; remove it, and record one of that policy"
              .formatted(episode.bag(), shortId(chunk.policyId()), shortId(asked.policy)));
    }
    if (chunk.temperature() != (float) asked.temperature) {
      throw new TrainerException(
          "the rollout %s was drawn at temperature %s, and %s was asked for; remove it, and record one at that"
              .formatted(episode.bag(), chunk.temperature(), asked.temperature));
    }
    if (asked.told && taken.command().action() > 0) {
      throw new TrainerException(
          "the policy was told of %d actions when it made chunk %d of the rollout %s, and in training it is told of none; record in lock-step, with lock_step:=true"
              .formatted(taken.command().action(), chunk.index(), episode.bag()));
    }
    if (chunk.actions().length != asked.horizon * asked.dimensions) {
      throw new TrainerException(
          "the rollout %s has chunks of %d numbers, and the policy's have %d actions of %d"
              .formatted(episode.bag(), chunk.actions().length, asked.horizon, asked.dimensions));
    }
    return chunk.actions();
  }

  /**
   * Flat positions n * (T+1) + t of the frames that the policy saw, [M].
   *
   * @param data the episodes
   */
  public Tensor seen(Dataset data) {
    return rollout.mul(new Scalar(data.horizon() + 1L)).add(step);
  }

  private static String shortId(String id) {
    return id.isEmpty() ? "a person" : id.substring(0, Math.min(12, id.length()));
  }

  private static Tensor longs(List<Long> values) {
    return Torch.of(values.stream().mapToLong(value -> value).toArray(), values.size());
  }
}
