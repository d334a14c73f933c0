package dev.reverie.trainer.imagination;

import static dev.reverie.trainer.nn.Compute.onDevice;
import static org.bytedeco.pytorch.global.torch.ScalarType.Long;

import dev.reverie.trainer.data.ChunkTiming;
import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.model.Ensemble;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.SettingsText;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The world model as an environment of B rollouts side by side. An episode ends at the end of the
 * chunk in which the reward classifier sees success, at its time limit, or where it is cut because
 * several world models disagree about it; only those that go on are computed.
 *
 * <p>Use: {@link #reset}, then {@link #observe} and {@link #step} until {@link #done}.
 */
public final class Imagination implements AutoCloseable {
  private final FrameVae vae;
  private final WorldModel worldModel;
  private final JointHead jointHead;
  private final RewardClassifier classifier;
  private final double threshold;
  private final Tensor tokens;
  private final Tensor taskOf;
  private final Steps steps;
  private final Optional<Doubt> doubt;

  private Optional<State> state = Optional.empty(); // none before reset and after close

  /**
   * Puts the parts of the imagination together; no rollout has begun.
   *
   * @param threshold probability from which a clip counts as success
   * @param data whose instructions and tasks the rollouts have
   * @param steps that go together
   */
  public Imagination(
      FrameVae vae,
      WorldModel worldModel,
      JointHead jointHead,
      RewardClassifier classifier,
      double threshold,
      Dataset data,
      Steps steps) {
    this(
        vae,
        worldModel,
        jointHead,
        classifier,
        threshold,
        onDevice(data.tokens()),
        onDevice(data.taskOf()),
        steps,
        Optional.empty());
  }

  private Imagination(
      FrameVae vae,
      WorldModel worldModel,
      JointHead jointHead,
      RewardClassifier classifier,
      double threshold,
      Tensor tokens,
      Tensor taskOf,
      Steps steps,
      Optional<Doubt> doubt) {
    this.vae = vae;
    this.worldModel = worldModel;
    this.jointHead = jointHead;
    this.classifier = classifier;
    this.threshold = threshold;
    this.tokens = tokens;
    this.taskOf = taskOf;
    this.steps = steps;
    this.doubt = doubt;
  }

  /**
   * The rule for chunks that the world models disagree about.
   *
   * @param limit up to which a disagreement is usual
   */
  private record Doubt(Ensemble ensemble, Trust trust, double limit) {}

  /**
   * The same that doubts what several world models disagree about; one chunk is enough for its
   * rollout to be trusted less, or to be cut.
   *
   * @param ensemble of world models, this one's first
   * @param limit up to which a disagreement is usual
   */
  public Imagination doubting(Ensemble ensemble, Trust trust, double limit) {
    return new Imagination(
        vae,
        worldModel,
        jointHead,
        classifier,
        threshold,
        tokens,
        taskOf,
        steps,
        Optional.of(new Doubt(ensemble, trust, limit)));
  }

  /**
   * The B rollouts of this rank as they are now; the tensors are kept until the state is replaced.
   *
   * @param past of each rollout, as the world model is given it
   * @param seen what the policy sees now and later
   * @param shown the last frames, as many as the clips that are judged reach back to [B, F, 3, H,
   *     W], uint8
   * @param age steps since the episode began [B], int64
   * @param succeeded whether a chunk was seen as success [B], bool
   * @param chunksLeft until the time limit [B], int64
   * @param instruction row of the instruction table [B], int64
   * @param trusted weight of each rollout in what is learned from it, 0 where it was cut [B]
   * @param going which go on, those of other ranks too
   */
  private record State(
      Context past,
      Seen seen,
      Tensor shown,
      Tensor age,
      Tensor succeeded,
      Tensor chunksLeft,
      Tensor instruction,
      Tensor trusted,
      Going going) {
    private List<Tensor> tensors() {
      List<Tensor> all = new ArrayList<>(past.tensors());
      all.addAll(seen.tensors());
      all.addAll(List.of(shown, age, succeeded, chunksLeft, instruction, trusted, going.mask()));
      return all;
    }
  }

  /**
   * An observation of the rollouts that go on, A of B, for the policy. Where none of this rank's
   * goes on while others do, its first stands in for them, so that the draws stay those of all.
   *
   * @param at which of this rank's they are [A], int64
   * @param pixels [A, 3, H, W], uint8
   * @param words of its instruction, as tokens [A, L], int64
   * @param joints [A, J], rad
   * @param first action of the chunk that is still to be carried out when the chunk comes [A],
   *     int64
   * @param ahead the actions that are carried out until then, so many as that, 0 behind them [A,
   *     delay, D]
   */
  record Observation(
      Tensor at,
      Tensor pixels,
      Tensor words,
      Tensor joints,
      Tensor first,
      Tensor ahead,
      Share share) {}

  /** Begins rollouts, all of them on every rank. */
  void reset(RolloutStarts starts) {
    reset(starts, Share.whole(starts.count()), List.of(0));
  }

  /** Begins rollouts, of which this rank has a share, for a policy that sees so far back. */
  void reset(RolloutStarts all, Share share, List<Integer> ages) {
    Torch.noGrad(
        () -> {
          RolloutStarts starts = all.range(share.first(), share.count());
          replace(
              new State(
                  starts.context(worldModel.memory()),
                  Seen.at(starts, steps.delay(), jointHead.memory(), ages),
                  onDevice(shown(starts)),
                  onDevice(starts.age().clone()),
                  onDevice(Torch.zeros(torch.ScalarType.Bool, starts.count())),
                  onDevice(starts.chunksLeft().clone()),
                  onDevice(starts.instruction()),
                  onDevice(Torch.full(1, starts.count())),
                  Going.of(share, onDevice(all.chunksLeft().gt(new Scalar(0L))))));
        });
  }

  /** The last frames up to the start, as many as the clips that are judged reach back to. */
  private Tensor shown(RolloutStarts starts) {
    int count = classifier.scan().before();
    return starts.frames(Math.max(1, count) - 1).narrow(1, 0, count);
  }

  /** Actions of a chunk that are carried out. */
  long executed() {
    return steps.executed();
  }

  /** Returns whether every rollout has ended, those of other ranks too. */
  boolean done() {
    try (var _ = new PointerScope()) {
      return state().going().share().all() == 0;
    }
  }

  Observation observe() {
    State now = state();
    Tensor at = now.going().at();
    Tensor first = torch.clamp_max(now.age().index_select(0, at), new Scalar((long) steps.delay()));
    return new Observation(
        at,
        now.seen().pixels(at),
        tokens.index_select(0, now.instruction().index_select(0, at)),
        now.seen().joints(at),
        first,
        now.seen().ahead(at, first),
        now.going().share());
  }

  /**
   * Carries out what is to be of one chunk in each rollout that goes on.
   *
   * @param actions [A, E, D] for the A of the last observation
   * @return the E new frames of each, [A, E, 3, H, W], uint8
   */
  Tensor step(Tensor actions) {
    return Torch.noGrad(
        () -> {
          State now = state();
          Tensor at = now.going().at();
          Share share = now.going().share();
          Context past = now.past().select(at);
          Optional<Ensemble.Chunk> doubted =
              doubt.map(about -> about.ensemble().play(past, actions, share));
          Tensor z =
              doubted
                  .map(Ensemble.Chunk::frames)
                  .orElseGet(() -> worldModel.play(past, actions, share));
          Tensor clips = vae.decodeAll(z);
          Tensor before = now.shown().index_select(0, at);
          Tensor probability =
              classifier.highest(
                  before,
                  clips,
                  taskOf.index_select(0, now.instruction().index_select(0, at)),
                  now.age().index_select(0, at));
          Tensor succeeded =
              now.succeeded().index_copy(0, at, Torch.greater(probability, threshold));
          Tensor left = now.chunksLeft().sub(Torch.greater(now.chunksLeft(), 0).to(Long));
          Tensor trusted =
              doubted.map(chunk -> trusted(now, at, chunk)).orElseGet(() -> now.trusted().clone());
          Tensor goOn =
              succeeded
                  .logical_not()
                  .bitwise_and(left.gt(new Scalar(0L)))
                  .bitwise_and(Torch.greater(trusted, 0));
          boolean here = now.going().here();
          replace(
              new State(
                  now.past().with(at, worldModel.after(past, z, actions)),
                  now.seen().after(at, clips, jointHead, past, actions, z),
                  now.shown().index_copy(0, at, Seen.last(before, clips)),
                  now.age().add(new Scalar(actions.size(1))),
                  here ? succeeded : now.succeeded().clone(),
                  left,
                  now.instruction().clone(),
                  here ? trusted : now.trusted().clone(),
                  now.going().next(goOn)));
          return clips;
        });
  }

  /** The weight of each rollout after a chunk of those at some places [B]. */
  private Tensor trusted(State now, Tensor at, Ensemble.Chunk chunk) {
    Doubt about = doubt.orElseThrow();
    Tensor weights = about.trust().weights(chunk.doubt(), about.limit());
    Tensor least = torch.minimum(now.trusted().index_select(0, at), weights);
    return now.trusted().index_copy(0, at, least);
  }

  /** Returns whether a rollout of this rank goes on. */
  boolean goesOnHere() {
    return state().going().here();
  }

  /** Returns which rollouts of this rank have succeeded, bool. */
  Tensor succeededHere() {
    return state().succeeded();
  }

  /** Returns which rollouts have succeeded, those of other ranks too, bool. */
  Tensor succeeded() {
    return state().going().ofAll(succeededHere());
  }

  /** Returns the weights of this rank's rollouts in what is learned from them. */
  Tensor trustedHere() {
    return state().trusted();
  }

  /** Returns the weights of the rollouts, those of other ranks too. */
  Tensor trusted() {
    return state().going().ofAll(trustedHere());
  }

  /** Rollouts that go on side by side at most. */
  public int beside() {
    return vae.beside();
  }

  /** Lets a policy act until every rollout has ended, at a time as many as go side by side. */
  public PlayedRollouts play(TrainablePolicy policy, RolloutStarts starts, double temperature) {
    return new RolloutPlayer(this, policy, temperature).play(starts);
  }

  @Override
  public void close() {
    state.ifPresent(last -> last.tensors().forEach(Tensor::close));
    state = Optional.empty();
  }

  private State state() {
    return state.orElseThrow(() -> new IllegalStateException("no rollouts were begun"));
  }

  private void replace(State next) {
    next.tensors().forEach(Torch::keep);
    close();
    state = Optional.of(next);
  }

  /**
   * The settings of imagined rollouts.
   *
   * @param maxSteps of one, those before a keyframe included; 0: as many as the longest of the
   *     policy's own rollouts has
   * @param window frames that the world model predicts at once; 0: as many as the policy's bundle
   *     says are executed, or the chunk has. Both papers have as many as the chunk, 8
   * @param executed actions of a chunk that are carried out; 0: as in the rollouts, else as many as
   *     the policy's bundle says, or all that the delay leaves. Both papers have all 8
   * @param delay steps from what the policy sees to the first action that is carried out of its
   *     chunk; {@value #MEASURED}: as in the rollouts. Both papers have 0
   * @param trust in a rollout that the world models disagree about, where there are several
   * @param trustQuantile share of the held-out recorded chunks whose disagreement is usual
   */
  public record Config(
      int maxSteps, int window, int executed, int delay, Trust trust, double trustQuantile) {
    /** The delay is that of the rollouts. */
    public static final int MEASURED = -1;

    /** Components that came later. */
    private static final Set<String> LATER =
        Set.of("window", "executed", "delay", "trust", "trustQuantile");

    public static final Config DEFAULT = new Config(0, 0, 0, MEASURED, Trust.CUT, 0.99);

    public Config {
      Check.notNegative("imagination.maxSteps", maxSteps);
      Check.notNegative("imagination.window", window);
      Check.notNegative("imagination.executed", executed);
      Check.that(delay >= MEASURED, "imagination.delay", delay, "0 or more, or -1: measured");
      Check.share("imagination.trustQuantile", trustQuantile);
    }

    /**
     * These with chunks carried out as in recorded rollouts, where they leave that open. The world
     * model's window stays what it was where nothing was recorded, as when it was pretrained.
     *
     * @param chunk actions that the policy gives at once
     * @param usual actions of a chunk that its bundle says are carried out; 0: all
     * @param timing of the rollouts
     */
    public Config asIn(ChunkTiming timing, int chunk, int usual) {
      Steps open = steps(chunk, usual);
      int measured = timing.delay().orElse(0);
      int late = delay != MEASURED ? delay : measured < chunk ? measured : 0;
      int recorded = timing.executed().orElse(open.executed());
      int carried = executed > 0 ? executed : Math.min(recorded, chunk - late);
      return carried == open.executed() && late == open.delay()
          ? new Config(maxSteps, window, executed, late, trust, trustQuantile)
          : new Config(maxSteps, open.window(), carried, late, trust, trustQuantile);
    }

    /**
     * The steps of a policy.
     *
     * @param chunk actions that it gives at once
     */
    public Steps steps(int chunk) {
      return steps(chunk, 0);
    }

    /**
     * The steps of a policy.
     *
     * @param chunk actions that it gives at once
     * @param usual actions of a chunk that its bundle says are carried out; 0: all
     */
    public Steps steps(int chunk, int usual) {
      int late = Math.max(0, delay);
      int most = usual > 0 ? Math.min(usual, chunk - late) : chunk - late;
      int carried = executed > 0 ? executed : most;
      return new Steps(window > 0 ? window : carried, chunk, carried, late);
    }

    @Override
    public String toString() {
      int unsaid = Math.min(delay, 0); // no delay, and one that is not known yet
      return SettingsText.of(this, new Config(0, 0, 0, unsaid, Trust.CUT, 0.99), LATER);
    }
  }
}
