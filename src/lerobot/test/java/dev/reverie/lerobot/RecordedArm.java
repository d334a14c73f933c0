package dev.reverie.lerobot;

import dev.reverie.msgs.reverie.Command;
import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Task;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.EpisodeHead;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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

  /** The task of its policy, as the robot node writes it into the bag. */
  static final Task TASK =
      new Task(
          CAMERAS.stream()
              .map(name -> new BundleSpec.Camera(name, 32, 32, false, BundleSpec.Crop.NONE))
              .toList(),
          JOINTS,
          new ActionSpace.JointDeltas(List.of("shoulder", "elbow"), List.of(0.5, 0.5)),
          new BundleSpec.Chunk(HORIZON, 0.1));

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
      actions[i] = (chunk * actions.length + i) / 100f - 0.5f;
    }
    return actions;
  }

  /** A smooth picture that moves, as a camera's is. */
  byte[] pixels(int t, int camera) {
    byte[] rgb = new byte[width * height * 3];
    for (int y = 0, i = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        rgb[i++] = (byte) (100 + 80 * Math.sin((x + 2 * t) * 0.1));
        rgb[i++] = (byte) (120 + 60 * Math.cos((y - t) * 0.15));
        rgb[i++] = (byte) (40 + 80 * camera + y / 2);
      }
    }
    return rgb;
  }

  /** Writes the bag. */
  Path record(Path folder, String id) {
    return record(folder, id, TASK, -1);
  }

  /**
   * Writes the bag of a policy that sees one camera.
   *
   * @param unseen tick at which the other one has no picture; -1: none
   */
  Path recordOfOneCamera(Path folder, String id, int unseen) {
    List<BundleSpec.Camera> first = TASK.cameras().subList(0, 1);
    return record(folder, id, new Task(first, JOINTS, TASK.actionSpace(), TASK.chunk()), unseen);
  }

  private Path record(Path folder, String id, Task task, int unseen) {
    EpisodeHead head =
        new EpisodeHead(
            id, instruction, Command.POLICY, POLICY, 0.5f, -77, JOINTS, "", periodNanos);
    String configuration = "{\"task\": %s}".formatted(task.json());
    try (EpisodeWriter writer = EpisodeWriter.begin(folder, head, stamp(0), configuration)) {
      for (int t = 0; t < steps; t++) {
        Map<String, CameraImage> images = images(t);
        if (t == unseen) {
          images.remove(CAMERAS.getLast());
        }
        writer.observe(stamp(t), positions(t), images);
        if (t % HORIZON == 0) {
          writer.chunk(stamp(t), HORIZON, actions(t / HORIZON));
        }
        if (t == HELD_STEP) {
          writer.hold(stamp(t), positions(t), positions(t + 1));
        } else {
          writer.step(stamp(t), positions(t), positions(t + 1));
        }
      }
      writer.observe(stamp(steps), positions(steps), images(steps));
      writer.end(
          outcome == EpisodeOutcome.Kind.UNLABELLED
              ? EpisodeOutcome.UNLABELLED
              : new EpisodeOutcome(outcome, stamp(steps), "ada", "saw it"),
          stamp(steps));
      return writer.bag();
    }
  }

  private Map<String, CameraImage> images(int t) {
    Map<String, CameraImage> images = new LinkedHashMap<>();
    for (int camera = 0; camera < CAMERAS.size(); camera++) {
      images.put(CAMERAS.get(camera), new CameraImage(width, height, pixels(t, camera)));
    }
    return images;
  }
}
