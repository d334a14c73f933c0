package dev.reverie.console;

import dev.reverie.console.Happenings.Happening;
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

  /** Why the arm holds still; the kind is NONE where it does not. */
  record Hold(String kind, String about, String text) {}

  /**
   * The newest control tick.
   *
   * @param source policy, teleop or hold; empty where none came
   * @param limits what the gate changed within the last two seconds
   */
  record Tick(double ageS, long tick, String source, List<Limited> limits) {}

  /** What the gate changed, and what kind of limit it was. */
  record Limited(String kind, String text) {}

  /** The newest action chunk. */
  record Chunk(
      double ageS,
      long index,
      String source,
      long horizon,
      double periodS,
      double latencyMs,
      double inferenceMs) {}

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
   */
  record Camera(
      String name, String topic, int width, int height, @Nullable View view, String fault) {}

  /** What a policy sees of a camera: its size, and the crop in fractions of the raw picture. */
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
