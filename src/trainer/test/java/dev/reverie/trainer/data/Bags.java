package dev.reverie.trainer.data;

import dev.reverie.mcap.McapMessage;
import dev.reverie.mcap.McapReader;
import dev.reverie.mcap.McapSchema;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.EpisodeHead;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeWriter;
import dev.reverie.rollout.RolloutTopic;
import dev.reverie.rollout.RolloutWriter;
import dev.reverie.testing.Pictures;
import dev.reverie.trainer.nn.Torch;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Tensor;

/** Writes the episodes of {@link Examples} as the robot node records them. */
public final class Bags {
  private static final long PERIOD_NANOS = 100_000_000;

  private Bags() {}

  /** One bag an episode: {@code <folder>/<id>}. */
  public static void write(Path folder, Dataset data, List<String> joints, int horizon) {
    write(folder, data, joints, horizon, "");
  }

  /**
   * One bag an episode: {@code <folder>/<id>}.
   *
   * @param configuration of the node that recorded them, JSON
   */
  public static void write(
      Path folder, Dataset data, List<String> joints, int horizon, String configuration) {
    write(folder, data, joints, horizon, configuration, Examples.canvas());
  }

  /** The same of several cameras. */
  public static void write(
      Path folder,
      Dataset data,
      List<String> joints,
      int horizon,
      String configuration,
      Canvas canvas) {
    long[] steps = Torch.longs(data.steps());
    long[] success = Torch.longs(data.success());
    long[] instruction = Torch.longs(data.instruction());
    for (int n = 0; n < data.episodes(); n++) {
      write(
          folder,
          data,
          n,
          (int) steps[n],
          success[n] != 0 ? EpisodeOutcome.Kind.SUCCESS : EpisodeOutcome.Kind.FAILURE,
          data.texts().get((int) instruction[n]),
          joints,
          horizon,
          configuration,
          canvas);
    }
  }

  public static void write(
      Path folder,
      Dataset data,
      int n,
      int steps,
      EpisodeOutcome.Kind outcome,
      String instruction,
      List<String> joints,
      int horizon) {
    write(folder, data, n, steps, outcome, instruction, joints, horizon, "", Examples.canvas());
  }

  private static void write(
      Path folder,
      Dataset data,
      int n,
      int steps,
      EpisodeOutcome.Kind outcome,
      String instruction,
      List<String> joints,
      int horizon,
      String configuration,
      Canvas canvas) {
    String id = data.ids().get(n);
    Tensor pictures = data.frames().range(n, 1).all().select(0, 0).permute(0, 2, 3, 1);
    Map<String, byte[]> pixels = new LinkedHashMap<>();
    canvas
        .views()
        .forEach(
            view ->
                pixels.put(
                    view.camera(),
                    Torch.bytes(
                        pictures
                            .narrow(1, view.y(), view.height())
                            .narrow(2, view.x(), view.width()))));
    float[] positions = Torch.floats(data.joints().select(0, n));
    float[] actions = Torch.floats(data.actions().select(0, n));
    int dimensions = (int) data.actions().size(2);
    String policy = data.policies().get(n);
    EpisodeHead head =
        new EpisodeHead(id, instruction, Command.POLICY, policy, 1, 0, joints, "", PERIOD_NANOS);
    try (EpisodeWriter writer = EpisodeWriter.begin(folder, head, stampNanos(0), configuration)) {
      for (Canvas.View view : canvas.views()) {
        writer.write(
            RolloutTopic.cameraInfo(view.camera()),
            stampNanos(0),
            undistorted(view.camera(), view.width(), view.height()));
      }
      writer.write(
          RolloutTopic.ROBOT_DESCRIPTION,
          stampNanos(0),
          new dev.reverie.msgs.std_msgs.String(Examples.URDF));
      for (int t = 0; t <= steps; t++) {
        double[] measured = new double[joints.size()];
        for (int j = 0; j < measured.length; j++) {
          measured[j] = positions[t * measured.length + j];
        }
        writer.observe(stampNanos(t), measured, images(canvas, pixels, t));
        if (t < steps && t % horizon == 0) {
          float[] chunk = Arrays.copyOfRange(actions, t * dimensions, (t + horizon) * dimensions);
          writer.chunk(stampNanos(t), horizon, chunk);
        }
        if (t < steps) {
          writer.step(stampNanos(t), measured, measured);
        }
      }
      writer.end(
          new EpisodeOutcome(outcome, stampNanos(steps), "simulated_arm", ""), stampNanos(steps));
    }
  }

