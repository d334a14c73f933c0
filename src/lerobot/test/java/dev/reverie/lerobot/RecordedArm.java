package dev.reverie.lerobot;

import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.builtin_interfaces.Duration;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.RolloutWriter;
import java.nio.file.Path;
import java.util.List;

/**
 * Records episodes as the robot node does: three joints, two cameras, chunks of four actions, one
 * tick at which the arm was held still.
 */
record RecordedArm(
    int steps,
    long periodNanos,
    int width,
    int height,
    String instruction,
    EpisodeOutcome.Kind outcome) {
  static final RecordedArm SMALL =
      new RecordedArm(9, 100_000_000L, 64, 48, "reach the red ball", EpisodeOutcome.Kind.SUCCESS);
  static final List<String> JOINTS = List.of("shoulder", "elbow", "wrist");
  static final List<String> CAMERAS = List.of("front", "wrist");
  static final String POLICY = "c0ffee".repeat(10) + "beef";
  static final int HORIZON = 4;
  static final int DIMS = 2;
  static final int HELD_STEP = 5;

  /** Late enough that a double does not tell single nanoseconds. */
  static final long START = 1_790_000_000_123_456_789L;

  RecordedArm withSteps(int value) {
    return new RecordedArm(value, periodNanos, width, height, instruction, outcome);
  }

  RecordedArm withPeriodNanos(long value) {
    return new RecordedArm(steps, value, width, height, instruction, outcome);
  }

  RecordedArm withSize(int w, int h) {
    return new RecordedArm(steps, periodNanos, w, h, instruction, outcome);
  }

  RecordedArm withTask(String text, EpisodeOutcome.Kind kind) {
    return new RecordedArm(steps, periodNanos, width, height, text, kind);
  }

  long stamp(int t) {
    return START + t * periodNanos;
  }

  static double[] positions(int t) {
    return new double[] {0.1 * t, 0.2 * t, -0.3 * t};
  }

  static float[] actions(int chunk) {
    float[] actions = new float[HORIZON * DIMS];
    for (int i = 0; i < actions.length; i++) {
      actions[i] = (chunk * actions.length + i) / 100f - .5f;
    }
    return actions;
  }

  /** A smooth picture that moves, as a camera's is. */
  byte[] pixels(int t, int camera) {
    byte[] rgb = new byte[width * height * 3];
    for (int y = 0, i = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        rgb[i++] = (byte) (100 + 80 * Math.sin((x + 2 * t) * .1));
        rgb[i++] = (byte) (120 + 60 * Math.cos((y - t) * .15));
        rgb[i++] = (byte) (40 + 80 * camera + y / 2);
      }
    }
    return rgb;
  }

  /** Writes the bag. */
  Path record(Path folder, String id) {
    try (RolloutWriter writer = RolloutWriter.open(folder, id)) {
      event(writer, id, Episode.BEGUN, EpisodeOutcome.UNLABELLED, stamp(0));
      for (int t = 0; t <= steps; t++) {
        observe(writer, t);
        if (t < steps && t % HORIZON == 0) {
          chunk(writer, id, t / HORIZON);
        }
        if (t < steps) {
          command(writer, id, t);
        }
      }
      EpisodeOutcome told =
          outcome == EpisodeOutcome.Kind.UNLABELLED
              ? EpisodeOutcome.UNLABELLED
              : new EpisodeOutcome(outcome, stamp(steps), "ada", "saw it");
      event(writer, id, Episode.ENDED, told, stamp(steps));
      return writer.bag();
    }
  }

  private void event(RolloutWriter writer, String id, byte event, EpisodeOutcome told, long stamp) {
    write(
        writer,
        "/robot/episode",
        Episode.TYPE,
        new Episode(
            header(stamp),
            event,
            id,
            instruction,
            "policy",
            POLICY,
            .5f,
            -77,
            told.message(),
            "{}"),
        stamp);
  }

  private void observe(RolloutWriter writer, int t) {
    for (int camera = 0; camera < CAMERAS.size(); camera++) {
      write(
          writer,
          "/" + CAMERAS.get(camera) + "/image_raw",
          Image.TYPE,
          new Image(
              header(stamp(t)), height, width, "rgb8", (byte) 0, width * 3, pixels(t, camera)),
          stamp(t));
    }
    double[] none = {};
    write(
        writer,
        "/joint_states",
        JointState.TYPE,
        new JointState(header(stamp(t)), JOINTS, positions(t), none, none),
        stamp(t));
  }

  private void chunk(RolloutWriter writer, String id, int index) {
    write(
        writer,
        "/robot/action_chunk",
        ActionChunk.TYPE,
        new ActionChunk()
            .withHeader(header(stamp(index * HORIZON)))
            .withEpisodeId(id)
            .withIndex(index)
            .withSource("policy")
            .withPolicyId(POLICY)
            .withPeriod(
                new Duration(
                    (int) (periodNanos / 1_000_000_000), (int) (periodNanos % 1_000_000_000)))
            .withHorizon(HORIZON)
            .withActionDim(DIMS)
            .withActions(actions(index)),
        stamp(index * HORIZON));
  }

  private void command(RolloutWriter writer, String id, int t) {
    write(
        writer,
        "/robot/command",
        Command.TYPE,
        new Command(
            header(stamp(t)),
            id,
            t,
            t / HORIZON,
            t % HORIZON,
            t == HELD_STEP ? "hold" : "policy",
            JOINTS,
            positions(t),
            positions(t + 1),
            List.of()),
        stamp(t) + 1_000_000);
  }

  private static <T> void write(
      RolloutWriter writer, String topic, MessageType<T> type, T message, long nanos) {
    writer.write(topic, type.name(), type.definition(), nanos, nanos, type.encode(message));
  }

  private static Header header(long stamp) {
    return new Header(new Time((int) (stamp / 1_000_000_000), (int) (stamp % 1_000_000_000)), "");
  }
}
