package dev.reverie.lerobot;

import dev.reverie.msgs.reverie.Command;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.Piece;
import dev.reverie.rollout.Step;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * A piece of an episode as a dataset has it, which knows no gaps: T steps are T + 1 frames. The
 * last frame is what was seen after the last step; its action is to stay there, which is what the
 * arm did.
 */
final class ExportedEpisode {
  private final Episode episode;
  private final Piece piece;
  private final Layout layout;
  private final double[][] targets; // [T+1, J], rad

  ExportedEpisode(Episode episode, Piece piece, Layout layout) {
    this.episode = episode;
    this.piece = piece;
    this.layout = layout;
    targets = new double[frames()][];
    List<Step> steps = piece.steps();
    for (int t = 0; t < steps.size(); t++) {
      targets[t] = target(steps.get(t).command());
    }
    targets[steps.size()] = targets[steps.size() - 1];
  }

  /** The number of frames, T + 1. */
  int frames() {
    return piece.steps().size() + 1;
  }

  /** The stamp of a frame's joint state, in the recording's clock. */
  long stampNanos(int t) {
    return piece.observation(t).stampNanos();
  }

  CameraImage image(int t, String camera) {
    CameraImage image = piece.observation(t).images().get(camera);
    Layout.CameraSize size = layout.cameras().get(camera);
    if (image == null || !Layout.CameraSize.of(image).equals(size)) {
      throw new LerobotException(
          "%s: frame %d of camera '%s' is %s, others are %s"
              .formatted(
                  episode.bag(),
                  t,
                  camera,
                  image == null ? "missing" : Layout.CameraSize.of(image),
                  size));
    }
    return image;
  }

  /** Everything of a frame but its pictures and its place in the dataset: numbers by feature. */
  SequencedMap<String, double[]> frame(int t) {
    boolean last = t == piece.steps().size();
    boolean end =
        stampNanos(piece.steps().size()) == episode.last().stampNanos() && episode.endSeen();
    boolean success = last && end && episode.outcome().success();
    float[] action = last ? new float[0] : piece.steps().get(t).action();
    SequencedMap<String, double[]> frame = new LinkedHashMap<>();
    frame.put(Keys.STATE, ordered(episode.jointNames(), piece.observation(t).jointPositions()));
    frame.put(Keys.ACTION, targets[t]);
    frame.put(Keys.REWARD, one(success ? 1 : 0));
    frame.put(Keys.DONE, one(last ? 1 : 0));
    frame.put(Keys.SUCCESS, one(success ? 1 : 0));
    frame.put(
        Keys.POLICY_ACTION,
        action.length == 0
            ? new double[layout.actionSize()]
            : IntStream.range(0, action.length).mapToDouble(i -> action[i]).toArray());
    frame.put(Keys.HELD, one(action.length == 0 ? 1 : 0));
    frame.put(Keys.STAMP, one(stampNanos(t)));
    frame.put(Keys.TIMESTAMP, one((double) t / layout.fps()));
    frame.put(Keys.FRAME, one(t));
    return frame;
  }

  private double[] target(Command command) {
    if (command.positions().length != command.jointNames().size()) {
      throw new LerobotException(
          "%s: command %d has %d positions for %d joints; leave the bag out"
              .formatted(
                  episode.bag(),
                  command.tick(),
                  command.positions().length,
                  command.jointNames().size()));
    }
    return ordered(command.jointNames(), command.positions());
  }

  /** Puts values in the dataset's order of joints. */
  private double[] ordered(List<String> names, double[] values) {
    double[] ordered = new double[layout.joints().size()];
    for (int j = 0; j < ordered.length; j++) {
      int at = names.indexOf(layout.joints().get(j));
      if (at < 0) {
        throw new LerobotException(
            "%s: a command moves the joints %s, the dataset's are %s; leave the bag out"
                .formatted(episode.bag(), names, layout.joints()));
      }
      ordered[j] = values[at];
    }
    return ordered;
  }

  private static double[] one(double value) {
    return new double[] {value};
  }
}
