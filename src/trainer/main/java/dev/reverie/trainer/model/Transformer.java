package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Course;
import dev.reverie.trainer.data.Memory;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Recompute;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * The transformer of WMPO (arXiv 2511.09515), OpenSora's STDiT3 without text: pairs of a block that
 * attends within a frame and one that attends to the same place in the frames before. Flow time and
 * a frame's action modulate its spatial blocks, flow time alone the temporal ones, unless {@link
 * Backbone.Modulation#EVERY_BLOCK} is set; the past is modulated by the level of its noise. WoVR
 * (arXiv 2602.13977) also gives the actions that led to the past, and lets every frame attend to
 * the actions up to its own.
 *
 * <p>Attention is causal, so the past goes through the network once a sample, and every flow time
 * attends to its cached keys and values. That is the same in training.
 *
 * <p>Beside a frame's action its embedding takes the sum of the chunk's actions so far, as that of
 * the {@link UNet} does, and the joints where they are told; in the papers it is the action alone.
 *
 * <p>Shapes: B samples, S slots of the past, K new frames, P patches a frame, d the width.
 */
final class Transformer implements Backbone {
  /** Frequencies, of each of which there are sine and cosine: what a flow time is told by. */
  private static final int FREQUENCIES = 128;

  private static final double LONGEST = 10_000;

  private final Memory memory;
  private final int horizon;
  private final int patch;
  private final long width;
  private final long headWidth;
  private final boolean everyBlock;
  private final Parameters.Conv patches;
  private final Mlp ofTimes;
  private final Mlp ofActions;
  private final Parameters.Linear shared;
  private final Optional<Tensor> noAction; // with cross-attention
  private final List<TransformerBlock> spatial = new ArrayList<>();
  private final List<TransformerBlock> temporal = new ArrayList<>();
  private final Parameters.Linear outShared;
  private final Parameters.Linear out;

  /**
   * Creates an untrained one, which says that nothing moves.
   *
   * @param parameters that it adds its own to
   * @param horizon K
   * @param actionDimensions D
   * @param joints J that it is told of
   * @param channels C
   */
  Transformer(
      Parameters parameters,
      WorldModel.Config config,
      int horizon,
      int actionDimensions,
      int joints,
      int channels) {
    memory = config.memory();
    this.horizon = horizon;
    patch = config.patch();
    width = config.width();
    headWidth = width / config.heads();
    everyBlock = config.modulation() == Modulation.EVERY_BLOCK;
    patches = parameters.conv("patches", (long) channels + config.drawn(), width, patch, patch, 0);
    ofTimes = Mlp.of(parameters, "times", 2 * FREQUENCIES, width, width);
    ofActions =
        Mlp.of(parameters, "actions", Backbone.told(actionDimensions, joints), 4 * width, width);
    shared = parameters.linear("shared", width, 6 * width);
    noAction =
        config.crossAttention()
            ? Optional.of(
                parameters.parameter("no_action", Torch.times(torch.randn(1, width), 0.02)))
            : Optional.empty();
    for (int i = 0; i < config.depth(); i++) {
      spatial.add(block(parameters, "spatial." + i, config));
      temporal.add(block(parameters, "temporal." + i, config));
    }
    outShared = parameters.linear("out_shared", width, 2 * width);
    out = parameters.linear("out", width, (long) channels * patch * patch);
    Torch.noGrad(
        () ->
            List.of(shared, outShared, out)
                .forEach(
                    layer -> {
                      layer.weight().zero_();
                      layer.bias().zero_();
                    }));
  }

  private static TransformerBlock block(
      Parameters parameters, String name, WorldModel.Config config) {
    return new TransformerBlock(
        parameters, name, config.width(), config.heads(), config.crossAttention());
  }

  /**
   * The past as the new frames need it.
   *
   * @param actions embedded [B, K, d]
   * @param told actions as tokens of the cross-attention, none of them first [B, A, d]
   * @param masks where the arm is in the new frames [B, K, V, h, w]
   * @param seen keys and values of each temporal block
   */
  private record Past(Tensor actions, Tensor told, Tensor masks, List<Attention.Keys> seen) {}

  @Override
  public Given given(Context context, Course course, Tensor masks, Tensor level) {
    Past past = past(context, course, masks, level);
    return (z, tau) -> predict(z, tau, past);
  }

