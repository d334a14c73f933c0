package dev.reverie.trainer.data;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The lessons of world model and reward classifier: windows of a few steps in episodes whose frames
 * are latents.
 *
 * <p>A window is its episode n and its first step t; B windows are a tensor [B, 2], int64.
 *
 * @param data the episodes
 * @param latents of all their frames
 * @param horizon K, steps of a window
 * @param stride steps from one chunk of the policy to the next, of which the data's horizon is a
 *     multiple
 */
public record Transitions(Dataset data, Latents latents, int horizon, int stride) {
  /** A window is what is carried out of a chunk. */
  public Transitions(Dataset data, Latents latents, int horizon) {
    this(data, latents, horizon, horizon);
  }

  /** The same of latents as one tensor, [N, T+1, C, h, w]. */
  public Transitions(Dataset data, Tensor latents, int horizon) {
    this(data, latents, horizon, horizon);
  }

  /** The same of latents as one tensor, [N, T+1, C, h, w]. */
  public Transitions(Dataset data, Tensor latents, int horizon, int stride) {
    this(data, Latents.of(latents), horizon, stride);
  }

  /** The same for who looks at no latents. */
  public static Transitions withoutLatents(Dataset data, int horizon, int stride) {
    return new Transitions(data, Latents.of(data.joints()), horizon, stride);
  }

  /** The same with windows of another length. */
  public Transitions windowed(int steps) {
    return new Transitions(data, latents, steps, stride);
  }

  /** Returns them for who learns what was done alone: {@link Dataset#acting}. */
  public Transitions acting() {
    return new Transitions(data.acting(), latents, horizon, stride);
  }

  /** Every window that begins before its episode's end, [M, 2]. */
  public Tensor windows() {
    int starts = data.horizon() - stride + 1;
    Tensor time = torch.arange(new Scalar((long) starts)).unsqueeze(0); // [1, starts]
    return time.lt(data.steps().unsqueeze(1)).nonzero();
  }

  /**
   * Every window of some episodes that begins before its episode's end, [M, 2].
   *
   * @param episodes which of them [N], bool
   */
  public Tensor windows(Tensor episodes) {
    Tensor all = windows();
    Tensor wanted = episodes.index_select(0, all.select(1, 0));
    return all.index_select(0, Torch.positions(wanted));
  }

  /**
   * The windows that begin at some frames, [B, 2].
   *
   * @param frames flat positions n * (T+1) + t [B]
   */
  public Tensor windowsAt(Tensor frames) {
    Tensor episode = torch.floor_divide(frames, new Scalar(data.horizon() + 1L));
    return Torch.stack(1, episode, frames.sub(episode.mul(new Scalar(data.horizon() + 1L))));
  }

  /** The past before the first action of each window. */
  public Context context(Tensor windows, Memory memory) {
    Tensor frames = frames(windows, memory.frames());
    if (memory.reference()) {
      Tensor first = windows.select(1, 0).mul(new Scalar(data.horizon() + 1L)).unsqueeze(1);
      frames = Torch.cat(1, first, frames);
    }
    Tensor seen = Compute.onDevice(latents.rows(frames));
    Tensor led = led(windows, memory.frames());
    return memory.joints()
        ? new Context(memory, seen, led, joints(frames))
        : new Context(memory, seen, led);
  }

  /** Returns what was done in each window, and where the joints were then if they are given. */
  public Course course(Tensor windows, Memory memory) {
    Tensor actions = actions(windows);
    return memory.joints() ? new Course(actions, joints(nextFrames(windows))) : Course.of(actions);
  }

  /** Joint positions in frames by their flat positions, [..., J], rad. */
  private Tensor joints(Tensor frames) {
    return Compute.onDevice(Dataset.rows(data.joints(), frames));
  }

  /**
   * Flat positions n * (T+1) + t of the frames before the first action of each window; the first
   * one stands for those before the beginning [B, M].
   *
   * @param many M
   */
  public Tensor frames(Tensor windows, int many) {
    Tensor step = torch.clamp_min(before(windows, many), new Scalar(0L));
    Tensor episode = windows.select(1, 0).unsqueeze(1);
    return episode.mul(new Scalar(data.horizon() + 1L)).add(step);
  }

