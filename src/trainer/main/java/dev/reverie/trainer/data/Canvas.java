package dev.reverie.trainer.data;

import dev.reverie.policy.BundleSpec;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * One picture with the views of all cameras, beside or below each other, whichever is smaller; what
 * no view covers is black. One camera's view is the whole of it. The networks that imagine have
 * such pictures, and latents laid out alike; auto-encoder and policy see each view by itself.
 *
 * @param views in the order of the policy's cameras
 * @param width pixels
 * @param height pixels
 */
public record Canvas(List<View> views, int width, int height) {
  /** Sides of a view are multiples of it: the auto-encoder halves twice, the world model again. */
  private static final int STEP = 8;

  /** Pixels of a view's side at most. */
  private static final int MOST = 256;

  public Canvas {
    views = List.copyOf(views);
  }

  /**
   * The place of one camera's view.
   *
   * @param x of its left side, pixels or latent cells
   * @param y of its upper side
   */
  public record View(String camera, int x, int y, int width, int height) {
    /** Cuts the view out of pictures or latents [..., H, W], without a copy. */
    public Tensor of(Tensor whole) {
      return whole.narrow(-2, y, height).narrow(-1, x, width);
    }

    /** The same in a smaller picture. */
    public View dividedBy(int by) {
      return new View(camera, x / by, y / by, width / by, height / by);
    }
  }

  /**
   * Lays out the views of a policy's cameras.
   *
   * @throws TrainerException where a size is none that the networks can take
   */
  public static Canvas of(List<BundleSpec.Camera> cameras) {
    if (cameras.isEmpty()) {
      throw new TrainerException(
          "the policy has no camera, and the world model imagines pictures; give it one");
    }
    cameras.forEach(Canvas::check);
    Canvas beside = row(cameras);
    Canvas below = column(cameras);
    return (long) below.width * below.height < (long) beside.width * beside.height ? below : beside;
  }

  /** Pixels of the whole. */
  public int pixels() {
    return width * height;
  }

  /** Returns whether one view is all that there is. */
  public boolean isOneView() {
    return views.size() == 1;
  }

  /**
   * Puts pictures or latents of the views in their places.
   *
   * @param parts [B, C, h, w] of each view
   * @param by pixels of the canvas to one of theirs
   * @param rest what stands where no view is
   * @return [B, C, height / by, width / by]
   */
  public Tensor joined(List<Tensor> parts, int by, double rest) {
    if (isOneView()) {
      return parts.getFirst();
    }
    Tensor first = parts.getFirst();
    Tensor whole =
        Compute.onDevice(Torch.full(rest, first.size(0), first.size(1), height / by, width / by));
    for (int i = 0; i < parts.size(); i++) {
      views.get(i).dividedBy(by).of(whole).copy_(parts.get(i));
    }
    return whole;
  }

  private static Canvas row(List<BundleSpec.Camera> cameras) {
    List<View> views = new ArrayList<>();
    int width = 0;
    for (BundleSpec.Camera camera : cameras) {
      views.add(new View(camera.name(), width, 0, camera.width(), camera.height()));
      width += camera.width();
    }
    return new Canvas(
        views, width, cameras.stream().mapToInt(BundleSpec.Camera::height).max().orElse(0));
  }

  private static Canvas column(List<BundleSpec.Camera> cameras) {
    List<View> views = new ArrayList<>();
    int height = 0;
    for (BundleSpec.Camera camera : cameras) {
      views.add(new View(camera.name(), 0, height, camera.width(), camera.height()));
      height += camera.height();
    }
    return new Canvas(
        views, cameras.stream().mapToInt(BundleSpec.Camera::width).max().orElse(0), height);
  }

  private static void check(BundleSpec.Camera camera) {
    if (!fits(camera.width()) || !fits(camera.height())) {
      throw new TrainerException(
          "camera '%s' is %dx%d; the world model needs multiples of %d pixels, up to %d: give others in the task file (--task), or in the arm file before recording"
              .formatted(camera.name(), camera.width(), camera.height(), STEP, MOST));
    }
  }

  private static boolean fits(int side) {
    return side % STEP == 0 && side <= MOST;
  }
}
