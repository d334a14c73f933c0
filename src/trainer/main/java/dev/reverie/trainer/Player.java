package dev.reverie.trainer;

import dev.reverie.policy.BundleSpec;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.Latents;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.imagination.SteeredRollout;
import dev.reverie.trainer.imagination.SteeredRollout.Moment;
import dev.reverie.trainer.model.Belief;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;

/** Steps inside the world model of a round, from the frames of any recorded episode. */
final class Player implements AutoCloseable {
  /** Actions that are imagined at once, at most. */
  static final int MOST_ACTIONS = 64;

  /** Draws of a single world model that are compared. */
  private static final int DRAWS = 4;

  private final RoundWorld world;
  private final EpisodeCache.Config cache;
  private final Belief belief;
  private final TrainablePolicy policy;
  private final SteeredRollout rollout;
  private Optional<Recorded> recorded = Optional.empty();

  /**
   * An episode that is started from.
   *
   * @param pieces frames of each of its parts between gaps, [N]
   * @param usual how unsure imagination is of its own actions at most, by piece [N]
   */
  private record Recorded(Path bag, Transitions transitions, int[] pieces, double[] usual) {
    int frames() {
      int frames = 0;
      for (int piece : pieces) {
        frames += piece;
      }
      return frames;
    }

    /** Returns where a frame is: its piece, and its place in that. */
    int[] place(int frame) {
      int piece = 0;
      int at = frame;
      while (at >= pieces[piece]) {
        at -= pieces[piece++];
      }
      return new int[] {piece, at};
    }

    void close() {
      transitions.latents().close();
      transitions.data().close();
    }
  }

  /** The beginning of a rollout: the piece, and the frames that are left of it. */
  private record Begun(int frame, int piece, int step) {}

  private Optional<Begun> begun = Optional.empty();

  /**
   * A start, and what is believed there.
   *
   * @param frames that the episode has
   * @param usual how unsure imagination is of the recorded actions at most; 0 where there are none
   */
  record Start(String instruction, int frames, int frame, double usual, Moment moment) {}

  /** Loads what else it needs of the round. */
  Player(RoundWorld world, Path models, EpisodeCache.Config cache) {
    this.world = world;
    this.cache = cache;
    belief = world.belief(models, DRAWS);
    policy = new TrainablePolicy(world.bundle());
    rollout =
        new SteeredRollout(
            new SteeredRollout.Parts(
                world.networks().vae(),
                belief,
                world.networks().jointHead(),
                world.networks().classifier(),
                policy,
                world.settings().grpo().temperature(),
                world.steps()));
  }

  RoundWorld world() {
    return world;
  }

  /** World models that are asked how far they disagree; 1: its draws are compared. */
  int worldModels() {
    return belief.ensemble().members().size();
  }

  private BundleSpec spec() {
    return world.bundle().spec();
  }

  /** Begins at a frame of an episode; the same frame and actions give the same again. */
  Start start(Path bag, int frame) {
    Optional<Recorded> known = recorded.filter(one -> one.bag.equals(bag));
    Recorded episode = known.orElseGet(() -> read(bag));
    if (frame < 0 || frame >= episode.frames()) {
      if (known.isEmpty()) {
        episode.close();
      }
      throw new TrainerException(
          "there is no frame %d in %s, which has %d; give 0 to %d"
              .formatted(frame, bag, episode.frames(), episode.frames() - 1));
    }
    if (known.isEmpty()) {
      recorded.ifPresent(Recorded::close);
      recorded = Optional.of(episode);
    }
    int[] place = episode.place(frame);
    Torch.seed(world.loop().seed(), "play");
    Moment moment = rollout.start(episode.transitions, place[0], place[1]);
    begun = Optional.of(new Begun(frame, place[0], place[1]));
    Dataset data = episode.transitions.data();
    String instruction = data.texts().get((int) Torch.longs(data.instruction())[place[0]]);
    return new Start(instruction, episode.frames(), frame, episode.usual[place[0]], moment);
  }

  /** Carries out actions. */
  List<Moment> act(float[][] actions) {
    requireBegun();
    int dimensions = spec().actionSpace().dimensions();
    if (actions.length < 1 || actions.length > MOST_ACTIONS) {
      throw new TrainerException(
          "there are %d actions; give 1 to %d at once".formatted(actions.length, MOST_ACTIONS));
    }
    for (float[] action : actions) {
      if (action.length != dimensions) {
        throw new TrainerException(
            "an action has %d numbers, and the policy's have %d"
                .formatted(action.length, dimensions));
      }
      for (float value : action) {
        if (!(value >= -1 && value <= 1)) {
          throw new TrainerException("a number of an action is %s; give -1 to 1".formatted(value));
        }
      }
    }
    return rollout.act(actions);
  }

  /** Carries out one chunk of the policy. */
  List<Moment> actByPolicy() {
    requireBegun();
    return rollout.actByPolicy();
  }

  private void requireBegun() {
    if (begun.isEmpty()) {
      throw new TrainerException("nothing was started yet; start from a frame of an episode");
    }
  }

  /**
   * The recorded picture of a step, uint8 [3, H, W]; empty where the recording had ended, or has a
   * gap before.
   */
  Optional<byte[]> recorded(int step) {
    Begun from = begun.orElseThrow();
    Recorded episode = recorded.orElseThrow();
    if (step >= episode.pieces[from.piece]) {
      return Optional.empty();
    }
    Transitions transitions = episode.transitions;
    try (var _ = new PointerScope()) {
      long at = (long) from.piece * (transitions.data().horizon() + 1) + step;
      return Optional.of(
          Torch.bytes(transitions.data().frames().rows(Torch.of(new long[] {at}, 1))));
    }
  }

  Canvas canvas() {
    return Canvas.of(spec().cameras());
  }

  private Recorded read(Path bag) {
    try (var _ = new PointerScope()) {
      Dataset data = world.readCourse(bag, cache).data();
      Latents latents = world.networks().vae().encodeAll(data, world.loop());
      Transitions transitions = new Transitions(data, latents, world.steps().executed());
      long[] steps = Torch.longs(data.steps());
      int[] pieces = new int[steps.length];
      double[] usual = new double[steps.length];
      Torch.seed(world.loop().seed(), "usual");
      for (int n = 0; n < steps.length; n++) {
        pieces[n] = (int) steps[n] + 1;
        usual[n] = belief.usual(transitions, n);
      }
      return new Recorded(bag, transitions, pieces, usual);
    }
  }

  @Override
  public void close() {
    rollout.close();
    policy.close();
    recorded.ifPresent(Recorded::close);
  }
}
