package dev.reverie.robot;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.SafetyEvent;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.TokenSampler.Sample;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.robot.arm.Limit;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the node says about an episode: published, and recorded as it was published. */
final class Outputs {

  private final List<String> joints;
  private final String frame;
  private final int actionDim;
  private final long periodNanos;
  private final double[] atRest;
  private final Output<JointTrajectory> trajectories;
  private final Output<Command> commands;
  private final Output<ActionChunk> chunks;
  private final Output<Episode> episodes;
  private final Output<SafetyEvent> safety;

  Outputs(Node node, Recorder recorder, BundleSpec spec, long periodNanos) {
    joints = spec.jointNames();
    frame = spec.actionSpace() instanceof ActionSpace.EndEffectorDelta e ? e.frame() : "";
    actionDim = spec.actionSpace().dimensions();
    this.periodNanos = periodNanos;
    atRest = new double[joints.size()];
    Qos qos = Qos.reliable(10);
    trajectories = new Output<>(node, JointTrajectory.TYPE, "joint_trajectory", qos, recorder);
    commands = new Output<>(node, Command.TYPE, "~/command", qos, recorder);
    chunks = new Output<>(node, ActionChunk.TYPE, "~/action_chunk", qos, recorder);
    Qos latched = Qos.transientLocal(1);
    episodes = new Output<>(node, Episode.TYPE, "~/episode", latched, recorder, true);
    safety = new Output<>(node, SafetyEvent.TYPE, "~/safety_event", qos, recorder, true);
  }

  /** A chunk as the policy gave it. */
  void policyChunk(
      EpisodeRun run,
      Chunk chunk,
      String policyId,
      Sensed sensed,
      Sample sample,
      long latencyNanos,
      long inferenceNanos) {
    chunks.send(
        chunk(run, chunk, sensed)
            .withPolicyId(policyId)
            .withTokens(sample.tokens())
            .withLogProbabilities(sample.logProbabilities())
            .withTemperature(run.request.temperature())
            .withSeed(run.request.seed())
            .withLatency(Stamps.duration(latencyNanos))
            .withInference(Stamps.duration(inferenceNanos)));
  }

  /** One command of a person, as the action that would have led there. */
  void teleopChunk(EpisodeRun run, Chunk chunk, Sensed sensed, TeleopCommand command) {
    long last = Math.max(sensed.arrivalNanos(), command.arrivalNanos());
    chunks.send(chunk(run, chunk, sensed).withLatency(Stamps.duration(System.nanoTime() - last)));
  }

  private ActionChunk chunk(EpisodeRun run, Chunk chunk, Sensed sensed) {
    List<Time> stamps =
        Stream.concat(
                Stream.of(sensed.stampNanos()),
                sensed.frames().stream().map(CameraFrame::stampNanos))
            .map(Stamps::time)
            .toList();
    return new ActionChunk()
        .withHeader(new Header(Stamps.time(sensed.stampNanos()), frame))
        .withEpisodeId(run.id)
        .withIndex(chunk.index())
        .withSource(chunk.source())
        .withInstruction(run.request.instruction())
        .withObservationStamps(stamps)
        .withPeriod(Stamps.duration(periodNanos))
        .withHorizon(chunk.horizon())
        .withActionDim(actionDim)
        .withActions(chunk.actions());
  }

  /** Sends joint positions to the arm, to be reached in one period and held. */
  void command(
      EpisodeRun run,
      JointSample measured,
      String source,
      int chunk,
      int action,
      double[] positions,
      List<Limit> limits) {
    var header = new Header(Stamps.time(measured.stampNanos()), "");
    trajectory(header, positions);
    commands.send(
        new Command(
            header,
            run.id,
            run.commands,
            chunk,
            action,
            source,
            joints,
            measured.positions(),
            positions,
            limits.stream().map(Limit::text).toList(),
            codes(limits)));
  }

  private static byte[] codes(List<Limit> limits) {
    byte[] codes = new byte[limits.size()];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = limits.get(i).kind().code();
    }
    return codes;
  }

  /** Says that a target was brought within limits. */
  void clamped(EpisodeRun run, long stampNanos, String source, List<Limit> limits) {
    String text = limits.stream().map(Limit::text).collect(Collectors.joining("; "));
    safety.send(
        event(run, stampNanos, SafetyEvent.CLAMPED, source, text).withLimits(codes(limits)));
  }

  /**
   * Says why the arm was not moved.
   *
   * @param kind REFUSED or HELD
   * @param source who asked
   */
  void unmoved(EpisodeRun run, long stampNanos, byte kind, String source, HoldReason why) {
    safety.send(event(run, stampNanos, kind, source, why.text()).withWhy(why.message()));
  }

  /**
   * Says who moved the arm, or what ended the episode.
   *
   * @param kind one of the constants of {@link SafetyEvent}
   * @param source who asked
   */
  void safety(EpisodeRun run, long stampNanos, byte kind, String source, String reason) {
    safety.send(event(run, stampNanos, kind, source, reason));
  }

  private static SafetyEvent event(
      EpisodeRun run, long stampNanos, byte kind, String source, String reason) {
    return new SafetyEvent()
        .withHeader(new Header(Stamps.time(stampNanos), ""))
        .withEpisodeId(run.id)
        .withTick(run.commands)
        .withKind(kind)
        .withSource(source)
        .withReason(reason);
  }

  /** Sends the arm to where it is. */
  void stop(JointSample measured) {
    trajectory(new Header(Stamps.time(measured.stampNanos()), ""), measured.positions());
  }

  private void trajectory(Header header, double[] positions) {
    var point =
        new JointTrajectoryPoint()
            .withPositions(positions)
            .withVelocities(atRest)
            .withTimeFromStart(Stamps.duration(periodNanos));
    trajectories.send(new JointTrajectory(header, joints, List.of(point)));
  }

  /** Sends the last trajectory again. */
  void repeatTrajectory() {
    trajectories.repeat();
  }

  /**
   * @param configuration JSON of the parameters, with BEGUN
   * @return as it was recorded
   */
  byte[] episode(
      byte event, EpisodeRun run, String policyId, Outcome outcome, String configuration) {
    return episodes.send(
        new Episode()
            .withHeader(outcome.header())
            .withEvent(event)
            .withEpisodeId(run.id)
            .withInstruction(run.request.instruction())
            .withSource(run.request.teleop() ? Command.TELEOP : Command.POLICY)
            .withPolicyId(run.request.teleop() ? "" : policyId)
            .withTemperature(run.request.temperature())
            .withSeed(run.request.seed())
            .withOutcome(outcome)
            .withConfiguration(configuration));
  }

  Recorder.Topic episodeTopic() {
    return episodes.topic();
  }
}
