package dev.reverie.console;

import dev.reverie.console.Happenings.Happening;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a page shows of the arm at one moment, as JSON. Ages in seconds, -1 where nothing came
 * yet; positions in rad, or m for a prismatic joint.
 *
 * @param timeMs when it was taken, by the clock of the console
 * @param people who have a page open
 */
record Snapshot(
    long timeMs,
    Robot robot,
    Hold hold,
    Tick tick,
    Chunk chunk,
    List<Joint> joints,
    List<Camera> cameras,
    List<Stream> streams,
    @Nullable EpisodeState running,
    List<EpisodeState> ended,
    List<Happening> happenings,
    @Nullable Swap swap,
    List<String> people) {
  /**
   * The robot node.
   *
   * @param there whether it was heard of in the last seconds
   * @param nodes of this name that are there
   * @param state inactive, active, stopped, or empty
   * @param provider what runs the policy: CPU, CUDA or TENSORRT
   * @param remarks what the console could not learn of it, and why
   */
  record Robot(
      String name,
      boolean there,
      int nodes,
      double ageS,
      String state,
      String arm,
      String policyId,
      String provider,
      String bundle,
      boolean shadow,
      String episodeId,
      int queueLength,
      long ticks,
      long lateTicks,
      long queueRanEmpty,
      long swaps,
      long limitedTicks,
      long recorderDropped,
      String recorderFault,
      List<String> notices,
      String instruction,
      String rolloutsDir,
      List<String> remarks) {}

  /** The reason why the arm holds still; the kind is NONE where it does not. */
  record Hold(String kind, String about, String text) {}

  /**
   * The newest control tick.
   *
   * @param source policy, teleop or hold; empty where none came
   * @param limits what the gate changed within the last two seconds
   */
  record Tick(double ageS, long tick, String source, List<Limited> limits) {}

  /** A change that the gate made, and the kind of limit that asked for it. */
  record Limited(String kind, String text) {}

  /** The newest action chunk. */
  record Chunk(
      double ageS,
      long index,
      String source,
      long horizon,
      double periodS,
      double latencyMs,
      double inferenceMs) {
    /** Returns the chunk of a message; null where none came. */
    static Chunk of(@Nullable ActionChunk told, double ageS) {
      return told == null
          ? new Chunk(-1, 0, "", 0, 0, 0, 0)
          : new Chunk(
              ageS,
              told.index(),
              told.source(),
              told.horizon(),
              Stamps.nanos(told.period()) / 1e9,
              Stamps.nanos(told.latency()) / 1e6,
              Stamps.nanos(told.inference()) / 1e6);
    }
  }

  /**
   * A joint; null where it is not known.
   *
   * @param sent what the gate let through at the newest tick
   * @param ahead where the trajectory that was sent ends
   */
  record Joint(
      String name,
      String unit,
      @Nullable Double lower,
      @Nullable Double upper,
      @Nullable Double measured,
      @Nullable Double sent,
      @Nullable Double ahead) {}

  /**
   * A camera.
   *
   * @param width of the raw picture; 0 where none came
   * @param view what the policy sees of it; null where it is not known
   * @param fault why its newest picture cannot be shown; empty where it can
   * @param drawn the way of the tip in its pictures
   */
  record Camera(
      String name,
      String topic,
      int width,
      int height,
      @Nullable View view,
      String fault,
      Drawn drawn) {}

  /**
   * The way on which chunks lead the tip, in the pictures of a camera.
   *
   * @param missing why it cannot be drawn; empty where it can
   * @param tip link whose way it is
   * @param view in what the policy sees; null where that is not known
   */
  record Drawn(String missing, String tip, Lines raw, @Nullable Lines view) {
    /** Nothing is drawn, for a reason. */
    static Drawn not(String missing) {
      return new Drawn(missing, "", Lines.NONE, null);
    }
  }

  /**
   * Lines in a picture: points in shares of its width and height, from the top left. A line breaks
   * where the tip is not in the picture.
   *
   * @param done what of the chunk that plays is carried out
   * @param ahead what of it is left
   * @param next the chunk that comes
   */
  record Lines(List<List<double[]>> done, List<List<double[]>> ahead, List<List<double[]>> next) {
    static final Lines NONE = new Lines(List.of(), List.of(), List.of());
  }

  /** A policy's view of a camera: its size, and the crop in fractions of the raw picture. */
  record View(int width, int height, boolean rectified, double x, double y, double w, double h) {}

  /**
   * A stream of messages.
   *
   * @param lateS from the newest stamp to its coming
   */
  record Stream(String name, double hz, double ageS, double lateS) {}

  /**
   * A swap or rollback, under way or the last.
   *
   * @param policyId empty where it is not known
   * @param asked who asked for it; empty where no console knows
   * @param steps the states of the bundle so far
   */
  record Swap(String bundle, String policyId, String asked, boolean ended, List<SwapStep> steps) {}

  /** A state of a bundle, such as STAGED, by the node's clock. */
  record SwapStep(String state, long timeMs, String reason) {}

  /** An episode; the outcome is empty while it runs. */
  record EpisodeState(
      String id,
      String instruction,
      String source,
      String policyId,
      long beganMs,
      String outcome,
      String labeller,
      String reason) {}
}
