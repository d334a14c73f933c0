package dev.reverie.robot.swap;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.PolicyEvent;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.rcljava.Node;
import dev.reverie.robot.record.Output;
import dev.reverie.robot.record.Recorder;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.robot.swap.Trial.Question;
import dev.reverie.robot.swap.Trial.Terms;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.RolloutTopic;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/** Connects swaps of policies with this node: what is tried, and who is told. */
public final class SwapsHere implements PolicySwap.Surrounding {
  /** A swap has some states, one soon after another: none of them is to be missed. */
  private static final int KEPT_EVENTS = 20;

  private final Node node;
  private final RobotParameters parameters;
  private final Map<String, CameraCalibration> lenses;
  private final RecentObservations recent;
  private final Executor control;
  private final BooleanSupplier midChunk;
  private final Runnable dropChunk;
  private final Runnable swapped;
  private final Output<PolicyEvent> events;

  /**
   * Prepares the topic of what becomes of bundles.
   *
   * @param lenses calibrations of the cameras whose pictures are rectified, by name
   * @param control runs work on the control thread
   * @param midChunk whether a swap has to wait for the boundary of a chunk
   * @param dropChunk drops what is left of the chunk that plays
   * @param swapped runs when another policy went live
   */
  public SwapsHere(
      Node node,
      RobotParameters parameters,
      Recorder recorder,
      Map<String, CameraCalibration> lenses,
      RecentObservations recent,
      Executor control,
      BooleanSupplier midChunk,
      Runnable dropChunk,
      Runnable swapped) {
    this.node = node;
    this.parameters = parameters;
    this.lenses = lenses;
    this.recent = recent;
    this.control = control;
    this.midChunk = midChunk;
    this.dropChunk = dropChunk;
    this.swapped = swapped;
    events = new Output<>(node, RolloutTopic.POLICY_EVENT, recorder, KEPT_EVENTS);
  }

  @Override
  public Executor control() {
    return control;
  }

  @Override
  public PolicyRuntime runtime() {
    return PolicyRuntime.of(parameters);
  }

  @Override
  public boolean midChunk() {
    return midChunk.getAsBoolean();
  }

  @Override
  public Question question(Path folder, List<String> mayDiffer, String live, String spec) {
    var terms =
        new Terms(
            folder.toString(),
            live,
            spec,
            parameters.task().json(),
            mayDiffer,
            parameters.swap().keys(),
            PolicyRuntime.of(parameters),
            lenses);
    return new Question(terms, recent.all());
  }

  @Override
  public void told(PolicyState state, String folder, String id, String liveId, String reason) {
    var header = new Header(Stamps.time(node.clock().nowNanos()), "");
    events.send(new PolicyEvent(header, state.code(), folder, id, liveId, reason));
    Level level =
        switch (state) {
          case STAGED, VERIFIED, LOADED, PROBED, WAITING -> Level.DEBUG;
          case LIVE -> Level.INFO;
          case REFUSED, CANCELLED, ROLLED_BACK -> Level.WARNING;
        };
    String word = state.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    String which = folder.isEmpty() ? "policy " + id : "policy bundle " + folder;
    node.logger().log(level, which + ": " + word + (reason.isEmpty() ? "" : ", " + reason));
  }

  @Override
  public void dropChunk() {
    dropChunk.run();
  }

  @Override
  public void swapped() {
    swapped.run();
  }
}
