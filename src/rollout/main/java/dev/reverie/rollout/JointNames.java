package dev.reverie.rollout;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The names that an arm's joints have in messages and URDF, where these differ from its own.
 *
 * @param own own names by the name in messages
 * @param prefix before the own name of each other joint in messages
 */
public record JointNames(Map<String, String> own, String prefix) {
  /** Says that the names are the same. */
  public static final JointNames SAME = new JointNames(Map.of(), "");

  /** Checks that no joint has two names. */
  public JointNames {
    own = Map.copyOf(own);
    if (own.values().stream().distinct().count() != own.size()) {
      throw new IllegalArgumentException(
          "the names of joints %s give one joint two names; give each one".formatted(own));
    }
  }

  /**
   * Reads names as parameters have them.
   *
   * @param pairs such as {@code arm_j1=shoulder}: the name in messages, then the own one
   * @throws IllegalArgumentException where one is no such pair
   */
  public static JointNames of(List<String> pairs, String prefix) {
    Map<String, String> own = new HashMap<>();
    for (String pair : pairs) {
      String[] names = pair.split("=", -1);
      if (names.length != 2 || names[0].isBlank() || names[1].isBlank()) {
        throw new IllegalArgumentException(
            "'%s' names no joint; give NAME_IN_MESSAGES=OWN_NAME".formatted(pair));
      }
      if (own.put(names[0].strip(), names[1].strip()) != null) {
        throw new IllegalArgumentException(
            "'%s' comes twice in %s; name each joint once".formatted(names[0], pairs));
      }
    }
    return new JointNames(own, prefix);
  }

  /**
   * Reads names as parameters have them, for these joints.
   *
   * @param usual that hold where no pairs are given
   * @throws IllegalArgumentException where one is no such pair or names none of the joints, or two
   *     joints have one name
   */
  public static JointNames of(
      List<String> pairs, String prefix, JointNames usual, List<String> joints) {
    JointNames names = of(pairs, prefix);
    if (!pairs.equals(usual.pairs())) {
      names.requireKnown(joints);
    }
    names.requireDistinct(joints);
    return names;
  }

  /**
   * Refuses names that are not of these joints, or that two of them have.
   *
   * @throws IllegalArgumentException with the name and what helps
   */
  public void requireOf(List<String> joints) {
    requireKnown(joints);
    requireDistinct(joints);
  }

  private void requireKnown(List<String> joints) {
    for (String name : own.values()) {
      if (!joints.contains(name)) {
        throw new IllegalArgumentException(
            "'%s' is none of the joints %s; nearest: %s"
                .formatted(name, joints, NearestNames.of(name, joints)));
      }
    }
  }

  private void requireDistinct(List<String> joints) {
    Map<String, String> owners = new HashMap<>();
    for (String joint : joints) {
      String other = owners.put(inMessages(joint), joint);
      if (other != null) {
        throw new IllegalArgumentException(
            "'%s' and '%s' are both called '%s' in messages; give each a name of its own"
                .formatted(other, joint, inMessages(joint)));
      }
    }
  }

  /** Returns the pairs that {@link #of} reads, sorted. */
  public List<String> pairs() {
    return own.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).sorted().toList();
  }

  /** Returns the name that a joint has in messages. */
  public String inMessages(String joint) {
    for (Map.Entry<String, String> entry : own.entrySet()) {
      if (entry.getValue().equals(joint)) {
        return entry.getKey();
      }
    }
    return prefix + joint;
  }

  /** Returns the names that joints have in messages. */
  public List<String> inMessages(List<String> joints) {
    return joints.stream().map(this::inMessages).toList();
  }
}