  private Past past(Context context, Course course, Tensor masks, Tensor level) {
    int slots = memory.slots();
    int first = slots - memory.frames(); // of the memory, after the reference
    Tensor embedded = embedded(course, context);
    Tensor levels = level.unsqueeze(1).expand(-1, slots);
    if (memory.reference()) {
      levels = Torch.cat(1, Torch.times(levels.narrow(1, 0, 1), 0), levels.narrow(1, 1, slots - 1));
    }
    Tensor alone = ofTimes.apply(waves(levels)); // [B, S, d]
    Tensor by = alone;
    Tensor allActions = embedded;
    if (memory.actions()) {
      Tensor joints = context.joints().narrow(1, first, memory.frames());
      Tensor led = embedded(new Course(context.actions(), joints), context); // [B, memory, d]
      by =
          Torch.cat(1, alone.narrow(1, 0, first), alone.narrow(1, first, memory.frames()).add(led));
      allActions = Torch.cat(1, led, embedded);
    }
    Tensor told = told(allActions);
    Tensor sharedBy = shared.apply(torch.silu(by));
    Tensor overTime = everyBlock ? sharedBy : shared.apply(torch.silu(alone));
    Tensor causal = causal(0, slots);
    Tensor toActions = toActions(0, slots, told.size(1));
    Attention.Turn turn = turn(0, slots);
    Tensor x = tokens(shown(context.frames(), masks.narrow(1, 0, slots)));
    List<Attention.Keys> seen = new ArrayList<>();
    for (int i = 0; i < spatial.size(); i++) {
      boolean last = i + 1 == spatial.size(); // nobody looks at what it makes of the past
      Frames frames = new Frames(spatial.get(i), temporal.get(i), causal, toActions, turn);
      List<Tensor> made = Recompute.of(in -> frames.past(in, last), x, sharedBy, overTime, told);
      seen.add(new Attention.Keys(made.get(0), made.get(1)));
      Recompute.letGo(x);
      x = last ? x : made.get(2);
    }
    return new Past(embedded, told, masks.narrow(1, slots, horizon), seen);
  }

  /**
   * A pair of blocks over some frames.
   *
   * @param causal which frames attend to which
   * @param toActions which frames attend to which actions
   */
  private record Frames(
      TransformerBlock spatial,
      TransformerBlock temporal,
      Tensor causal,
      Tensor toActions,
      Attention.Turn turn) {
    /**
     * Frames of the past: keys and values for those after them, then what becomes of them.
     *
     * @param in tokens, modulation of the spatial and of the temporal block, actions
     * @param last whether nothing becomes of them
     */
    List<Tensor> past(List<Tensor> in, boolean last) {
      Tensor told = in.get(3);
      Tensor x = inFrames(spatial, in.get(0), in.get(1), told, toActions);
      TransformerBlock.Modulation modulation = temporal.modulation(in.get(2));
      Tensor places = temporal.places(x, modulation);
      Attention.Keys these = temporal.keys(places, turn);
      return last
          ? List.of(these.keys(), these.values())
          : List.of(these.keys(), these.values(), over(x, modulation, places, these, told));
    }

    /**
     * New frames.
     *
     * @param in tokens, modulation of the spatial and of the temporal block, actions, keys and
     *     values of the past
     */
    List<Tensor> next(List<Tensor> in) {
      Tensor told = in.get(3);
      Tensor x = inFrames(spatial, in.get(0), in.get(1), told, toActions);
      TransformerBlock.Modulation modulation = temporal.modulation(in.get(2));
      Tensor places = temporal.places(x, modulation);
      Attention.Keys before = new Attention.Keys(in.get(4), in.get(5));
      Attention.Keys all = before.then(temporal.keys(places, turn));
      return List.of(over(x, modulation, places, all, told));
    }

    private Tensor over(
        Tensor x,
        TransformerBlock.Modulation modulation,
        Tensor places,
        Attention.Keys among,
        Tensor told) {
      Tensor h = temporal.overTime(x, modulation, places, among, causal, turn);
      return temporal.overChannels(temporal.overActions(h, told, toActions), modulation);
    }
  }

  private Tensor predict(Tensor z, Tensor tau, Past past) {
    int slots = memory.slots();
    Tensor alone = ofTimes.apply(waves(tau.unsqueeze(1))); // [B, 1, d]
    Tensor by = torch.silu(alone.add(past.actions())); // [B, K, d]
    Tensor sharedBy = shared.apply(by);
    Tensor overTime = everyBlock ? sharedBy : shared.apply(torch.silu(alone));
    Tensor causal = causal(slots, horizon);
    Tensor toActions = toActions(slots, horizon, past.told().size(1));
    Attention.Turn turn = turn(slots, horizon);
    Tensor x = tokens(shown(z, past.masks()));
    for (int i = 0; i < spatial.size(); i++) {
      Frames frames = new Frames(spatial.get(i), temporal.get(i), causal, toActions, turn);
      Attention.Keys before = past.seen().get(i);
      Tensor next =
          Recompute.of(
                  frames::next, x, sharedBy, overTime, past.told(), before.keys(), before.values())
              .getFirst();
      Recompute.letGo(x);
      x = next;
    }
    Tensor last = outShared.apply(by).unflatten(-1, 2, width).unsqueeze(2); // [B, K, 1, 2, d]
    x = TransformerBlock.normed(x).mul(Torch.plus(last.select(3, 1), 1)).add(last.select(3, 0));
    Tensor squares = out.apply(x).flatten(0, 1).transpose(1, 2); // [B K, C patch patch, P]
    Tensor said = squares.unflatten(2, z.size(3) / patch, z.size(4) / patch).contiguous();
    return torch.pixel_shuffle(said, patch).view_as(z);
  }

