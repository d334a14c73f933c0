package dev.reverie.trainer.imagination;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.OpenLoopReplay;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Draws recorded beside imagined, for people to look at: one PNG an episode, time from left to
 * right, a row for each way that the episode goes on from the same first frame. Cells are frames in
 * their own size, so a cell can be cut out without loss. A film of each shows the rows side by
 * side.
 *
 * <p>{@code index.json} says {@code {"cell_width", "cell_height", "rows": [names], "episodes":
 * [{"file", "film", "episode", "instruction", "success", "steps", "columns"}]}}; after its end a
 * row stands still.
 */
public final class Filmstrips {
  private static final int EPISODES = 8;
  private static final List<String> ROWS =
      List.of(
          "recorded",
          "recorded actions in the world model",
          "policy before practice, imagined",
          "policy after practice, imagined");

  private Filmstrips() {}

  /**
   * Writes a few episodes.
   *
   * @param folder made if needed
   */
  public static void write(
      Path folder,
      Transitions episodes,
      FrameVae vae,
      WorldModel worldModel,
      Imagination imagination,
      TrainablePolicy before,
      TrainablePolicy after) {
    try (var _ = new PointerScope()) {
      // Every so many, so that successes and failures are among them.
      int stride = Math.max(1, episodes.data().episodes() / EPISODES);
      Tensor at =
          torch.arange(
              new Scalar(0L),
              new Scalar((long) episodes.data().episodes()),
              new Scalar((long) stride));
      Transitions shown =
          new Transitions(
              episodes.data().subset(at),
              episodes.latents().subset(at),
              episodes.horizon(),
              episodes.stride());
      Tensor replayed = OpenLoopReplay.of(shown, vae, worldModel);
      standStill(replayed, Torch.longs(shown.data().steps()));
      Tensor rows =
          Torch.stack(
              1,
              shown.data().frames().all(),
              replayed,
              watch(imagination, before, shown),
              watch(imagination, after, shown)); // [N, rows, T+1, 3, H, W]
      Ranks.world().once(() -> write(folder, shown.data(), rows));
      replayed.close();
      shown.data().close();
    }
  }

  /**
   * Frames of rollouts from the first frame of each episode, one each.
   *
   * @return [N, T+1, 3, H, W], uint8; after its end a rollout stands still
   */
  private static Tensor watch(
      Imagination imagination, TrainablePolicy policy, Transitions episodes) {
    Tensor video = Torch.keep(episodes.data().frames().all());
    RolloutStarts starts =
        RolloutStarts.Pool.all(episodes, episodes.data().horizon()).beginnings(1);
    imagination.reset(starts, Share.whole(starts.count()), policy.ages());
    var player = new RolloutPlayer(imagination, policy, 1);
    video.copy_(video.narrow(1, 0, 1).expand_as(video).clone());
    long executed = imagination.executed();
    for (long t = 1; !imagination.done(); t += executed) {
      try (var _ = new PointerScope()) {
        Imagination.Observation observation = imagination.observe();
        Tensor clips = imagination.step(player.act(observation).actions());
        long left = video.size(1) - t - executed;
        Tensor last = clips.narrow(1, executed - 1, 1);
        Tensor still = last.expand(-1, left, -1, -1, -1);
        video
            .narrow(1, t, video.size(1) - t)
            .index_copy_(
                0, Compute.onCpu(observation.at()), Compute.onCpu(Torch.cat(1, clips, still)));
      }
    }
    return video;
  }

  /**
   * Repeats the frame at an episode's end: what the world model makes of later actions means
   * nothing.
   */
  private static void standStill(Tensor frames, long[] steps) {
    for (int n = 0; n < steps.length; n++) {
      Tensor after = frames.select(0, n).narrow(0, steps[n], frames.size(1) - steps[n]);
      after.copy_(after.narrow(0, 0, 1).clone().expand_as(after));
    }
  }

  private static void write(Path folder, Dataset data, Tensor rows) {
    try {
      drawn(folder, data, rows);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the filmstrips to " + folder, e);
    }
  }

  private static void drawn(Path folder, Dataset data, Tensor rows) throws IOException {
    Files.createDirectories(folder);
    ObjectMapper json = new ObjectMapper();
    ObjectNode index =
        json.createObjectNode().put("cell_width", rows.size(5)).put("cell_height", rows.size(4));
    ROWS.forEach(index.putArray("rows")::add);
    ArrayNode list = index.putArray("episodes");
    long[] steps = Torch.longs(data.steps());
    long[] success = Torch.longs(data.success());
    long[] instruction = Torch.longs(data.instruction());
    for (int n = 0; n < data.episodes(); n++) {
      String file = "%02d.png".formatted(n);
      ImageIO.write(image(rows.select(0, n)), "png", folder.resolve(file).toFile());
      String film = "%02d.webp".formatted(n);
      Film.write(folder.resolve(film), rows.select(0, n));
      list.addObject()
          .put("file", file)
          .put("film", film)
          .put("episode", data.ids().get(n))
          .put("instruction", data.texts().get((int) instruction[n]))
          .put("success", success[n] != 0)
          .put("steps", steps[n])
          .put("columns", rows.size(2));
    }
    json.writerWithDefaultPrettyPrinter().writeValue(folder.resolve("index.json").toFile(), index);
  }

  /** [rows, T+1, 3, H, W] to one picture. */
  private static BufferedImage image(Tensor rows) {
    int height = (int) (rows.size(0) * rows.size(3));
    int width = (int) (rows.size(1) * rows.size(4));
    // [rows, H, T+1, W, 3]: pixels in the picture's order.
    byte[] rgb = Torch.bytes(rows.permute(0, 3, 1, 4, 2));
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0, i = 0; y < height; y++) {
      for (int x = 0; x < width; x++, i += 3) {
        int color = (rgb[i] & 255) << 16 | (rgb[i + 1] & 255) << 8 | (rgb[i + 2] & 255);
        image.setRGB(x, y, color);
      }
    }
    return image;
  }
}
