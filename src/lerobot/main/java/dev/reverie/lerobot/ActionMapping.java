package dev.reverie.lerobot;

import dev.reverie.policy.ActionSpace;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Maps a dataset's action to that of a policy, normalised to [-1, 1]. Where only every nth frame is
 * kept, the action of a kept frame leads to where the last one before the next kept frame leads.
 */
final class ActionMapping {
  /** Largest distance from [-1, 1] that is taken as rounding. */
  private static final double ROUNDING = 1e-4;

  private final Meaning meaning;
  private final ActionSpace space;
  private final int[] from;
  private final List<String> names;
  private final boolean clamp;
  private double[] measured = {};
  private double[] reached = {}; // joint targets, rad; or metres moved since the kept frame
  private long clamped;

  /** The meanings that a dataset's action may have. */
  enum Meaning {
    /** Targets, in the unit of the states. */
    JOINT_POSITIONS,
    /** Steps from the measured positions, in the unit of the states. */
    JOINT_DELTAS,
    /** Steps of the tip, metres along the axes. */
    END_EFFECTOR_DELTAS
  }

  private ActionMapping(
      Meaning meaning, ActionSpace space, List<String> names, int[] from, boolean clamp) {
    this.meaning = meaning;
    this.space = space;
    this.names = names;
    this.from = from;
    this.clamp = clamp;
  }

  /**
   * Finds the mapping of a dataset's action to an action space.
   *
   * @param told what the action means; empty: as its names say
   * @param joints names of the state's entries
   * @param action names of the action's entries; empty where the dataset has none
   * @param size entries of the action
   * @param clamp whether what the policy cannot do is cut off instead of refused
   * @throws LerobotException where it cannot be expressed in the action space
   */
  static ActionMapping of(
      Optional<Meaning> told,
      List<String> joints,
      List<String> action,
      int size,
      ActionSpace space,
      boolean clamp) {
    Meaning meaning = told.orElseGet(() -> guess(joints, action, size));
    List<String> names = meaning == Meaning.END_EFFECTOR_DELTAS ? axes(action) : joints;
    if (names.size() != size) {
      throw new LerobotException(
          "the dataset's action has %d entries %s, which are no %s of %s; say with --action what they are"
              .formatted(size, action, word(meaning), names));
    }
    List<String> wanted =
        switch (space) {
          case ActionSpace.JointPositions positions -> positions.joints();
          case ActionSpace.JointDeltas deltas -> deltas.joints();
          case ActionSpace.EndEffectorDelta delta -> delta.axes();
          case ActionSpace.EndEffectorPoseDelta _, ActionSpace.Parts _ ->
              throw new LerobotException(
                  "the policy's action_space is %s; import for a task whose action_space has the kind joint_positions, joint_deltas or end_effector_delta"
                      .formatted(space));
        };
    if (space instanceof ActionSpace.EndEffectorDelta != (meaning == Meaning.END_EFFECTOR_DELTAS)) {
      throw new LerobotException(
          "the dataset's action is %s, the policy's %s, and the one cannot be had from the other without the arm's kinematics; import for a task whose action_space has the kind %s"
              .formatted(
                  word(meaning),
                  space instanceof ActionSpace.EndEffectorDelta
                      ? "end_effector_delta"
                      : "that of joints",
                  meaning == Meaning.END_EFFECTOR_DELTAS
                      ? "end_effector_delta"
                      : "joint_positions or joint_deltas"));
    }
    int[] from = wanted.stream().mapToInt(names::indexOf).toArray();
    if (Arrays.stream(from).anyMatch(at -> at < 0)) {
      throw new LerobotException(
          "the policy moves %s, the dataset's action %s; name its entries with --joint-names"
              .formatted(wanted, names));
    }
    return new ActionMapping(meaning, space, wanted, from, clamp);
  }

  private static Meaning guess(List<String> joints, List<String> action, int size) {
    if (axes(action).size() == size) {
      return Meaning.END_EFFECTOR_DELTAS;
    }
    if (size == joints.size()) {
      return Meaning.JOINT_POSITIONS;
    }
    throw new LerobotException(
        "the dataset does not tell what its action %s of %d entries is; say --action joint_positions, joint_deltas or end_effector_deltas"
            .formatted(action, size));
  }

  /** x, y, z of names like "delta_x" or "x"; empty where one is another. */
  private static List<String> axes(List<String> names) {
    List<String> axes =
        names.stream()
            .map(name -> name.toLowerCase(Locale.ROOT).replaceFirst("^(ee_)?(delta_|d)?", ""))
            .map(name -> name.replaceFirst("\\.pos$", ""))
            .toList();
    return List.of("x", "y", "z").containsAll(axes) ? axes : List.of();
  }

  private static String word(Meaning meaning) {
    return meaning.name().toLowerCase(Locale.ROOT);
  }

  /** Returns whether the dataset's action is in the unit of angles. */
  boolean angular() {
    return meaning != Meaning.END_EFFECTOR_DELTAS;
  }

  /** Begins with a kept frame. */
  void begin(double[] measuredRad) {
    measured = measuredRad;
    reached = meaning == Meaning.END_EFFECTOR_DELTAS ? new double[from.length] : new double[0];
  }

  /** Takes the action of the kept frame, then those of the frames left out after it. */
  void add(double[] measuredRad, double[] action) {
    switch (meaning) {
      case JOINT_POSITIONS -> reached = action;
      case JOINT_DELTAS -> {
        reached = new double[action.length];
        for (int j = 0; j < action.length; j++) {
          reached[j] = measuredRad[j] + action[j];
        }
      }
      case END_EFFECTOR_DELTAS -> {
        for (int i = 0; i < from.length; i++) {
          reached[i] += action[from[i]];
        }
      }
    }
  }

  /** Joint targets of the kept frame, rad; empty where the action does not tell them. */
  Optional<double[]> targets() {
    return meaning == Meaning.END_EFFECTOR_DELTAS ? Optional.empty() : Optional.of(reached);
  }

  /**
   * The policy's action of the kept frame.
   *
   * @param where for the message where it is out of range
   */
  float[] action(String where) {
    float[] action = new float[from.length];
    for (int i = 0; i < action.length; i++) {
      double value =
          switch (space) {
            case ActionSpace.JointPositions p -> {
              double half = (p.maxRad().get(i) - p.minRad().get(i)) / 2;
              yield (reached[from[i]] - p.minRad().get(i)) / half - 1;
            }
            case ActionSpace.JointDeltas d ->
                (reached[from[i]] - measured[from[i]]) / d.scaleRad().get(i);
            case ActionSpace.EndEffectorDelta e -> reached[i] / e.scaleM().get(i);
            case ActionSpace.EndEffectorPoseDelta _, ActionSpace.Parts _ ->
                throw new IllegalStateException(space.toString());
          };
      if (!(Math.abs(value) <= 1 + ROUNDING)) {
        if (!clamp || Double.isNaN(value)) {
          throw new LerobotException(
              "%s: the action for '%s' is %.4g, and the policy's go from -1 to 1; widen the task's action_space, or cut such actions off with --clamp"
                  .formatted(where, names.get(i), value));
        }
        clamped++;
      }
      action[i] = (float) Math.clamp(value, -1, 1);
    }
    return action;
  }

  /** The count of numbers that were cut off. */
  long clamped() {
    return clamped;
  }
}
