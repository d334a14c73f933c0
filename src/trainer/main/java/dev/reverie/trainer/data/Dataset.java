package dev.reverie.trainer.data;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Episodes as tensors, padded to one length: after an episode's end its last frame stands still and
 * its last action goes on.
 *
 * <p>N episodes, T steps, D action dimensions, J joints, I instructions, L tokens.
 *
 * @param ids one an episode
 * @param policies that acted in each, by their ids; empty for a person, who took over too
 * @param texts the distinct instructions [I]
 * @param tokens of each instruction [I, L], int64
 * @param frames [N, T+1, 3, H, W], uint8 RGB; all but these lie in memory
 * @param actions [N, T, D], normalised to [-1, 1]
 * @param joints [N, T+1, J], rad
 * @param steps before the outcome [N], int64 in 0..T; 0: a single observation between two gaps
 * @param success [N], bool
 * @param instruction row of {@code tokens} [N], int64
 * @param taskOf number of the task that each instruction asks for [I], int64
 * @param acted steps with an action [N], int64: those of {@code steps}, and one more where a gap
 *     follows and what the last action did was not seen
 * @param late successes that came some time before the end, and nobody said when [N], bool
 */
public record Dataset(
    List<String> ids,
    List<String> policies,
    List<String> texts,
    Tensor tokens,
    FrameTable frames,
    Tensor actions,
    Tensor joints,
    Tensor steps,
    Tensor success,
    Tensor instruction,
    Tensor taskOf,
    Tensor acted,
    Tensor late) {
  public Dataset {
    ids = List.copyOf(ids);
    policies = List.copyOf(policies);
    texts = List.copyOf(texts);
    if (ids.isEmpty()) {
      throw new TrainerException("no usable episode; record and label some first");
    }
    List.of(tokens, actions, joints, steps, success, instruction, taskOf, acted, late)
        .forEach(Torch::keep);
  }

  private List<Tensor> tensors() {
    return List.of(tokens, actions, joints, steps, success, instruction, taskOf, acted, late);
  }

  /**
   * Returns the data for who learns what was done alone, and not what it did: every step with an
   * action counts.
   */
  public Dataset acting() {
    return steps.equal(acted)
        ? this
        : new Dataset(
            ids,
            policies,
            texts,
            tokens,
            frames,
            actions,
            joints,
            acted,
            success,
            instruction,
            taskOf,
            acted.clone(),
            late);
  }

  /**
   * Returns the data for who learns what actions do or where they lead: without single
   * observations.
   */
  public Dataset withSteps() {
    Tensor some = Torch.greater(steps, 0);
    return some.all().item_bool() ? this : subset(Torch.positions(some));
  }

  /** The task of each episode [N], int64. */
  public Tensor task() {
    return taskOf.index_select(0, instruction);
  }

  /** Number of tasks. */
  public int tasks() {
    return (int) taskOf.max().item_long() + 1;
  }

  /** N. */
  public int episodes() {
    return ids.size();
  }

  /** T, a multiple of the steps that are carried out of a chunk. */
  public int horizon() {
    return (int) actions.size(1);
  }

  public int successes() {
    return (int) success.sum().item_long();
  }

  /**
   * Pictures as networks see them.
   *
   * @param at flat positions n * (T+1) + t, any shape
   * @return float in [-1, 1], [..., 3, H, W]
   */
  public Tensor images(Tensor at) {
    return normalised(Compute.onDevice(frames.rows(at)));
  }

  /**
   * Returns a camera's view in living frames at even distances.
   *
   * @param count at most so many
   * @return each [height, width, 3] of the view, uint8
   */
  public List<byte[]> spreadPictures(Canvas.View view, int count) {
    try (var _ = new PointerScope()) {
      long[] living = Torch.longs(livingFrames());
      int many = Math.min(count, living.length);
      return IntStream.range(0, many)
          .mapToObj(i -> picture(view, living[(int) ((long) i * living.length / many)]))
          .toList();
    }
  }

  private byte[] picture(Canvas.View view, long at) {
    EpisodeFrames episode = frames.episodes().get((int) (at / frames.length()));
    int pixels = frames.height() * frames.width();
    byte[] planes = new byte[3 * pixels];
    episode.copy((int) (at % frames.length()), MemorySegment.ofArray(planes));
    byte[] rgb = new byte[3 * view.width() * view.height()];
    for (int i = 0; i < rgb.length; i++) {
      int x = view.x() + i / 3 % view.width();
      int y = view.y() + i / 3 / view.width();
      rgb[i] = planes[i % 3 * pixels + y * frames.width() + x];
    }
    return rgb;
  }

  /** uint8 to [-1, 1]. */
  public static Tensor normalised(Tensor pixels) {
    return Torch.plus(Torch.times(pixels.to(Float), 1 / 127.5), -1);
  }

  /** [-1, 1] to uint8. */
  public static Tensor pixels(Tensor images) {
    return Torch.clamp(Torch.times(Torch.plus(images, 1), 127.5), 0, 255)
        .round()
        .to(torch.ScalarType.Byte);
  }

  /**
   * Rows of a tensor whose first two dimensions are counted as one.
   *
   * @param at flat positions, any shape
   * @return the shape of {@code at}, then the rest of the tensor's
   */
  public static Tensor rows(Tensor tensor, Tensor at) {
    long[] shape = Torch.shape(tensor);
    long[] result = new long[(int) at.dim() + shape.length - 2];
    for (int i = 0; i < at.dim(); i++) {
      result[i] = at.size(i);
    }
    System.arraycopy(shape, 2, result, (int) at.dim(), shape.length - 2);
    return tensor.flatten(0, 1).index_select(0, at.flatten()).view(result);
  }

  /**
   * Flat positions of frames and of those before them, the oldest first; an episode's first frame
   * stands for those before it.
   *
   * @param at flat positions n * (T+1) + t [B]
   * @param ages steps before, rising, 0 among them
   * @return [B, A]; [B] where there is only the present
   */
  public Tensor before(Tensor at, List<Integer> ages) {
    if (ages.size() == 1) {
      return at;
    }
    Tensor step = at.remainder(new Scalar(horizon() + 1L));
    Tensor[] seen =
        ages.reversed().stream()
            .map(age -> torch.clamp_min(step.sub(new Scalar((long) age)), new Scalar(0L)))
            .map(earlier -> at.sub(step).add(earlier))
            .toArray(Tensor[]::new);
    return Torch.stack(1, seen);
  }

  /** Flat positions n * (T+1) + t of every frame up to the episode's end, int64. */
  public Tensor livingFrames() {
    Tensor time = torch.arange(new Scalar(horizon() + 1L)).unsqueeze(0);
    return Torch.positions(time.le(steps.unsqueeze(1)).flatten());
  }

  /**
   * Flat positions n * (T+1) + t of every frame up to the end of some episodes, int64.
   *
   * @param wanted which episodes [N], bool
   */
  public Tensor livingFrames(Tensor wanted) {
    Tensor living = livingFrames();
    Tensor episode = torch.floor_divide(living, new Scalar(horizon() + 1L));
    return living.index_select(0, Torch.positions(wanted.index_select(0, episode)));
  }

  /** A view of consecutive episodes. */
  public Dataset range(int first, int count) {
    return new Dataset(
        ids.subList(first, first + count),
        policies.subList(first, first + count),
        texts,
        tokens,
        frames.range(first, count),
        actions.narrow(0, first, count),
        joints.narrow(0, first, count),
        steps.narrow(0, first, count),
        success.narrow(0, first, count),
        instruction.narrow(0, first, count),
        taskOf,
        acted.narrow(0, first, count),
        late.narrow(0, first, count));
  }

  /** A copy of the episodes at these places. */
  public Dataset subset(Tensor at) {
    long[] places = Torch.longs(at);
    return new Dataset(
        Arrays.stream(places).mapToObj(place -> ids.get((int) place)).toList(),
        Arrays.stream(places).mapToObj(place -> policies.get((int) place)).toList(),
        texts,
        tokens,
        frames.subset(places),
        actions.index_select(0, at),
        joints.index_select(0, at),
        steps.index_select(0, at),
        success.index_select(0, at),
        instruction.index_select(0, at),
        taskOf,
        acted.index_select(0, at),
        late.index_select(0, at));
  }

  /** Two sets with the same instructions, the shorter one padded. */
  public static Dataset concat(Dataset a, Dataset b) {
    if (!a.texts.equals(b.texts)) {
      throw new IllegalArgumentException("the sets have different instruction tables");
    }
    int horizon = Math.max(a.horizon(), b.horizon());
    List<String> ids = new ArrayList<>(a.ids);
    ids.addAll(b.ids);
    List<String> policies = new ArrayList<>(a.policies);
    policies.addAll(b.policies);
    return new Dataset(
        ids,
        policies,
        a.texts,
        a.tokens,
        a.frames.concat(b.frames),
        Torch.cat(0, extended(a.actions, horizon), extended(b.actions, horizon)),
        Torch.cat(0, extended(a.joints, horizon + 1L), extended(b.joints, horizon + 1L)),
        Torch.cat(0, a.steps, b.steps),
        Torch.cat(0, a.success, b.success),
        Torch.cat(0, a.instruction, b.instruction),
        a.taskOf,
        Torch.cat(0, a.acted, b.acted),
        Torch.cat(0, a.late, b.late));
  }

  /** Repeats the last entry along dimension 1 up to a length. */
  public static Tensor extended(Tensor tensor, long length) {
    long have = tensor.size(1);
    if (have > length) {
      throw new IllegalArgumentException(have + " steps do not fit " + length);
    }
    if (have == length) {
      return tensor;
    }
    Tensor last = tensor.narrow(1, have - 1, 1);
    long[] shape = Torch.shape(last);
    shape[1] = length - have;
    return Torch.cat(1, tensor, last.expand(shape));
  }

  /** Frees the tensors. */
  public void close() {
    tensors().forEach(Tensor::close);
  }
}