  /**
   * Actions that led to these frames; 0 before the beginning [B, M, D].
   *
   * @param many M
   */
  public Tensor led(Tensor windows, int many) {
    Tensor at = before(windows, many);
    Tensor led = Torch.greater(at, 0).to(Float).unsqueeze(-1);
    Tensor action = torch.clamp_min(at.sub(new Scalar(1L)), new Scalar(0L));
    Tensor episode = windows.select(1, 0).unsqueeze(1);
    return Compute.onDevice(
        Dataset.rows(data.actions(), episode.mul(new Scalar((long) data.horizon())).add(action))
            .mul(led));
  }

  /** Steps of the frames before the first action; negative before the beginning [B, M]. */
  private static Tensor before(Tensor windows, int many) {
    Tensor ago = torch.arange(new Scalar(1L - many), new Scalar(1L)).unsqueeze(0);
    return windows.select(1, 1).unsqueeze(1).add(ago);
  }

  /** Latents of the K frames after the actions, [B, K, C, h, w]. */
  public Tensor next(Tensor windows) {
    return Compute.onDevice(latents.rows(nextFrames(windows)));
  }

  /** Flat positions n * (T+1) + t of the K frames after the actions; the last one stays [B, K]. */
  public Tensor nextFrames(Tensor windows) {
    Tensor step = windows.select(1, 1).unsqueeze(1).add(offsets()).add(new Scalar(1L));
    Tensor episode = windows.select(1, 0).unsqueeze(1);
    return episode
        .mul(new Scalar(data.horizon() + 1L))
        .add(torch.clamp_max(step, new Scalar((long) data.horizon())));
  }

  /** Returns those of the window; the data's last action goes on, [B, K, D]. */
  public Tensor actions(Tensor windows) {
    Tensor step =
        torch.clamp_max(
            windows.select(1, 1).unsqueeze(1).add(offsets()), new Scalar(data.horizon() - 1L));
    Tensor episode = windows.select(1, 0).unsqueeze(1).mul(new Scalar((long) data.horizon()));
    return Compute.onDevice(Dataset.rows(data.actions(), episode.add(step)));
  }

  /** 1 where the action was taken before the episode's end, else 0, [B, K] float. */
  public Tensor alive(Tensor windows) {
    Tensor step = windows.select(1, 1).unsqueeze(1).add(offsets());
    return Compute.onDevice(step.lt(stepsOf(windows)).to(Float));
  }

  /** Returns whether the episode succeeded by the window's end, [B] bool. */
  public Tensor succeeded(Tensor windows) {
    Tensor end = windows.select(1, 1).add(new Scalar((long) horizon));
    return end.ge(stepsOf(windows).squeeze(1))
        .bitwise_and(data.success().index_select(0, windows.select(1, 0)));
  }

  /**
   * Share of the steps to success that have passed by the window's end, 1 from there on; 0 in
   * episodes that fail, [B] float.
   */
  public Tensor progress(Tensor windows) {
    Tensor end = windows.select(1, 1).add(new Scalar((long) horizon)).to(Float);
    Tensor share = torch.clamp_max(end.div(stepsOf(windows).squeeze(1)), new Scalar(1f));
    return share.mul(data.success().index_select(0, windows.select(1, 0)).to(Float));
  }

  /**
   * Tells which windows of a success end so shortly before it was said to be one that nobody knows
   * whether they show it, [B] bool.
   *
   * @param margin steps before the moment that was told; 0: none are so
   * @param lateShare of the steps before the end where nobody told the moment
   */
  public Tensor undecided(Tensor windows, int margin, double lateShare) {
    Tensor end = windows.select(1, 1).add(new Scalar((long) horizon));
    Tensor steps = stepsOf(windows).squeeze(1);
    Tensor late = data.late().index_select(0, windows.select(1, 0)).to(Float);
    Tensor before =
        torch.clamp_min(
            late.mul(steps.to(Float)).mul(new Scalar(lateShare)), new Scalar((double) margin));
    return end.lt(steps)
        .bitwise_and(end.to(Float).add(before).gt(steps.to(Float)))
        .bitwise_and(data.success().index_select(0, windows.select(1, 0)));
  }

  private Tensor stepsOf(Tensor windows) {
    return data.steps().index_select(0, windows.select(1, 0)).unsqueeze(1);
  }

  private Tensor offsets() {
    return torch.arange(new Scalar((long) horizon)).unsqueeze(0);
  }
}
