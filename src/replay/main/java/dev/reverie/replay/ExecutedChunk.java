package dev.reverie.replay;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Actions of a recorded episode that were decided on at one observation and carried out.
 *
 * @param observation index of it
 * @param source {@code POLICY} or {@code TELEOP} of {@link Command}
 * @param mixed whether several of the policy's chunks had a part in it, so that it is none of its
 *     tokens
 * @param actions [n][D] in [-1, 1], as they were given
 * @param places of the actions in their chunk, [n]
 * @param ahead actions of the chunk before that were carried out from the observation on until the
 *     first of these, [m, D] row-major: of them a policy was told whose graph takes them
 */
record ExecutedChunk(
    int observation,
    String source,
    boolean mixed,
    List<float[]> actions,
    List<Integer> places,
    float[] ahead) {
  /**
   * The chunks of an episode in order. What a person did one tick at a time is taken together in
   * chunks of the policy's length, as behaviour cloning takes it.
   *
   * @param horizon K of the policy
   */
  static List<ExecutedChunk> of(Episode episode, int horizon) {
    Map<Integer, ActionChunk> chunks = new HashMap<>();
    episode.chunks().forEach(chunk -> chunks.put(chunk.index(), chunk));
    Map<Long, Integer> observations = new HashMap<>();
    List<Step> steps = episode.steps();
    for (int t = 0; t < steps.size(); t++) {
      observations.put(steps.get(t).stampNanos(), t);
    }
    List<ExecutedChunk> found = new ArrayList<>();
    for (int t = 0; t < steps.size(); ) {
      int begin = t;
      while (t < steps.size() && together(steps.get(begin), steps.get(t), t - begin, horizon)) {
        t++;
      }
      ActionChunk chunk = chunks.get(steps.get(begin).command().chunk());
      if (t == begin || chunk == null) {
        t = Math.max(t, begin + 1); // the arm was held still
        continue;
      }
      boolean policy = steps.get(begin).command().source().equals(Command.POLICY);
      Integer seen =
          policy ? observations.get(Stamps.nanos(chunk.header().stamp())) : Integer.valueOf(begin);
      if (seen != null) {
        boolean mixed = policy && Episode.isMixed(chunk);
        float[] ahead =
            policy && !mixed && seen < begin ? flat(steps.subList(seen, begin)) : new float[0];
        found.add(of(steps.subList(begin, t), seen, policy, mixed, ahead));
      }
    }
    return found;
  }

  private static boolean together(Step first, Step step, int after, int horizon) {
    String source = first.command().source();
    if (step.held() || !step.command().source().equals(source)) {
      return false;
    }
    return source.equals(Command.POLICY)
        ? step.command().chunk() == first.command().chunk()
        : after < horizon;
  }

  private static ExecutedChunk of(
      List<Step> steps, int observation, boolean policy, boolean mixed, float[] ahead) {
    List<float[]> actions = steps.stream().map(Step::action).toList();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      places.add(policy ? steps.get(i).command().action() : i);
    }
    return new ExecutedChunk(
        observation, policy ? Command.POLICY : Command.TELEOP, mixed, actions, places, ahead);
  }

  /** The actions of some steps, [n, D] row-major, but for those at which the arm was held. */
  private static float[] flat(List<Step> steps) {
    List<float[]> actions = steps.stream().filter(step -> !step.held()).map(Step::action).toList();
    float[] all = new float[actions.stream().mapToInt(action -> action.length).sum()];
    int at = 0;
    for (float[] action : actions) {
      System.arraycopy(action, 0, all, at, action.length);
      at += action.length;
    }
    return all;
  }
}
