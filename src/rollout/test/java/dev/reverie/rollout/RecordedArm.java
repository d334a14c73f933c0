package dev.reverie.rollout;

import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Records the episodes of an arm of three joints and one camera, in lock-step, message by message,
 * so that one can be left out, changed or put in another place.
 */
final class RecordedArm implements AutoCloseable {
  static final long START = 5_000_000_000L;
  static final long PERIOD = 100_000_000L;
  static final int HORIZON = 4;
  static final int DIMS = 2;
  static final List<String> JOINTS = List.of("shoulder", "elbow", "wrist");
  static final String POLICY = "c0ffee".repeat(10) + "beef";

  private final RolloutWriter writer;
  private final EpisodeHead head;
  private final int size;

  RecordedArm(Path folder, String id, int size) {
    writer = RolloutWriter.open(folder, id);
    head =
        new EpisodeHead(
            id, "reach the red ball", Command.POLICY, POLICY, 1, 77, JOINTS, "", PERIOD);
    this.size = size;
  }

  /** An episode that the simulated arm ended with success after so many steps. */
  static Path episode(Path folder, String id, int steps) {
    return episode(folder, id, steps, 48);
  }

  static Path episode(Path folder, String id, int steps, int size) {
    return episode(folder, id, steps, size, EpisodeOutcome.Kind.SUCCESS);
  }

  /** An episode that ended in some way after so many steps. */
  static Path ended(Path folder, String id, int steps, EpisodeOutcome.Kind outcome) {
    return episode(folder, id, steps, 48, outcome);
  }

  private static Path episode(
      Path folder, String id, int steps, int size, EpisodeOutcome.Kind outcome) {
    try (RecordedArm arm = new RecordedArm(folder, id, size)) {
      arm.begin();
      for (int t = 0; t < steps; t++) {
        arm.observe(t);
        if (t % HORIZON == 0) {
          arm.chunk(t / HORIZON);
        }
        arm.command(t, Command.POLICY);
      }
      arm.observe(steps);
      arm.end(outcome, stamp(steps));
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

  /** The camera's picture in an observation that was read. */
  static byte[] rgb(RecordedObservation seen) {
    return Objects.requireNonNull(seen.images().get("camera")).rgb();
  }

  Path bag() {
    return writer.bag();
  }

  void begin() {
    write(RolloutTopic.EPISODE, head.begun(START, "{}"), START);
  }

  void end(EpisodeOutcome.Kind kind, long stamp) {
    EpisodeOutcome outcome = new EpisodeOutcome(kind, stamp, "simulated_arm", "reached");
    write(
        RolloutTopic.EPISODE,
        head.told(dev.reverie.msgs.reverie.Episode.ENDED, stamp, outcome.message()),
        stamp);
  }

  void observe(int t) {
    image(stamp(t), "rgb8", 3, pixels(t, size));
    joints(stamp(t), JOINTS, positions(t));
  }

  void image(long stamp, String encoding, int channels, byte[] data) {
    Header header = new Header(Stamps.time(stamp), "camera");
    int step = size * channels;
    Image image = new Image(header, size, size, encoding, (byte) 0, step, data);
    write(RolloutTopic.images("camera"), image, stamp);
  }

  void image(String topic, long stamp, byte[] rgb) {
    Header header = new Header(Stamps.time(stamp), "camera");
    write(topic, Image.TYPE, new CameraImage(size, size, rgb).message(header), stamp);
  }

  void compressed(String topic, long stamp, byte[] data) {
    Header header = new Header(Stamps.time(stamp), "camera");
    write(topic, CompressedImage.TYPE, new CompressedImage(header, "png", data), stamp);
  }

  void joints(long stamp, List<String> names, double[] positions) {
    Header header = new Header(Stamps.time(stamp), "");
    write(
        RolloutTopic.JOINT_STATES,
        new JointState().withHeader(header).withName(names).withPosition(positions),
        stamp);
  }

  void chunk(int index) {
    int[] tokens = new int[HORIZON * DIMS];
    long stamp = stamp(index * HORIZON);
    write(
        RolloutTopic.ACTION_CHUNK,
        head.chunk(stamp, index, Command.POLICY, HORIZON, actions(index))
            .withTokens(tokens)
            .withLogProbabilities(new float[tokens.length]),
        stamp);
  }

  void command(int t, String source) {
    command(t, stamp(t), source);
  }

  void command(int t, long stamp, String source) {
    write(
        RolloutTopic.COMMAND,
        head.command(stamp, t, t / HORIZON, t % HORIZON, source, positions(t), positions(t + 1)),
        stamp + 1_000_000);
  }

  private <T> void write(RolloutTopic<T> topic, T message, long logNanos) {
    write(topic.inBag().name(), topic.type(), message, logNanos);
  }

  <T> void write(String topic, MessageType<T> type, T message, long logNanos) {
    MemorySegment cdr = MemorySegment.ofArray(type.encode(message));
    writer.write(RolloutTopic.inBag(topic, type, false), logNanos, logNanos, cdr);
  }

  @Override
  public void close() {
    writer.close();
  }
}