  private static Map<String, CameraImage> images(Canvas canvas, Map<String, byte[]> pixels, int t) {
    Map<String, CameraImage> images = new LinkedHashMap<>();
    for (Canvas.View view : canvas.views()) {
      int size = view.width() * view.height() * 3;
      byte[] all = Objects.requireNonNull(pixels.get(view.camera()));
      byte[] image = Arrays.copyOfRange(all, t * size, (t + 1) * size);
      images.put(view.camera(), new CameraImage(view.width(), view.height(), image));
    }
    return images;
  }

  /** Copies a bag without the pictures of this frame. */
  static void blind(Path bag, Path folder, int... frames) {
    String id = String.valueOf(bag.getFileName());
    try (McapReader reader = McapReader.open(bag.resolve(id + "_0.mcap"));
        RolloutWriter writer = RolloutWriter.open(folder, id)) {
      for (McapMessage message : reader.messages()) {
        McapSchema schema = reader.schema(message.channel()).orElseThrow();
        String definition = new String(schema.data(), StandardCharsets.UTF_8);
        boolean picture = schema.name().equals(Image.TYPE.name());
        long stamp = message.logNanos();
        if (!picture || Arrays.stream(frames).noneMatch(t -> stamp == stampNanos(t))) {
          writer.write(
              new Rosbag2Topic(message.channel().topic(), schema.name(), definition),
              message.logNanos(),
              message.publishNanos(),
              message.data());
        }
      }
    }
  }

  /** Copies a bag as if each chunk after the first had come one action late. */
  public static void delay(Path bag, Path folder) {
    copy(bag, folder, (type, data) -> List.of(late(type, data)));
  }

  /** Copies a bag as if a person had taken over after the first chunk. */
  static void takeOver(Path bag, Path folder) {
    copy(
        bag,
        folder,
        (type, data) -> {
          if (!type.equals(Command.TYPE.name())) {
            return List.of(data);
          }
          Command command = Command.TYPE.decode(data);
          Command taken = command.chunk() == 0 ? command : command.withSource(Command.TELEOP);
          return List.of(MemorySegment.ofArray(Command.TYPE.encode(taken)));
        });
  }

  /** Copies a bag as if another policy had been swapped in after the first chunk. */
  static void swap(Path bag, Path folder, String other) {
    copy(
        bag,
        folder,
        (type, data) -> {
          if (!type.equals(ActionChunk.TYPE.name())) {
            return List.of(data);
          }
          ActionChunk chunk = ActionChunk.TYPE.decode(data);
          ActionChunk made = chunk.index() == 0 ? chunk : chunk.withPolicyId(other);
          return List.of(MemorySegment.ofArray(ActionChunk.TYPE.encode(made)));
        });
  }

  /**
   * Copies a bag as if each chunk after the first had been asked for one action early, and what was
   * carried out were what it and the one before agreed on.
   */
  static void blend(Path bag, Path folder) {
    copy(bag, folder, Bags::blended);
  }

  /** Copies a bag as if its cameras had longer lenses. */
  static void zoom(Path bag, Path folder) {
    copy(bag, folder, (type, data) -> List.of(zoomed(type, data)));
  }

  /** Copies a bag as if its arm lifted in another direction. */
  static void rebuild(Path bag, Path folder) {
    copy(bag, folder, (type, data) -> List.of(rebuilt(type, data)));
  }

  private static MemorySegment rebuilt(String type, MemorySegment data) {
    MessageType<dev.reverie.msgs.std_msgs.String> text = dev.reverie.msgs.std_msgs.String.TYPE;
    if (!type.equals(text.name()) || !text.decode(data).data().contains("<robot")) {
      return data;
    }
    String urdf = Examples.URDF.replace("<axis xyz=\"0 -1 0\"/>", "<axis xyz=\"0 0 1\"/>");
    return MemorySegment.ofArray(text.encode(new dev.reverie.msgs.std_msgs.String(urdf)));
  }

  private static MemorySegment zoomed(String type, MemorySegment data) {
    if (!type.equals(CameraInfo.TYPE.name())) {
      return data;
    }
    CameraInfo info = CameraInfo.TYPE.decode(data);
    double[] k = info.k().clone();
    k[0] *= 2;
    k[4] *= 2;
    return MemorySegment.ofArray(CameraInfo.TYPE.encode(info.withK(k)));
  }

