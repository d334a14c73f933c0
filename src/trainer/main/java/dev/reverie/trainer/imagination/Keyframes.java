package dev.reverie.trainer.imagination;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Preprocess;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The real frames of one episode at which imagined rollouts may start: its chunk boundaries.
 *
 * @param id of the episode
 * @param steps of the episode
 * @param context latents of the frame before and the frame at each boundary, [M, 2, C, h, w]; the
 *     first frame stands twice
 */
public record Keyframes(String id, String instruction, int steps, Tensor context) {

  /** Reads a bag; its outcome does not matter. */
  public static Keyframes read(Path bag, BundleSpec spec, FrameVae vae) {
    BundleSpec.Camera camera = spec.cameras().getFirst();
    EpisodeReader reader = EpisodeReader.open(bag, Alignment.DEFAULT, Preprocess::decode);
    Episode episode = reader.read();
    int horizon = spec.chunk().horizon();
    int steps = episode.steps().size();
    var preprocess =
        new Preprocess(
            camera, camera.rectify() ? reader.calibration(camera.name()) : Optional.empty());
    try (var _ = new PointerScope()) {
      List<Tensor> contexts = new ArrayList<>();
      for (int t = 0; t < steps; t += horizon) {
        Tensor before = frame(episode, Math.max(0, t - 1), camera, preprocess);
        Tensor now = frame(episode, t, camera, preprocess);
        Tensor images = Dataset.normalised(Torch.stack(0, before, now)); // [2, 3, H, W]
        contexts.add(Torch.noGrad(() -> vae.encode(images)));
      }
      Tensor context = Torch.keep(Torch.stack(0, contexts.toArray(Tensor[]::new)));
      return new Keyframes(episode.id(), episode.instruction(), steps, context);
    }
  }

  /** M. */
  public int count() {
    return (int) context.size(0);
  }

  /** [3, H, W], uint8. */
  private static Tensor frame(
      Episode episode, int t, BundleSpec.Camera camera, Preprocess preprocess) {
    CameraImage image = episode.observation(t).images().get(camera.name());
    if (image == null) {
      throw new TrainerException(
          "%s has the cameras %s, and the policy sees '%s'"
              .formatted(episode.bag(), episode.cameras(), camera.name()));
    }
    return Torch.of(preprocess.apply(image), camera.height(), camera.width(), 3).permute(2, 0, 1);
  }
}
