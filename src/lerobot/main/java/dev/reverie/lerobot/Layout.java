package dev.reverie.lerobot;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.Piece;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The layout that all episodes of a dataset share.
 *
 * @param joints in the order of states and actions
 * @param cameras by name
 * @param actionSize numbers of the policy's action
 * @param fps steps a second
 */
record Layout(
    List<String> joints, SequencedMap<String, CameraSize> cameras, int actionSize, int fps) {
  private static final double NANOS = 1e-9;

  /** Largest difference of the rate to a whole number, or to the one that the user says. */
  private static final double FPS_TOLERANCE = 0.01;

  /** The size of a camera's pictures, pixels. */
  record CameraSize(int width, int height) {
    static CameraSize of(CameraImage image) {
      return new CameraSize(image.width(), image.height());
    }

    @Override
    public String toString() {
      return width + "x" + height;
    }
  }

  /**
   * Takes the layout from a dataset's first episode.
   *
   * @param fps as the user says; 0: as the episode's actions say
   * @throws LerobotException where the episode's rate is another one, or no whole number
   */
  static Layout of(Episode episode, int fps) {
    SequencedMap<String, CameraSize> cameras = new LinkedHashMap<>();
    new TreeMap<>(episode.last().images())
        .forEach((name, image) -> cameras.put(name, CameraSize.of(image)));
    int actionSize =
        episode.steps().stream().mapToInt(step -> step.action().length).max().orElse(0);
    return new Layout(episode.jointNames(), cameras, actionSize, fps(episode, fps));
  }

  private static int fps(Episode episode, int wanted) {
    double rate = 1 / periodSeconds(episode);
    int fps = wanted == 0 ? (int) Math.round(rate) : wanted;
    if (fps < 1 || Math.abs(rate / fps - 1) > FPS_TOLERANCE) {
      throw new LerobotException(
          "%s has %.3f steps a second%s"
              .formatted(
                  episode.bag(),
                  rate,
                  wanted == 0
                      ? "; a dataset has a whole number: say the nearest with --fps"
                      : ", not %d; leave --fps out, or name bags of that rate".formatted(wanted)));
    }
    return fps;
  }

  /** The period that the action chunks say; where they do not, the median of what was measured. */
  private static double periodSeconds(Episode episode) {
    for (ActionChunk chunk : episode.chunks()) {
      double told = Stamps.nanos(chunk.period()) * NANOS;
      if (told > 0) {
        return told;
      }
    }
    double[] periods =
        episode.pieces().stream()
            .flatMapToDouble(
                piece ->
                    IntStream.range(0, piece.steps().size()).mapToDouble(t -> secondsOf(piece, t)))
            .sorted()
            .toArray();
    return periods[periods.length / 2];
  }

  private static double secondsOf(Piece piece, int t) {
    return (piece.observation(t + 1).stampNanos() - piece.observation(t).stampNanos()) * NANOS;
  }

  /** Refuses an episode that does not fit into the dataset. */
  void require(Episode episode, int wantedFps) {
    Layout other = of(episode, wantedFps);
    require(episode, "joints", sorted(joints), sorted(other.joints));
    require(episode, "cameras", cameras, other.cameras);
    require(episode, "steps a second", fps, other.fps);
    require(episode, "numbers an action", actionSize, other.actionSize);
  }

  private static List<String> sorted(List<String> names) {
    return names.stream().sorted().toList();
  }

  private static void require(Episode episode, String what, Object expected, Object actual) {
    if (!expected.equals(actual)) {
      throw new LerobotException(
          "%s has %s %s, the episodes before it %s; export it into a dataset of its own"
              .formatted(episode.bag(), what, actual, expected));
    }
  }

  /** Steps that took more than half a period too long or too short. */
  long unevenSteps(Piece piece) {
    double period = 1.0 / fps;
    return IntStream.range(0, piece.steps().size())
        .filter(t -> Math.abs(secondsOf(piece, t) - period) > period / 2)
        .count();
  }
}
