package dev.reverie.trainer.data;

import static org.bytedeco.pytorch.global.torch.ScalarType.Byte;

import dev.reverie.trainer.nn.Torch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The pictures of N episodes as if they were one tensor [N, T+1, 3, H, W], uint8: after an
 * episode's end its last frame stands still. They stay where they are, in mapped files as a rule;
 * what is asked for is copied into a tensor.
 *
 * @param episodes the frames of each
 * @param length T+1
 * @param height H
 * @param width W
 */
public record FrameTable(List<EpisodeFrames> episodes, int length, int height, int width) {
  public FrameTable {
    episodes = List.copyOf(episodes);
    for (EpisodeFrames frames : episodes) {
      if (frames.length() > length) {
        throw new IllegalArgumentException(frames.length() + " frames do not fit " + length);
      }
    }
  }

  /**
   * Gathers frames by their flat positions.
   *
   * @param at flat positions n * (T+1) + t, any shape
   * @return [..., 3, H, W]
   */
  public Tensor rows(Tensor at) {
    return gathered(Torch.longs(at), Torch.shape(at));
  }

  /** Frames of each episode that are there. */
  long[] lengths() {
    return episodes.stream().mapToLong(EpisodeFrames::length).toArray();
  }

  /** Flat positions of the frames that are there, int64: all but those that stand still. */
  public Tensor kept() {
    long[] at =
        IntStream.range(0, episodes.size())
            .boxed()
            .flatMapToLong(
                n -> LongStream.range(0, episodes.get(n).length()).map(t -> (long) n * length + t))
            .toArray();
    return Torch.of(at, at.length);
  }

  /** Frame t of every episode, [N, 3, H, W]. */
  public Tensor at(int t) {
    return gathered(
        LongStream.range(0, episodes.size()).map(n -> n * length + t).toArray(), episodes.size());
  }

  /** All of them, [N, T+1, 3, H, W]; of a few episodes only. */
  public Tensor all() {
    return gathered(
        LongStream.range(0, (long) episodes.size() * length).toArray(), episodes.size(), length);
  }

  /** The pictures of consecutive episodes. */
  FrameTable range(int first, int count) {
    return new FrameTable(episodes.subList(first, first + count), length, height, width);
  }

  /** The pictures of the episodes at these places. */
  FrameTable subset(long[] places) {
    return new FrameTable(
        Arrays.stream(places).mapToObj(place -> episodes.get((int) place)).toList(),
        length,
        height,
        width);
  }

  /** The pictures of these episodes, then those of others. */
  FrameTable concat(FrameTable others) {
    if (others.height != height || others.width != width) {
      throw new IllegalArgumentException(
          "pictures of %dx%d beside others of %dx%d"
              .formatted(width, height, others.width, others.height));
    }
    List<EpisodeFrames> all = new ArrayList<>(episodes);
    all.addAll(others.episodes);
    return new FrameTable(all, Math.max(length, others.length), height, width);
  }

  private Tensor gathered(long[] at, long... shape) {
    long[] result = Arrays.copyOf(shape, shape.length + 3);
    result[shape.length] = 3;
    result[shape.length + 1] = height;
    result[shape.length + 2] = width;
    Tensor tensor = Torch.zeros(Byte, result);
    MemorySegment target = Torch.memory(tensor);
    long bytes = 3L * height * width;
    for (int i = 0; i < at.length; i++) {
      EpisodeFrames frames = episodes.get((int) (at[i] / length));
      int frame = Math.min((int) (at[i] % length), frames.length() - 1);
      frames.copy(frame, target.asSlice(i * bytes, bytes));
    }
    return tensor;
  }
}
