package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Course;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;

/** The network inside a world model: says the target of the flow from noisy frames. */
public sealed interface Backbone permits UNet, Transformer, GraphBackbone {
  /**
   * Takes in what stays the same over the flow times of a sample.
   *
   * @param past with its noise
   * @param course of the chunk
   * @param masks where the arm is in the frames of the past and in those that come, share of each
   *     cell [B, S + K, V, h, w]; V is 1, or 0 where that is not drawn
   * @param level of the noise in the past [B]
   */
  Given given(Context past, Course course, Tensor masks, Tensor level);

  /**
   * Returns what is told of each step: its action and the sum of all so far, where the joints are
   * after it and how far that is from where they are now, [B, K, 2 D + 2 J].
   *
   * @param now joints in the newest frame [B, 1, J], rad
   */
  static Tensor told(Course course, Tensor now) {
    Tensor moved = Torch.times(course.joints().sub(now), 1 / JointDynamics.STEP_RAD);
    return Torch.cat(-1, course.actions(), course.actions().cumsum(1), course.joints(), moved);
  }

  /**
   * Numbers of it.
   *
   * @param dimensions D
   * @param joints J
   */
  static long told(int dimensions, int joints) {
    return 2L * dimensions + 2L * joints;
  }

  /** The network with past and actions taken in. */
  @FunctionalInterface
  interface Given {
    /**
     * Says the target.
     *
     * @param z frames with noise [B, K, C, h, w]
     * @param tau share of noise in z [B], 1 = noise alone
     * @return [B, K, C, h, w]
     */
    Tensor predict(Tensor z, Tensor tau);
  }

  /** The networks that there are. */
  enum Kind {
    /** Convolutions on two levels; the frames are channels of one picture. */
    UNET,
    /** Attention over the patches of a frame and over the frames before it, as in WMPO. */
    TRANSFORMER;

    /** Refuses sizes that its network cannot have, by the names of their settings. */
    void check(int width, int embedding, int depth, int heads, int patch) {
      Check.size("worldModel.width", width, Check.WIDEST);
      Check.that(width % 8 == 0, "worldModel.width", width, "a multiple of 8");
      Check.size("worldModel.embedding", embedding, Check.WIDEST);
      Check.size("worldModel.depth", depth, 1000);
      Check.that(
          heads > 0 && (this == UNET || width % (2 * heads) == 0),
          "worldModel.heads",
          heads,
          "1 or more, and twice of it a divisor of worldModel.width, which is " + width);
      Check.size("worldModel.patch", patch, Check.WIDEST);
    }
  }

  /** The blocks in which scale and shift of a new frame are those of its own action. */
  enum Modulation {
    /** The U-Net's last layer; the transformer's spatial blocks, as in WMPO's code. */
    SOME_BLOCKS,
    /** Every block, as both papers write it. */
    EVERY_BLOCK;

    /** Pictures of a sample that go side by side through the blocks of the {@link UNet}. */
    int pictures(int horizon) {
      return this == EVERY_BLOCK ? horizon : 1;
    }
  }
}
