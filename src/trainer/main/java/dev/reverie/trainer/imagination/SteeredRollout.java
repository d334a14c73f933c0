package dev.reverie.trainer.imagination;

import static org.bytedeco.pytorch.global.torch.ScalarType.Long;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.model.Belief;
import dev.reverie.trainer.model.Ensemble;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * One imagined rollout that somebody steers: from a recorded frame on it goes where the actions
 * that are given lead, one or several at a time, for as long as they come. What is seen as success
 * does not end it.
 *
 * <p>Use: {@link #start}, then {@link #act} or {@link #actByPolicy} any number of times.
 */
public final class SteeredRollout implements AutoCloseable {
  private final Parts parts;
  private Optional<State> state = Optional.empty(); // none before the start and after close

  /**
   * The parts of a steered rollout; closed by whoever made them.
   *
   * @param policy that may act
   * @param temperature of what it draws, above 0
   * @param steps that go together for it
   */
  public record Parts(
      FrameVae vae,
      Belief belief,
      JointHead jointHead,
      RewardClassifier classifier,
      TrainablePolicy policy,
      double temperature,
      Steps steps) {}

  /**
   * The belief after a step.
   *
   * @param step of the episode, those before the start included
   * @param action that led here, in [-1, 1] [D]; none at the start
   * @param planes the picture of the canvas, uint8 [3, H, W]
   * @param apart how unsure the frame is, as of {@link Ensemble.Chunk}; none at the start
   * @param success probability of success by this step, of the clip that ends here
   * @param joints [J], rad
   */
  public record Moment(
      int step,
      float[] action,
      byte[] planes,
      OptionalDouble apart,
      double success,
      float[] joints) {}

  /**
   * The present state of the rollout; the tensors are kept until it is elsewhere.
   *
   * @param past as the world model is given it, of one rollout
   * @param seen what the policy sees
   * @param clip the last frames, as many as the classifier looks at [1, X, 3, H, W], uint8
   * @param words of the instruction [1, L], int64
   * @param task of the instruction [1], int64
   * @param step of the episode
   */
  private record State(Context past, Seen seen, Tensor clip, Tensor words, Tensor task, int step) {
    private List<Tensor> tensors() {
      List<Tensor> all = new ArrayList<>(past.tensors());
      all.addAll(seen.tensors());
      all.addAll(List.of(clip, words, task));
      return all;
    }
  }

  /** Puts the parts together; nothing has begun. */
  public SteeredRollout(Parts parts) {
    this.parts = parts;
  }

  /**
   * Begins at a recorded frame, and leaves where it was.
   *
   * @param recorded with the frame's latents
   * @param episode its place
   * @param step in it, from 0 up to its last frame
   * @return what is believed of the frame itself: its latent, decoded
   */
  public Moment start(Transitions recorded, int episode, int step) {
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      Dataset data = recorded.data();
      RolloutStarts start =
          new RolloutStarts(
              recorded, Torch.of(new long[] {episode, step}, 1, 2), Torch.zeros(Long, 1));
      Tensor instruction = start.instruction();
      State begun =
          new State(
              start.context(parts.belief.worldModel().memory()),
              Seen.at(start, parts.steps.delay(), parts.jointHead.memory(), parts.policy.ages()),
              Compute.onDevice(start.frames(parts.steps.executed() - 1)),
              Compute.onDevice(data.tokens().index_select(0, instruction)),
              Compute.onDevice(data.taskOf().index_select(0, instruction)),
              step);
      replace(begun);
      Tensor shown = parts.vae.decodeAll(begun.past.newest()); // [1, 1, 3, H, W]
      Tensor joints = begun.seen.joints();
      return new Moment(
          step,
          new float[0],
          Torch.bytes(shown),
          OptionalDouble.empty(),
          probability(begun.clip, begun.task)[0],
          Torch.floats(joints.select(1, joints.size(1) - 1)));
    }
  }

  /**
   * Carries out actions.
   *
   * @param actions in [-1, 1], [E][D]
   * @return what is believed after each, E
   */
  public List<Moment> act(float[][] actions) {
    int dimensions = actions[0].length;
    float[] flat = new float[actions.length * dimensions];
    for (int i = 0; i < actions.length; i++) {
      System.arraycopy(actions[i], 0, flat, i * dimensions, dimensions);
    }
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      return act(state(), Compute.onDevice(Torch.of(flat, 1, actions.length, dimensions)));
    }
  }

  /** Carries out one chunk of the policy, as much of it as in practice. */
  public List<Moment> actByPolicy() {
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      State now = state();
      Tensor only = Compute.onDevice(Torch.zeros(Long, 1));
      Tensor first =
          Compute.onDevice(Torch.of(new long[] {Math.min(now.step, parts.steps.delay())}, 1));
      var seen =
          new Imagination.Observation(
              only,
              now.seen.pixels(only),
              now.words,
              now.seen.joints(only),
              first,
              now.seen.ahead(only, first),
              Share.whole(1));
      Tensor drawn =
          RolloutPlayer.act(parts.policy, seen, parts.steps.executed(), parts.temperature)
              .actions();
      return act(now, Torch.clamp(drawn, -1, 1));
    }
  }

  /** [1, E, D] to what is believed after each. */
  private List<Moment> act(State now, Tensor actions) {
    Ensemble.Chunk chunk = parts.belief.play(now.past, actions);
    Tensor z = chunk.frames(); // [1, E, C, h, w]
    Tensor frames = parts.vae.decodeAll(z); // [1, E, 3, H, W]
    long count = actions.size(1);
    Tensor joints =
        parts.jointHead.after(now.seen.joints(), now.past.led(), actions, z, count); // [1, E, J]
    Tensor all = Torch.cat(1, now.clip, frames);
    long looked = now.clip.size(1);
    List<Tensor> clips = new ArrayList<>();
    for (long i = 1; i <= count; i++) {
      clips.add(all.narrow(1, i, looked));
    }
    double[] success = probability(Torch.cat(0, clips), now.task.expand(count));
    float[] apart = Torch.floats(chunk.apart());
    Tensor only = Compute.onDevice(Torch.zeros(Long, 1));
    replace(
        new State(
            parts.belief.worldModel().after(now.past, z, actions),
            now.seen.after(only, frames, parts.jointHead, now.past, actions, z),
            all.narrow(1, count, looked).clone(),
            now.words.clone(),
            now.task.clone(),
            now.step + (int) count));
    float[][] led = rows(actions);
    float[][] at = rows(joints);
    List<Moment> moments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      moments.add(
          new Moment(
              now.step + i + 1,
              led[i],
              Torch.bytes(frames.select(1, i)),
              OptionalDouble.of(apart[i]),
              success[i],
              at[i]));
    }
    return moments;
  }

  private double[] probability(Tensor clips, Tensor task) {
    return Torch.doubles(parts.classifier.probability(Dataset.normalised(clips), task));
  }

  /** [1, E, D] as Java has it. */
  private static float[][] rows(Tensor tensor) {
    float[] flat = Torch.floats(tensor);
    int count = (int) tensor.size(1);
    int each = flat.length / count;
    float[][] rows = new float[count][];
    for (int i = 0; i < count; i++) {
      rows[i] = Arrays.copyOfRange(flat, i * each, (i + 1) * each);
    }
    return rows;
  }

  @Override
  public void close() {
    state.ifPresent(last -> last.tensors().forEach(Tensor::close));
    state = Optional.empty();
  }

  private State state() {
    return state.orElseThrow(() -> new IllegalStateException("no rollout was started"));
  }

  private void replace(State next) {
    next.tensors().forEach(Torch::keep);
    close();
    state = Optional.of(next);
  }
}