  private static Tensor inFrames(
      TransformerBlock block, Tensor x, Tensor sharedBy, Tensor told, Tensor toActions) {
    TransformerBlock.Modulation modulation = block.modulation(sharedBy);
    Tensor h = block.overActions(block.overSpace(x, modulation), told, toActions);
    return block.overChannels(h, modulation);
  }

  /** Actions as tokens that know their place, none of them first. */
  private Tensor told(Tensor actions) {
    return noAction
        .map(
            none -> {
              Tensor all = Torch.cat(1, none.expand(actions.size(0), 1, width), actions);
              return all.add(positions(range(0, all.size(1)), width));
            })
        .orElse(actions);
  }

  /** Returns what is told of each step, embedded. */
  private Tensor embedded(Course course, Context context) {
    return ofActions.apply(Backbone.told(course, context.newestJoints()));
  }

  /** Frames with what is drawn of the arm in them, if anything. */
  private static Tensor shown(Tensor frames, Tensor masks) {
    return masks.size(2) == 0 ? frames : Torch.cat(2, frames, masks);
  }

  /** Patches of frames [B, F, C, h, w] with where they lie, [B, F, P, d]. */
  private Tensor tokens(Tensor frames) {
    long rows = frames.size(3) / patch;
    long columns = frames.size(4) / patch;
    if (rows * patch != frames.size(3) || columns * patch != frames.size(4)) {
      throw new TrainerException(
          "worldModel.patch is %d, and the latents are %d x %d; give a divisor of both"
              .formatted(patch, frames.size(3), frames.size(4)));
    }
    Tensor x = patches.apply(frames.flatten(0, 1)).flatten(2, 3).transpose(1, 2); // [B F, P, d]
    Tensor row = positions(range(0, rows), width / 2).unsqueeze(1);
    Tensor column = positions(range(0, columns), width / 2).unsqueeze(0);
    Tensor where =
        Torch.cat(-1, row.expand(-1, columns, -1), column.expand(rows, -1, -1)).flatten(0, 1);
    return x.add(where).unflatten(0, frames.size(0), frames.size(1));
  }

  /** Sines, then cosines of positions at many wave lengths, [L, d]. */
  private static Tensor positions(Tensor at, long width) {
    Tensor angles = at.unsqueeze(-1).mul(frequencies(width / 2));
    return Torch.cat(-1, angles.sin(), angles.cos());
  }

  /** Flow times or levels in thousandths as waves, [..., 2 FREQUENCIES]. */
  private static Tensor waves(Tensor times) {
    return positions(Torch.times(times, 1000), 2L * FREQUENCIES);
  }

  /** 1 down to 1 / 10,000, which it does not reach; rounded once, since times are up to 1000. */
  private static Tensor frequencies(long count) {
    Tensor i = torch.arange(new Scalar(count), new TensorOptions(torch.ScalarType.Double));
    return Compute.onDevice(
        Torch.times(i, -Math.log(LONGEST) / count).exp().to(torch.ScalarType.Float));
  }

  /** The rotation of some frames' queries and keys. */
  private Attention.Turn turn(long first, long frames) {
    return Attention.Turn.by(range(first, frames).unsqueeze(-1).mul(frequencies(headWidth / 2)));
  }

  private static Tensor range(long first, long count) {
    return Compute.onDevice(Torch.range(first, count));
  }

  /** Each frame attends to those before and to itself, [frames, first + frames]. */
  private static Tensor causal(long first, long frames) {
    return upTo(first, frames, first + frames);
  }

  /**
   * Each frame attends to the token of no action and to the actions that led to it and to those
   * before, [frames, actions].
   */
  private Tensor toActions(long first, long frames, long actions) {
    // Token a belongs to frame a + offset: none of them to the first.
    long offset = (long) memory.slots() + horizon - actions;
    return upTo(first - offset, frames, actions);
  }

  /** 0 where a column is at most its row plus the first, else -infinity; column 0 is always 0. */
  private static Tensor upTo(long first, long rows, long columns) {
    Tensor row = torch.clamp_min(range(first, rows), new Scalar(0L)).unsqueeze(1);
    Tensor later = range(0, columns).unsqueeze(0).gt(row);
    return Compute.onDevice(Torch.zeros(torch.ScalarType.Float, rows, columns))
        .masked_fill(later, new Scalar(Double.NEGATIVE_INFINITY));
  }
}
