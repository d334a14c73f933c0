package dev.reverie.trainer.data;

import dev.reverie.policy.Tokenizer;
import dev.reverie.trainer.nn.Torch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Makes data sets of episodes that were opened.
 *
 * @param texts the distinct instructions
 * @param tasks that they ask for
 * @param tokenizer that understands them
 * @param stride that divides the length that the episodes are padded to
 */
record DatasetBuilder(List<String> texts, Tasks tasks, Tokenizer tokenizer, int stride) {
  /**
   * The episodes as tensors, padded to the length of the longest; an episode with gaps is as many
   * as it has pieces, so that nothing spans a gap.
   */
  Dataset build(List<EpisodeCache.Entry> entries) {
    List<DecodedEpisode> episodes = new ArrayList<>();
    List<EpisodeFrames> pictures = new ArrayList<>();
    for (EpisodeCache.Entry entry : entries) {
      for (int piece = 0; piece < entry.episode().pieces().length; piece++) {
        DecodedEpisode whole = entry.episode();
        episodes.add(whole.piece(piece));
        pictures.add(
            entry
                .frames()
                .part(whole.frames(), whole.firstFrame(piece), whole.pieces()[piece] + 1));
      }
    }
    int count = episodes.size();
    int longest = episodes.stream().mapToInt(DecodedEpisode::acted).max().orElseThrow();
    int horizon = Math.ceilDiv(longest, stride) * stride;
    long[] steps = new long[count];
    long[] acted = new long[count];
    byte[] success = new byte[count];
    byte[] late = new byte[count];
    long[] instruction = new long[count];
    for (int n = 0; n < count; n++) {
      steps[n] = episodes.get(n).steps();
      acted[n] = episodes.get(n).acted();
      success[n] = (byte) (episodes.get(n).success() ? 1 : 0);
      late[n] = (byte) (episodes.get(n).late() ? 1 : 0);
      instruction[n] = texts.indexOf(episodes.get(n).instruction());
    }
    long[] tokens = texts.stream().map(tokenizer::encode).flatMapToLong(Arrays::stream).toArray();
    try (var _ = new PointerScope()) {
      return new Dataset(
          episodes.stream().map(DecodedEpisode::id).toList(),
          episodes.stream().map(DecodedEpisode::policy).toList(),
          texts,
          Torch.of(tokens, texts.size(), tokens.length / texts.size()),
          frames(episodes, pictures, horizon + 1),
          padded(episodes, DecodedEpisode::actions, DecodedEpisode::acted, horizon),
          padded(episodes, DecodedEpisode::joints, e -> e.steps() + 1, horizon + 1),
          Torch.of(steps, count),
          Torch.of(success, count).to(ScalarType.Bool),
          Torch.of(instruction, count),
          Torch.of(tasks.of(texts), texts.size()),
          Torch.of(acted, count),
          Torch.of(late, count).to(ScalarType.Bool));
    }
  }

  private static FrameTable frames(
      List<DecodedEpisode> episodes, List<EpisodeFrames> pictures, int length) {
    long[] shape = episodes.getFirst().frames().shape();
    return new FrameTable(pictures, length, (int) shape[2], (int) shape[3]);
  }

  /** [N, length, ...]: the values of each episode, its last row repeated to the end. */
  private static Tensor padded(
      List<DecodedEpisode> episodes,
      Function<DecodedEpisode, float[]> values,
      ToIntFunction<DecodedEpisode> rows,
      int length) {
    DecodedEpisode first = episodes.getFirst();
    int width = values.apply(first).length / rows.applyAsInt(first);
    Tensor result = Torch.zeros(ScalarType.Float, episodes.size(), length, width);
    MemorySegment target = Torch.memory(result);
    long at = 0;
    for (DecodedEpisode episode : episodes) {
      float[] from = values.apply(episode);
      for (int row = 0; row < length; row++, at += (long) width * Float.BYTES) {
        int last = Math.min(row, rows.applyAsInt(episode) - 1);
        MemorySegment.copy(from, last * width, target, ValueLayout.JAVA_FLOAT, at, width);
      }
    }
    return result;
  }
}
