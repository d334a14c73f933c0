package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Course;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Tells a world model of the arm, as far as the settings ask for it: a joint head where its joints
 * will be, and a drawing where it is to be seen then.
 */
record Teller(WorldModel.Config config, Optional<JointHead> head, Optional<ArmMasks> arm) {
  static Teller none(WorldModel.Config config) {
    return new Teller(config, Optional.empty(), Optional.empty());
  }

  Teller with(JointHead other) {
    return new Teller(config, Optional.of(other), arm);
  }

  Teller with(ArmMasks other) {
    return new Teller(config, head, Optional.of(other));
  }

  /** Returns what is known of actions before their frames are imagined. */
  Course ahead(Context past, Tensor actions) {
    return config.joints()
        ? new Course(actions, joints().foretold(past.joints(), past.led(), actions))
        : Course.of(actions);
  }

  /**
   * Returns what is known of actions once their frames were imagined.
   *
   * @param next latents of these [B, E, C, h, w]
   * @param taken the actions [B, E, D]
   */
  Course seen(Context past, Tensor next, Tensor taken) {
    return config.joints()
        ? new Course(taken, joints().after(past.joints(), past.led(), taken, next, next.size(1)))
        : Course.of(taken);
  }

  private JointHead joints() {
    return head.orElseThrow(() -> new IllegalStateException("nobody tells of the joints"));
  }

  /**
   * Returns where the arm is in the frames of the past and in those that come, share of each cell
   * [B, S + K, V, h, w]; V is 0 where it is not drawn.
   */
  Tensor masks(Context past, Course course) {
    Tensor frames = past.frames();
    if (!config.silhouette()) {
      long all = frames.size(1) + course.actions().size(1);
      return Compute.onDevice(
          Torch.zeros(Float, frames.size(0), all, 0, frames.size(3), frames.size(4)));
    }
    return arm.orElseThrow(() -> new IllegalStateException("nobody draws the arm"))
        .of(Torch.cat(1, past.joints(), course.joints()));
  }
}
