package dev.reverie.robot;

import dev.reverie.arm.Limit;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.Task;
import dev.reverie.policy.TokenSampler.Sample;
import dev.reverie.rcljava.Node;
import dev.reverie.rollout.EpisodeHead;
import dev.reverie.rollout.RolloutTopic;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.stream.Stream;

/**
 * Says what the node does in an episode: published, and recorded as it was published. For the
 * control thread.
 */
final class Outputs {
  private final Logger log;
  private final List<String> joints;
  private final String frame;
  private final long periodNanos;
  private final double[] atRest;
  private final String configuration;
  private final Output<JointTrajectory> trajectories;
  private final Output<Command> commands;
  private final Output<ActionChunk> chunks;
  private final Output<Episode> episodes;
  private final SafetyLog safety;
  private EpisodeHead head;

  Outputs(Node node, Recorder recorder, RobotParameters parameters) {
    Task task = parameters.task();
    log = node.logger();
    joints = task.jointNames();
    frame =
        task.actionSpace().each().stream()
            .flatMap(
                part ->
                    part instanceof ActionSpace.EndEffector e
                        ? Stream.of(e.frame())
                        : Stream.empty())
            .findFirst()
            .orElse("");
    periodNanos = parameters.periodNanos();
    atRest = new double[joints.size()];
    configuration = parameters.json(node::resolveTopic);
    trajectories =
        new Output<>(
            node, RolloutTopic.JOINT_TRAJECTORY, parameters.trajectoryTopic(), recorder, false);
    commands = new Output<>(node, RolloutTopic.COMMAND, recorder, false);
    chunks = new Output<>(node, RolloutTopic.ACTION_CHUNK, recorder, false);
    episodes = new Output<>(node, RolloutTopic.EPISODE, recorder, true);
    safety = new SafetyLog(new Output<>(node, RolloutTopic.SAFETY_EVENT, recorder, true));
    head = head("", "", Command.POLICY, "", 0, 0);
  }

  private EpisodeHead head(
      String id, String instruction, String source, String policyId, float temperature, long seed) {
    return new EpisodeHead(
        id, instruction, source, policyId, temperature, seed, joints, frame, periodNanos);
  }

  /** Says that an episode begins. */
  EpisodeHead begin(EpisodeRun run, String policyId, long stampNanos) {
    EpisodeRun.Request asked = run.request();
    head =
        head(
            run.id(),
            asked.instruction(),
            asked.teleop() ? Command.TELEOP : Command.POLICY,
            asked.teleop() ? "" : policyId,
            asked.temperature(),
            asked.seed());
    safety.begin(run);
    episodes.send(head.begun(stampNanos, configuration));
    return head;
  }

  /** Says that the episode has ended. */
  void end(Outcome outcome) {
    episodes.send(head.told(Episode.ENDED, Stamps.nanos(outcome.header().stamp()), outcome));
  }

  /**
   * Says how an episode that has ended went.
   *
   * @return CDR of the message, which goes into the bag of that episode
   */
  byte[] label(EpisodeHead labelled, Outcome outcome) {
    long stamp = Stamps.nanos(outcome.header().stamp());
    return episodes.send(labelled.told(Episode.LABELLED, stamp, outcome));
  }

  /** Topic of what happens to episodes. */
  Rosbag2Topic episodeTopic() {
    return episodes.topic();
  }

  /** Says something to people alone. */
  void info(String text) {
    log.log(Level.INFO, text);
  }

  /** Log of what the commands alone do not tell. */
  SafetyLog safety() {
    return safety;
  }

  /** Says which chunk the policy gave. */
  void policyChunk(
      Chunk chunk, String policyId, SensorSnapshot sensed, Sample sample, Latency latency) {
    chunks.send(
        chunk(chunk, sensed)
            .withPolicyId(policyId)
            .withTokens(sample.tokens())
            .withLogProbabilities(sample.logProbabilities())
            .withLatency(Stamps.duration(latency.nanos()))
            .withInference(Stamps.duration(latency.inferenceNanos())));
  }

  /**
   * Time from the arrival of the last input to a chunk.
   *
   * @param nanos inference excluded
   * @param inferenceNanos of the policy alone
   */
  record Latency(long nanos, long inferenceNanos) {}

  /** Says what a person commanded, as the action that would have led there. */
  void teleopChunk(Chunk chunk, SensorSnapshot sensed, TeleopCommand command) {
    long last = Math.max(sensed.arrivalNanos(), command.arrivalNanos());
    chunks.send(chunk(chunk, sensed).withLatency(Stamps.duration(System.nanoTime() - last)));
  }

  private ActionChunk chunk(Chunk chunk, SensorSnapshot sensed) {
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

  /** Sends the arm what was decided. */
  void send(Tick tick) {
    switch (tick) {
      case Tick.Sent sent -> {
        Chunk chunk = sent.action().chunk();
        command(sent, chunk.index(), sent.action().k(), chunk.source(), sent.limits());
      }
      case Tick.Answer stay -> command(stay, 0, 0, Command.HOLD, List.of());
      case Tick.Blind _, Tick.Waiting _ -> {}
    }
  }

  /** Sends joint positions, to be reached in one period and held. */
  private void command(
      Tick.Answer answer, int chunk, int action, String source, List<Limit> limits) {
    JointSample measured = answer.measured();
    trajectory(measured.stampNanos(), answer.positions());
    commands.send(
        head.command(
                measured.stampNanos(),
                answer.number(),
                chunk,
                action,
                source,
                measured.positions(),
                answer.positions())
            .withClamped(limits.stream().map(Limit::text).toList())
            .withLimits(kinds(limits)));
  }

  static byte[] kinds(List<Limit> limits) {
    byte[] kinds = new byte[limits.size()];
    for (int i = 0; i < kinds.length; i++) {
      kinds[i] = limits.get(i).kind().code();
    }
    return kinds;
  }

  /** Sends the arm to where it is. */
  void stop(JointSample measured) {
    trajectory(measured.stampNanos(), measured.positions());
  }

  private void trajectory(long stampNanos, double[] positions) {
    var point =
        new JointTrajectoryPoint()
            .withPositions(positions)
            .withVelocities(atRest)
            .withTimeFromStart(Stamps.duration(periodNanos));
    var header = new Header(Stamps.time(stampNanos), "");
    trajectories.send(new JointTrajectory(header, joints, List.of(point)));
  }

  /** Sends the last trajectory again. */
  void repeatTrajectory() {
    trajectories.repeat();
  }
}
