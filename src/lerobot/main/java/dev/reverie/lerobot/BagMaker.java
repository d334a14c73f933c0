package dev.reverie.lerobot;

import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.builtin_interfaces.Duration;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.RolloutWriter;
import java.nio.file.Path;
import java.util.List;

/** Records an episode as the robot node would have: one chunk of one action for each step. */
final class BagMaker implements AutoCloseable {
  private static final long SECOND = 1_000_000_000L;

  private final RolloutWriter writer;
  private final Head head;
  private int ticks;

  /**
   * What is told of an episode.
   *
   * @param source "teleop" or "policy"
   * @param policyId empty for teleop
   * @param configuration JSON: where it was imported from
   * @param joints of states and commands
   * @param frameId of actions: the link in whose axes the tip moves; else empty
   * @param periodNanos of a step
   */
  record Head(
      String id,
      String instruction,
      String source,
      String policyId,
      float temperature,
      long seed,
      String configuration,
      List<String> joints,
      String frameId,
      long periodNanos) {}

  BagMaker(Path rollouts, Head head, long stampNanos) {
    this.head = head;
    writer = RolloutWriter.open(rollouts, head.id);
    event(Episode.BEGUN, EpisodeOutcome.UNLABELLED, head.configuration, stampNanos);
  }

  void image(long stampNanos, String camera, CameraImage image) {
    Header header = new Header(time(stampNanos), camera);
    write(
        "/" + camera + "/image_raw",
        Image.TYPE,
        new Image(
            header,
            image.height(),
            image.width(),
            "rgb8",
            (byte) 0,
            image.width() * 3,
            image.rgb()),
        stampNanos);
  }

  void joints(long stampNanos, double[] positionsRad) {
    double[] none = {};
    write(
        "/joint_states",
        JointState.TYPE,
        new JointState(header(stampNanos), head.joints, positionsRad, none, none),
        stampNanos);
  }

  /**
   * What was done about the newest observation.
   *
   * @param action [D] in [-1, 1]; empty where the arm was held still
   * @param targetsRad where the joints were sent
   */
  void step(long stampNanos, float[] action, double[] measuredRad, double[] targetsRad) {
    boolean held = action.length == 0;
    if (!held) {
      write(
          "/robot/action_chunk",
          ActionChunk.TYPE,
          new ActionChunk()
              .withHeader(new Header(time(stampNanos), head.frameId))
              .withEpisodeId(head.id)
              .withIndex(ticks)
              .withSource(head.source)
              .withPolicyId(head.policyId)
              .withInstruction(head.instruction)
              .withObservationStamps(List.of(time(stampNanos)))
              .withPeriod(
                  new Duration(
                      (int) (head.periodNanos / SECOND), (int) (head.periodNanos % SECOND)))
              .withHorizon(1)
              .withActionDim(action.length)
              .withActions(action)
              .withTemperature(head.temperature)
              .withSeed(head.seed),
          stampNanos);
    }
    write(
        "/robot/command",
        Command.TYPE,
        new Command(
            header(stampNanos),
            head.id,
            ticks,
            ticks,
            0,
            held ? "hold" : head.source,
            head.joints,
            measuredRad,
            targetsRad,
            List.of()),
        stampNanos);
    ticks++;
  }

  void end(EpisodeOutcome outcome, long stampNanos) {
    event(Episode.ENDED, outcome, "", stampNanos);
  }

  private void event(byte event, EpisodeOutcome outcome, String configuration, long stampNanos) {
    write(
        "/robot/episode",
        Episode.TYPE,
        new Episode(
            header(stampNanos),
            event,
            head.id,
            head.instruction,
            head.source,
            head.policyId,
            head.temperature,
            head.seed,
            outcome.message(),
            configuration),
        stampNanos);
  }

  private <T> void write(String topic, MessageType<T> type, T message, long nanos) {
    writer.write(topic, type.name(), type.definition(), nanos, nanos, type.encode(message));
  }

  private static Header header(long stampNanos) {
    return new Header(time(stampNanos), "");
  }

  private static Time time(long nanos) {
    return new Time((int) Math.floorDiv(nanos, SECOND), (int) Math.floorMod(nanos, SECOND));
  }

  @Override
  public void close() {
    writer.close();
  }
}
