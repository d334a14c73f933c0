package dev.reverie.trainer.data;

import dev.reverie.mcap.McapMessage;
import dev.reverie.mcap.McapReader;
import dev.reverie.mcap.McapSchema;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.builtin_interfaces.Duration;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.rollout.RolloutWriter;
import dev.reverie.trainer.nn.Torch;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;

/** Writes the episodes of {@link Examples} as the robot node records them. */
public final class Bags {
  private static final long PERIOD = 100_000_000;

  private Bags() {}

  /** One bag an episode: {@code <folder>/<id>}. */
  public static void write(Path folder, Dataset data, List<String> joints, int horizon) {
    long[] steps = Torch.longs(data.steps());
    long[] success = Torch.longs(data.success());
    long[] instruction = Torch.longs(data.instruction());
    for (int n = 0; n < data.episodes(); n++) {
      write(
          folder,
          data,
          n,
          (int) steps[n],
          success[n] != 0 ? Outcome.SUCCESS : Outcome.FAILURE,
          data.texts().get((int) instruction[n]),
          joints,
          horizon);
    }
  }

  public static void write(
      Path folder,
      Dataset data,
      int n,
      int steps,
      byte outcome,
      String instruction,
      List<String> joints,
      int horizon) {
    String id = data.ids().get(n);
    byte[] pixels = Torch.bytes(data.frames().range(n, 1).all().select(0, 0).permute(0, 2, 3, 1));
    float[] positions = Torch.floats(data.joints().select(0, n));
    float[] actions = Torch.floats(data.actions().select(0, n));
    int side = data.frames().width();
    int dimensions = (int) data.actions().size(2);
    try (RolloutWriter writer = RolloutWriter.open(folder, id)) {
      Episode episode =
          new Episode()
              .withHeader(header(0))
              .withEvent(Episode.BEGUN)
              .withEpisodeId(id)
              .withInstruction(instruction)
              .withSource("policy")
              .withTemperature(1);
      put(writer, "/robot/episode", Episode.TYPE, episode, 0);
      put(writer, "/camera/camera_info", CameraInfo.TYPE, lens(side), 0);
      for (int t = 0; t <= steps; t++) {
        double[] measured = new double[joints.size()];
        for (int j = 0; j < measured.length; j++) {
          measured[j] = positions[t * measured.length + j];
        }
        int size = side * side * 3;
        byte[] image = Arrays.copyOfRange(pixels, t * size, (t + 1) * size);
        put(
            writer,
            "/camera/image_raw",
            Image.TYPE,
            new Image(header(t), side, side, "rgb8", (byte) 0, 3 * side, image),
            t);
        put(
            writer,
            "/joint_states",
            JointState.TYPE,
            new JointState(header(t), joints, measured, new double[0], new double[0]),
            t);
        if (t == steps) {
          continue;
        }
        if (t % horizon == 0) {
          float[] chunk = Arrays.copyOfRange(actions, t * dimensions, (t + horizon) * dimensions);
          ActionChunk message =
              new ActionChunk()
                  .withHeader(header(t))
                  .withEpisodeId(id)
                  .withIndex(t / horizon)
                  .withSource("policy")
                  .withPeriod(new Duration(0, (int) PERIOD))
                  .withHorizon(horizon)
                  .withActionDim(dimensions)
                  .withActions(chunk)
                  .withTemperature(1);
          put(writer, "/robot/action_chunk", ActionChunk.TYPE, message, t);
        }
        Command command =
            new Command(
                header(t),
                id,
                t,
                t / horizon,
                t % horizon,
                "policy",
                joints,
                measured,
                measured,
                List.of());
        put(writer, "/robot/command", Command.TYPE, command, t);
      }
      Outcome end = new Outcome(header(steps), outcome, "simulated_arm", "");
      put(
          writer,
          "/robot/episode",
          Episode.TYPE,
          episode.withEvent(Episode.ENDED).withOutcome(end),
          steps);
    }
  }

  /** Copies a bag with its pictures as PNG, as a camera's image transport publishes them. */
  static void compress(Path bag, Path folder) throws IOException {
    String id = String.valueOf(bag.getFileName());
    try (McapReader reader = McapReader.open(bag.resolve(id + "_0.mcap"));
        RolloutWriter writer = RolloutWriter.open(folder, id)) {
      for (McapMessage message : reader.messages()) {
        McapSchema schema = reader.schema(message.channel()).orElseThrow();
        String topic = message.channel().topic();
        if (schema.name().equals(Image.TYPE.name())) {
          Image raw = Image.TYPE.decode(message.data());
          CompressedImage png = new CompressedImage(raw.header(), "rgb8; png", png(raw));
          writer.write(
              topic + "/compressed",
              CompressedImage.TYPE.name(),
              CompressedImage.TYPE.definition(),
              message.logNanos(),
              message.publishNanos(),
              CompressedImage.TYPE.encode(png));
        } else {
          writer.write(
              topic,
              schema.name(),
              new String(schema.data(), StandardCharsets.UTF_8),
              message.logNanos(),
              message.publishNanos(),
              message.data());
        }
      }
    }
  }

  private static byte[] png(Image raw) throws IOException {
    var picture = new BufferedImage(raw.width(), raw.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = raw.data();
    for (int i = 0; i < raw.width() * raw.height(); i++) {
      int color = (rgb[3 * i] & 255) << 16 | (rgb[3 * i + 1] & 255) << 8 | rgb[3 * i + 2] & 255;
      picture.setRGB(i % raw.width(), i / raw.width(), color);
    }
    var bytes = new ByteArrayOutputStream();
    ImageIO.write(picture, "png", bytes);
    return bytes.toByteArray();
  }

  private static <T> void put(
      RolloutWriter writer, String topic, MessageType<T> type, T message, int t) {
    long stamp = nanos(t);
    writer.write(topic, type.name(), type.definition(), stamp, stamp, type.encode(message));
  }

  /** Of a camera that distorts nothing. */
  private static CameraInfo lens(int side) {
    double middle = (side - 1) / 2.;
    return new CameraInfo()
        .withHeader(header(0))
        .withWidth(side)
        .withHeight(side)
        .withDistortionModel("plumb_bob")
        .withD(new double[5])
        .withK(new double[] {side, 0, middle, 0, side, middle, 0, 0, 1});
  }

  private static Header header(int t) {
    long nanos = nanos(t);
    return new Header(new Time((int) (nanos / 1_000_000_000), (int) (nanos % 1_000_000_000)), "");
  }

  private static long nanos(int t) {
    return 5_000_000_000L + t * PERIOD;
  }
}
