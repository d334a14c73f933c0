package dev.reverie.rollout;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.std_msgs.Header;
import java.util.List;

/**
 * Describes an episode by what holds from its beginning to its end, and makes the messages that
 * tell of it.
 *
 * @param source POLICY or TELEOP of {@link Command}
 * @param policyId SHA-256 of the policy bundle that it begins with; empty for teleop
 * @param temperature at which tokens are drawn, 0: greedy
 * @param seed of the tokens drawn
 * @param joints that are commanded
 * @param frameId of the actions: the link in whose axes the tip moves; empty for those of joints
 * @param periodNanos from one action to the next
 */
public record EpisodeHead(
    String id,
    String instruction,
    String source,
    String policyId,
    float temperature,
    long seed,
    List<String> joints,
    String frameId,
    long periodNanos) {
  /** Copies the names of the joints. */
  public EpisodeHead {
    joints = List.copyOf(joints);
  }

  /**
   * The message that the episode has begun.
   *
   * @param configuration JSON of what it was recorded with
   */
  public Episode begun(long stampNanos, String configuration) {
    Outcome none = new EpisodeOutcome(EpisodeOutcome.Kind.UNLABELLED, stampNanos, "", "").message();
    return told(Episode.BEGUN, stampNanos, none).withConfiguration(configuration);
  }

  /**
   * The message that something happened to the episode.
   *
   * @param event one of the constants of {@link Episode}
   */
  public Episode told(byte event, long stampNanos, Outcome outcome) {
    return new Episode()
        .withHeader(new Header(Stamps.time(stampNanos), ""))
        .withEvent(event)
        .withEpisodeId(id)
        .withInstruction(instruction)
        .withSource(source)
        .withPolicyId(policyId)
        .withTemperature(temperature)
        .withSeed(seed)
        .withOutcome(outcome);
  }

  /**
   * Actions that were decided on at one observation; those of a policy without their tokens.
   *
   * @param stampNanos of the observation
   * @param source POLICY or TELEOP of {@link Command}
   * @param horizon K
   * @param actions [K, D], in [-1, 1]
   */
  public ActionChunk chunk(
      long stampNanos, int index, String source, int horizon, float[] actions) {
    ActionChunk chunk =
        new ActionChunk()
            .withHeader(new Header(Stamps.time(stampNanos), frameId))
            .withEpisodeId(id)
            .withIndex(index)
            .withSource(source)
            .withInstruction(instruction)
            .withObservationStamps(List.of(Stamps.time(stampNanos)))
            .withPeriod(Stamps.duration(periodNanos))
            .withHorizon(horizon)
            .withActionDim(actions.length / horizon)
            .withActions(actions);
    return source.equals(Command.POLICY)
        ? chunk.withPolicyId(policyId).withTemperature(temperature).withSeed(seed)
        : chunk;
  }

  /**
   * A command: what was sent to the arm.
   *
   * @param stampNanos of the observation that is answered
   * @param action index in the chunk
   * @param source POLICY, TELEOP or HOLD of {@link Command}
   * @param measuredRad positions of the joints at the observation
   * @param sentRad where the joints are sent
   */
  public Command command(
      long stampNanos,
      int tick,
      int chunk,
      int action,
      String source,
      double[] measuredRad,
      double[] sentRad) {
    return new Command()
        .withHeader(new Header(Stamps.time(stampNanos), ""))
        .withEpisodeId(id)
        .withTick(tick)
        .withChunk(chunk)
        .withAction(action)
        .withSource(source)
        .withJointNames(joints)
        .withMeasuredPositions(measuredRad)
        .withPositions(sentRad);
  }
}