  private static void copy(
      Path bag, Path folder, BiFunction<String, MemorySegment, List<MemorySegment>> change) {
    String id = String.valueOf(bag.getFileName());
    try (McapReader reader = McapReader.open(bag.resolve(id + "_0.mcap"));
        RolloutWriter writer = RolloutWriter.open(folder, id)) {
      for (McapMessage message : reader.messages()) {
        McapSchema schema = reader.schema(message.channel()).orElseThrow();
        Rosbag2Topic topic =
            new Rosbag2Topic(
                message.channel().topic(),
                schema.name(),
                new String(schema.data(), StandardCharsets.UTF_8));
        for (MemorySegment data : change.apply(schema.name(), message.data())) {
          writer.write(topic, message.logNanos(), message.publishNanos(), data);
        }
      }
    }
  }

  private static List<MemorySegment> blended(String type, MemorySegment data) {
    if (type.equals(Command.TYPE.name())) {
      Command command = Command.TYPE.decode(data);
      return List.of(
          MemorySegment.ofArray(Command.TYPE.encode(command.withChunk(2 * command.chunk()))));
    }
    if (type.equals(ActionChunk.TYPE.name())) {
      ActionChunk chunk = ActionChunk.TYPE.decode(data);
      long seen = Stamps.nanos(chunk.header().stamp()) - Stamps.nanos(chunk.period());
      ActionChunk asked =
          chunk
              .withIndex(2 * chunk.index() - 1)
              .withHeader(chunk.header().withStamp(Stamps.time(seen)));
      ActionChunk mixed = chunk.withIndex(2 * chunk.index()).withObservationStamps(List.of());
      return chunk.index() == 0
          ? List.of(data)
          : List.of(
              MemorySegment.ofArray(ActionChunk.TYPE.encode(asked)),
              MemorySegment.ofArray(ActionChunk.TYPE.encode(mixed)));
    }
    return List.of(data);
  }

  private static MemorySegment late(String type, MemorySegment data) {
    if (type.equals(Command.TYPE.name())) {
      Command command = Command.TYPE.decode(data);
      return MemorySegment.ofArray(
          Command.TYPE.encode(
              command.chunk() == 0 ? command : command.withAction(command.action() + 1)));
    }
    if (type.equals(ActionChunk.TYPE.name())) {
      ActionChunk chunk = ActionChunk.TYPE.decode(data);
      float[] actions = new float[chunk.actions().length + chunk.actionDim()];
      System.arraycopy(chunk.actions(), 0, actions, chunk.actionDim(), chunk.actions().length);
      return MemorySegment.ofArray(
          ActionChunk.TYPE.encode(
              chunk.index() == 0
                  ? chunk
                  : chunk.withHorizon(chunk.horizon() + 1).withActions(actions)));
    }
    return data;
  }

  /** Copies a bag with its pictures as PNG, as a camera's image transport publishes them. */
  static void compress(Path bag, Path folder) {
    String id = String.valueOf(bag.getFileName());
    try (McapReader reader = McapReader.open(bag.resolve(id + "_0.mcap"));
        RolloutWriter writer = RolloutWriter.open(folder, id)) {
      for (McapMessage message : reader.messages()) {
        McapSchema schema = reader.schema(message.channel()).orElseThrow();
        String topic = message.channel().topic();
        if (schema.name().equals(Image.TYPE.name())) {
          Image raw = Image.TYPE.decode(message.data());
          byte[] bytes = Pictures.encode("png", raw.width(), raw.height(), raw.data());
          CompressedImage png = new CompressedImage(raw.header(), "rgb8; png", bytes);
          writer.write(
              RolloutTopic.inBag(topic + "/compressed", CompressedImage.TYPE, false),
              message.logNanos(),
              message.publishNanos(),
              MemorySegment.ofArray(CompressedImage.TYPE.encode(png)));
        } else {
          String definition = new String(schema.data(), StandardCharsets.UTF_8);
          writer.write(
              new Rosbag2Topic(topic, schema.name(), definition),
              message.logNanos(),
              message.publishNanos(),
              message.data());
        }
      }
    }
  }

  /** The calibration of a camera that distorts nothing. */
  private static CameraInfo undistorted(String camera, int width, int height) {
    return new CameraInfo()
        .withHeader(new Header(Stamps.time(0), camera + "_optical_frame"))
        .withWidth(width)
        .withHeight(height)
        .withDistortionModel("plumb_bob")
        .withD(new double[5])
        .withK(new double[] {width, 0, (width - 1) / 2., 0, width, (height - 1) / 2., 0, 0, 1});
  }

  /** The stamp of an observation. */
  public static long stampNanos(int t) {
    return 5_000_000_000L + t * PERIOD_NANOS;
  }
}
