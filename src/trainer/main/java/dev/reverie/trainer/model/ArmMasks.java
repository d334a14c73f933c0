package dev.reverie.trainer.model;

import dev.reverie.arm.ArmBodies;
import dev.reverie.arm.ArmSilhouette;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rollout.JointNames;
import dev.reverie.trainer.data.ArmSight;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/** Masks of where on the canvas an arm is to be seen, of the latents' cells. For one thread. */
public final class ArmMasks {
  private final int joints;
  private final int height;
  private final int width;
  private final List<View> views;

  /** A camera's view, and its place on the canvas, in cells. */
  private record View(ArmSilhouette silhouette, Canvas.View place) {}

  /** Prepares to draw an arm for a policy's cameras. */
  public ArmMasks(ArmSight sight, BundleSpec spec) {
    Canvas canvas = Canvas.of(spec.cameras());
    joints = spec.jointNames().size();
    height = canvas.height() / FrameVae.CELL;
    width = canvas.width() / FrameVae.CELL;
    JointNames names = new JointNames(sight.names(), sight.prefix());
    ArmBodies bodies = ArmBodies.of(sight.urdf(), names, spec.jointNames());
    views =
        canvas.views().stream()
            .map(
                view ->
                    new View(
                        new ArmSilhouette(
                            bodies,
                            Objects.requireNonNull(sight.eyes().get(view.camera())),
                            camera(spec, view.camera()),
                            FrameVae.CELL),
                        view.dividedBy(FrameVae.CELL)))
            .toList();
  }

  private static BundleSpec.Camera camera(BundleSpec spec, String name) {
    return spec.cameras().stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }

  /**
   * Draws the arm.
   *
   * @param positions of the joints [B, F, J], rad or m
   * @return share of each cell that it covers, 0 to 1 [B, F, 1, h, w]
   */
  Tensor of(Tensor positions) {
    long batch = positions.size(0);
    long frames = positions.size(1);
    double[] values = Torch.doubles(positions);
    float[] masks = new float[(int) (batch * frames) * height * width];
    for (int frame = 0; frame < batch * frames; frame++) {
      double[] at = Arrays.copyOfRange(values, frame * joints, (frame + 1) * joints);
      for (View view : views) {
        put(view, at, masks, frame * height * width);
      }
    }
    return Compute.onDevice(Torch.of(masks, batch, frames, 1, height, width));
  }

  private void put(View view, double[] at, float[] masks, int first) {
    byte[] covered = view.silhouette.at(at);
    for (int i = 0; i < covered.length; i++) {
      int row = view.place.y() + i / view.place.width();
      int column = view.place.x() + i % view.place.width();
      masks[first + row * width + column] = (covered[i] & 0xff) / 255f;
    }
  }
}
