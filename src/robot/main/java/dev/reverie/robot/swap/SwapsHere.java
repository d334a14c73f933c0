package dev.reverie.robot.swap;

import dev.reverie.arm.ArmFile;
import dev.reverie.arm.ArmFile.From;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.PolicyEvent;
import dev.reverie.msgs.reverie.Replayed;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.rcljava.Node;
import dev.reverie.robot.record.Output;
import dev.reverie.robot.record.Recorder;
import dev.reverie.robot.sense.FirstMessages;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.robot.swap.Trial.Question;
import dev.reverie.robot.swap.Trial.Terms;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.RolloutTopic;
import java.lang.System.Logger.Level;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Connects swaps of policies with this node: what is tried, and who is told. */
public final class SwapsHere implements SwapSurrounding {
  /** A swap has some states, one soon after another: none of them is to be missed. */
  private static final int KEPT_EVENTS = 20;

  private final Node node;
  private final RobotParameters parameters;
  private final Map<String, CameraCalibration> lenses;
  private final RecentObservations recent;
  private final Supplier<String> urdf;
  private final Executor control;
  private final BooleanSupplier midChunk;
  private final Runnable dropChunk;
  private final Runnable swapped;
  private final FirstMessages beginnings;
  private final Output<PolicyEvent> events;

  /**
   * Prepares the topic of what becomes of bundles.
   *
   * @param beginnings keeps what is told between episodes
   * @param lenses calibrations of the cameras whose pictures are rectified, by name
   * @param urdf of the arm, on any thread; empty where none has come
   * @param control runs work on the control thread
   * @param midChunk whether a swap has to wait for the boundary of a chunk
   * @param dropChunk drops what is left of the chunk that plays
   * @param swapped runs when another policy went live
   */
  public SwapsHere(
      Node node,
      RobotParameters parameters,
      Recorder recorder,
      FirstMessages beginnings,
      Map<String, CameraCalibration> lenses,
      RecentObservations recent,
      Supplier<String> urdf,
      Executor control,
      BooleanSupplier midChunk,
      Runnable dropChunk,
      Runnable swapped) {
    this.node = node;
    this.parameters = parameters;
    this.beginnings = beginnings;
    this.lenses = lenses;
    this.recent = recent;
    this.urdf = urdf;
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
  public Question question(PolicySwap.Request asked, String live, String spec) {
    var terms =
        new Terms(
            PolicySwap.absolute(asked.folder()).toString(),
            live,
            spec,
            parameters.task().json(),
            asked.mayDiffer(),
            parameters.swap().keys(),
            PolicyRuntime.of(parameters),
            lenses,
            replay(asked.replay()));
    return new Question(terms, recent.all());
  }

  private ReplayTerms replay(ReplayAsked asked) {
    return new ReplayTerms(
        asked.absolute(),
        PolicySwap.absolute(parameters.rolloutsDir()).toString(),
        parameters.arm().map(ArmFile::yaml).orElse(""),
        urdf.get(),
        parameters.joints().names(),
        parameters.periodS(),
        parameters.motion().deltasFrom() == From.MEASURED,
        parameters.motion().executed());
  }

  @Override
  public void told(
      PolicyState state,
      String folder,
      String id,
      String liveId,
      String reason,
      Replayed replayed) {
    var header = new Header(Stamps.time(node.clock().nowNanos()), "");
    var event = new PolicyEvent(header, state.code(), folder, id, liveId, reason, replayed);
    beginnings.between(events.topic(), events.send(event));
    Level level =
        switch (state) {
          case STAGED, VERIFIED, LOADED, PROBED, REPLAYED, WAITING -> Level.DEBUG;
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
