package dev.reverie.robot;

import dev.reverie.mcap.rosbag2.Rosbag2Topic;
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
import dev.reverie.robot.arm.Limit;
import dev.reverie.rollout.EpisodeHead;
import dev.reverie.rollout.RolloutTopic;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the node says about an episode: published, and recorded as it was published. */
final class Outputs {

  private final List<String> joints;
  private final String frame;
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
    this.periodNanos = periodNanos;
    atRest = new double[joints.size()];
    trajectories = new Output<>(node, RolloutTopic.JOINT_TRAJECTORY, recorder, false);
    commands = new Output<>(node, RolloutTopic.COMMAND, recorder, false);
    chunks = new Output<>(node, RolloutTopic.ACTION_CHUNK, recorder, false);
    episodes = new Output<>(node, RolloutTopic.EPISODE, recorder, true);
    safety = new Output<>(node, RolloutTopic.SAFETY_EVENT, recorder, true);
  }

  /**
   * What holds for the whole episode.
   *
   * @param policyId of the policy that acts now; without a meaning where a person does
   */
  private EpisodeHead head(EpisodeRun run, String policyId) {
    EpisodeRun.Request request = run.request;
    return new EpisodeHead(
        run.id,
        request.instruction(),
        request.teleop() ? Command.TELEOP : Command.POLICY,
        request.teleop() ? "" : policyId,
        request.temperature(),
        request.seed(),
        joints,
        frame,
        periodNanos);
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
        chunk(head(run, policyId), chunk, sensed)
            .withTokens(sample.tokens())
            .withLogProbabilities(sample.logProbabilities())
            .withLatency(Stamps.duration(latencyNanos))
            .withInference(Stamps.duration(inferenceNanos)));
  }

  /** One command of a person, as the action that would have led there. */
  void teleopChunk(EpisodeRun run, Chunk chunk, Sensed sensed, TeleopCommand command) {
    long last = Math.max(sensed.arrivalNanos(), command.arrivalNanos());
    chunks.send(
        chunk(head(run, ""), chunk, sensed).withLatency(Stamps.duration(System.nanoTime() - last)));
  }

  private static ActionChunk chunk(EpisodeHead head, Chunk chunk, Sensed sensed) {
    List<Time> stamps =
        Stream.concat(
                Stream.of(sensed.stampNanos()),
                sensed.frames().stream().map(CameraFrame::stampNanos))
            .map(Stamps::time)
            .toList();
    return head.chunk(
            sensed.stampNanos(), chunk.index(), chunk.source(), chunk.horizon(), chunk.actions())
        .withObservationStamps(stamps);
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
    trajectory(measured.stampNanos(), positions);
    commands.send(
        head(run, "")
            .command(
                measured.stampNanos(),
                run.commands,
                chunk,
                action,
                source,
                measured.positions(),
                positions)
            .withClamped(limits.stream().map(Limit::text).toList())
            .withLimits(codes(limits)));
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
    trajectory(measured.stampNanos(), measured.positions());
  }

  private void trajectory(long stampNanos, double[] positions) {
    var header = new Header(Stamps.time(stampNanos), "");
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
   * Says that something happened to the episode.
   *
   * @param configuration JSON of the parameters, with BEGUN
   * @return as it was recorded
   */
  byte[] episode(
      byte event, EpisodeRun run, String policyId, Outcome outcome, String configuration) {
    long stampNanos = Stamps.nanos(outcome.header().stamp());
    return episodes.send(
        head(run, policyId).told(event, stampNanos, outcome).withConfiguration(configuration));
  }

  Rosbag2Topic episodeTopic() {
    return episodes.topic();
  }
}
