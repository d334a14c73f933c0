package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Byte;

import dev.reverie.trainer.data.FrameTable;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.DiskTensors;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Slices;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The windows that a reward classifier learns from: as recorded, and as the world model predicts
 * them from the frames before.
 *
 * @param transitions that they are windows of
 * @param windows [M, 2]
 * @param imagined as the world model predicts them
 * @param label 1 for success by the window's end, else 0, or progress there, [M] float
 * @param positives places of those that succeed by their end
 * @param negatives places of the others
 */
public record RewardClips(
    Transitions transitions,
    Tensor windows,
    Imagined imagined,
    Tensor label,
    Tensor positives,
    Tensor negatives) {
  /** Clips that are predicted at a time. */
  public static final int SLICE = 64;

  public RewardClips {
    List.of(windows, label, positives, negatives).forEach(Torch::keep);
  }

  /** Predicted windows. */
  public sealed interface Imagined {
    /** Predicted before. */
    record Stored(Tensor pixels) implements Imagined {
      public Stored {
        Torch.keep(pixels);
      }
    }

    /** Predicted when they are drawn, where they are too many to keep. */
    record AsNeeded(WorldModel worldModel, FrameVae vae) implements Imagined {}
  }

  /**
   * Predicts these windows; where training draws fewer than they are, each one as it is drawn.
   *
   * @param target what the windows are told to be
   * @param draws windows that training draws from them
   * @param loop in whose folder many of them may be; asked after each slice whether to stop
   */
  public static RewardClips of(
      Transitions transitions,
      Tensor windows,
      WorldModel worldModel,
      FrameVae vae,
      RewardClassifier.Target target,
      long draws,
      TrainLoop loop) {
    Tensor label = target.of(transitions, windows);
    Tensor succeeded = transitions.succeeded(windows);
    Tensor positives = Torch.positions(succeeded);
    Tensor negatives = Torch.positions(succeeded.logical_not());
    if (positives.size(0) == 0 || negatives.size(0) == 0) {
      throw new TrainerException(
          ("the reward classifier needs successes and failures; it got %d and %d windows: record"
                  + " rollouts of both outcomes")
              .formatted(positives.size(0), negatives.size(0)));
    }
    Imagined imagined =
        windows.size(0) > draws
            ? new Imagined.AsNeeded(worldModel, vae)
            : new Imagined.Stored(predicted(transitions, windows, worldModel, vae, loop));
    return new RewardClips(transitions, windows, imagined, label, positives, negatives);
  }

  /** All of the windows as the world model predicts them, [M, K, 3, H, W] uint8. */
  private static Tensor predicted(
      Transitions transitions,
      Tensor windows,
      WorldModel worldModel,
      FrameVae vae,
      TrainLoop loop) {
    FrameTable frames = transitions.data().frames();
    long k = transitions.horizon();
    Tensor imagined =
        DiskTensors.zeros(
            loop.folder(), Byte, windows.size(0), k, 3, frames.height(), frames.width());
    Slices.of(
        windows.size(0),
        SLICE,
        (begin, length) -> {
          loop.endIfStopped();
          Tensor these = windows.narrow(0, begin, length);
          Ranks.world()
              .fill(
                  imagined.narrow(0, begin, length),
                  share -> predicted(transitions, share.of(these), worldModel, vae, share));
        });
    return imagined;
  }

  private static Tensor predicted(
      Transitions transitions, Tensor windows, WorldModel worldModel, FrameVae vae, Share share) {
    return vae.decodeAll(
        worldModel.play(
            transitions.context(windows, worldModel.memory()),
            transitions.actions(windows),
            share));
  }

  /**
   * At most so many of these windows, drawn at random.
   *
   * @param windows [M, 2]
   * @param successes that may be among them
   */
  public static Tensor thinned(Transitions transitions, Tensor windows, int most, int successes) {
    if (windows.size(0) <= most) {
      return windows;
    }
    Tensor success = transitions.succeeded(windows);
    Tensor positive = drawn(Torch.positions(success), successes);
    Tensor negative = drawn(Torch.positions(success.logical_not()), most - positive.size(0));
    return windows.index_select(0, Torch.cat(0, positive, negative));
  }

  /**
   * Frames of the windows at these places, [B, K, 3, H, W] uint8.
   *
   * @param asImagined which of them are the predicted ones [B], bool
   * @param predicted this rank's share of the predicted ones
   */
  Tensor pixels(Tensor at, Tensor asImagined, Share predicted) {
    return switch (imagined) {
      case Imagined.Stored(Tensor pixels) ->
          torch.where(
              Compute.onDevice(asImagined.view(-1, 1, 1, 1, 1)),
              Compute.onDevice(pixels.index_select(0, at)),
              recorded(at));
      case Imagined.AsNeeded(WorldModel worldModel, FrameVae vae) -> {
        Tensor places = Torch.positions(asImagined);
        Tensor recorded = recorded(at);
        if (predicted.all() == 0) {
          yield recorded;
        }
        // Where none of these rows is predicted, one is all the same: it draws the batch's numbers.
        Share drawn = predicted.count() > 0 ? predicted : new Share(predicted.all(), 0, 1);
        Tensor some = predicted.count() > 0 ? places : Torch.range(0, 1);
        Tensor wanted = windows.index_select(0, at.index_select(0, some));
        Tensor pixels = Torch.noGrad(() -> predicted(transitions, wanted, worldModel, vae, drawn));
        yield recorded.index_copy(
            0, Compute.onDevice(places), pixels.narrow(0, 0, predicted.count()));
      }
    };
  }

  /** Recorded frames of the windows at these places, [B, K, 3, H, W] uint8. */
  Tensor recorded(Tensor at) {
    return Compute.onDevice(
        transitions.data().frames().rows(transitions.nextFrames(windows.index_select(0, at))));
  }

  /** Tasks of the windows at these places, [B]. */
  Tensor task(Tensor at) {
    Tensor episode = windows.select(1, 0).index_select(0, at);
    return transitions.data().task().index_select(0, episode);
  }

  public void close() {
    List.of(windows, label, positives, negatives).forEach(Tensor::close);
    if (imagined instanceof Imagined.Stored(Tensor pixels)) {
      pixels.close();
    }
  }

  private static Tensor drawn(Tensor places, long most) {
    Tensor order = torch.randperm(places.size(0));
    return places.index_select(0, order.narrow(0, 0, Math.min(most, places.size(0))));
  }
}
