package dev.reverie.rollout;

import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Duration;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** Records episodes as the robot node does: an arm of three joints and one camera, in lock-step. */
final class RecordedArm implements AutoCloseable {
  static final long START = 5_000_000_000L;
  static final long PERIOD = 100_000_000L;
  static final int HORIZON = 4;
  static final int DIMS = 2;
  static final List<String> JOINTS = List.of("shoulder", "elbow", "wrist");
  static final String POLICY = "c0ffee".repeat(10) + "beef";

  private final RolloutWriter writer;
  private final String id;
  private final int size;

  RecordedArm(Path folder, String id, int size) {
    writer = RolloutWriter.open(folder, id);
    this.id = id;
    this.size = size;
  }

  /** An episode that the simulated arm ended with success after so many steps. */
  static Path episode(Path folder, String id, int steps) {
    return episode(folder, id, steps, 48);
  }

  static Path episode(Path folder, String id, int steps, int size) {
    try (RecordedArm arm = new RecordedArm(folder, id, size)) {
      arm.begin();
      for (int t = 0; t < steps; t++) {
        arm.observe(t);
        if (t % HORIZON == 0) {
          arm.chunk(t / HORIZON);
        }
        arm.command(t, "policy");
      }
      arm.observe(steps);
      arm.end(EpisodeOutcome.Kind.SUCCESS, stamp(steps));
      return arm.writer.bag();
    }
  }

  static long stamp(int t) {
    return START + t * PERIOD;
  }

  static double[] positions(int t) {
    return new double[] {0.1 * t, 0.2 * t, -0.3 * t};
  }

  static float[] actions(int chunk) {
    float[] actions = new float[HORIZON * DIMS];
    for (int i = 0; i < actions.length; i++) {
      actions[i] = (chunk * actions.length + i) / 1000f;
    }
    return actions;
  }

  /** A smooth picture with some noise, as a camera's are. */
  static byte[] pixels(int t, int size) {
    SplittableRandom random = new SplittableRandom(t);
    byte[] rgb = new byte[size * size * 3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i / (3 * size) * 4 + t + random.nextInt(4));
    }
    return rgb;
  }

  Path bag() {
    return writer.bag();
  }

  void begin() {
    event(Episode.BEGUN, EpisodeOutcome.UNLABELLED, START);
  }

  void end(EpisodeOutcome.Kind kind, long stamp) {
    event(Episode.ENDED, new EpisodeOutcome(kind, stamp, "simulated_arm", "reached"), stamp);
  }

  void event(byte event, EpisodeOutcome outcome, long logNanos) {
    Outcome message = outcome.message();
    write(
        "/robot/episode",
        Episode.TYPE,
        new Episode(
            header(logNanos),
            event,
            id,
            "reach the red ball",
            "policy",
            POLICY,
            1,
            77,
            message,
            "{}"),
        logNanos);
  }

  void observe(int t) {
    image(stamp(t), "rgb8", 3, pixels(t, size));
    joints(stamp(t), JOINTS, positions(t));
  }

  void image(long stamp, String encoding, int channels, byte[] data) {
    write(
        "/camera/image_raw",
        Image.TYPE,
        new Image(
            new Header(Stamps.time(stamp), "camera"),
            size,
            size,
            encoding,
            (byte) 0,
            size * channels,
            data),
        stamp);
  }

  void image(String topic, long stamp, byte[] rgb) {
    Header header = new Header(Stamps.time(stamp), "camera");
    write(topic, Image.TYPE, new Image(header, size, size, "rgb8", (byte) 0, size * 3, rgb), stamp);
  }

  void compressed(String topic, long stamp, byte[] data) {
    Header header = new Header(Stamps.time(stamp), "camera");
    write(topic, CompressedImage.TYPE, new CompressedImage(header, "png", data), stamp);
  }

  void joints(long stamp, List<String> names, double[] positions) {
    write(
        "/joint_states",
        JointState.TYPE,
        new JointState(header(stamp), names, positions, new double[0], new double[0]),
        stamp);
  }

  void chunk(int index) {
    int[] tokens = new int[HORIZON * DIMS];
    write(
        "/robot/action_chunk",
        ActionChunk.TYPE,
        new ActionChunk()
            .withHeader(header(stamp(index * HORIZON)))
            .withEpisodeId(id)
            .withIndex(index)
            .withSource("policy")
            .withPolicyId(POLICY)
            .withPeriod(new Duration(0, (int) PERIOD))
            .withHorizon(HORIZON)
            .withActionDim(DIMS)
            .withActions(actions(index))
            .withTokens(tokens)
            .withLogProbabilities(new float[tokens.length])
            .withTemperature(1),
        stamp(index * HORIZON));
  }

  void command(int t, String source) {
    command(t, stamp(t), source);
  }

  void command(int t, long stamp, String source) {
    write(
        "/robot/command",
        Command.TYPE,
        new Command(
            header(stamp),
            id,
            t,
            t / HORIZON,
            t % HORIZON,
            source,
            JOINTS,
            positions(t),
            positions(t + 1),
            List.of()),
        stamp + 1_000_000);
  }

  <T> void write(String topic, MessageType<T> type, T message, long logNanos) {
    writer.write(topic, type.name(), type.definition(), logNanos, logNanos, type.encode(message));
  }

  private static Header header(long stamp) {
    return new Header(Stamps.time(stamp), "");
  }

  @Override
  public void close() {
    writer.close();
  }
}
