package dev.reverie.arm;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/** Holds that each topic of an arm is there for one thing. */
public final class Topics {
  private static final String COMPRESSED = "/compressed";

  /** A name of a topic or an action as ROS 2 expands it (rcl, validate_topic_name.c). */
  private static final Pattern NAME =
      Pattern.compile("(~(/T)*|/?T(/T)*)".replace("T", "([A-Za-z_]|\\{\\w+\\})(\\w|\\{\\w+\\})*"));

  private static final int LONGEST = 247; // of a full name, in rmw

  private Topics() {}

  /**
   * Refuses a name that no topic and no action can have in ROS 2.
   *
   * @param use such as "camera 'front'"
   * @throws IllegalArgumentException with the use, the name and the remedy
   */
  public static void requireName(String use, String name) {
    if (!name.isEmpty() && (name.length() > LONGEST || !NAME.matcher(name).matches())) {
      throw new IllegalArgumentException(
          "%s is on '%s', which is no name of a topic in ROS 2; use at most %d letters, digits, _ and / between names that begin with no digit, such as /arm/joint_states"
              .formatted(use, name.replaceAll("\\p{Cntrl}", "?"), LONGEST));
    }
  }

  /**
   * Refuses one topic for two things.
   *
   * @param byUse topic by what it is for, such as "camera 'front'"; full names where they are
   *     known. A picture and the same compressed are one topic
   * @throws IllegalArgumentException with both uses, the topic and the remedy
   */
  public static void requireApart(SequencedMap<String, String> byUse) {
    Map<String, String> uses = new HashMap<>();
    byUse.forEach(
        (use, topic) -> {
          String other = uses.putIfAbsent(source(topic), use);
          if (other != null) {
            throw new IllegalArgumentException(
                "%s and %s are both on topic '%s'; give each a topic of its own"
                    .formatted(other, use, topic));
          }
        });
  }

  /** Returns what a topic tells of: with or without a leading slash, compressed or not. */
  private static String source(String topic) {
    String bare = topic.startsWith("/") ? topic.substring(1) : topic;
    return bare.endsWith(COMPRESSED)
        ? bare.substring(0, bare.length() - COMPRESSED.length())
        : bare;
  }

  /** Returns the topics of an arm file by what they are for. */
  static SequencedMap<String, String> of(
      ArmFile.Description description,
      ArmFile.JointStates states,
      Map<String, ArmFile.Camera> cameras,
      ArmFile.Controller controller,
      ArmFile.Teleoperation person) {
    SequencedMap<String, String> uses = new LinkedHashMap<>();
    if (description.urdf().isEmpty()) {
      uses.put("description.topic", description.topic());
    }
    for (int i = 0; i < states.topics().size(); i++) {
      uses.put("joint_states.topics[%d]".formatted(i), states.topics().get(i));
    }
    cameras.forEach((name, camera) -> uses.put(camera(name), camera.imageTopic(name)));
    if (controller.kind() != ArmFile.Controller.Kind.FOLLOW_JOINT_TRAJECTORY) {
      uses.put("controller.topic", controller.commands());
    }
    uses.put("teleoperation.trajectory", person.trajectory());
    uses.put("teleoperation.leader", tellsLeader(states, person) ? "" : person.leader());
    uses.put("teleoperation.twist", person.twist());
    uses.put("teleoperation.gripper", person.gripper());
    uses.values().removeIf(String::isEmpty);
    return uses;
  }

  /** Refuses a leader arm that is the arm itself: what it is told, it would follow. */
  static void requireLeader(
      List<String> joints, ArmFile.JointStates states, ArmFile.Teleoperation person) {
    for (String joint : tellsLeader(states, person) ? joints : List.<String>of()) {
      String name = states.outside(joint);
      if (joints.contains(person.leaderNames().getOrDefault(name, name))) {
        throw new IllegalArgumentException(
            "teleoperation.leader is '%s', which has the arm's own joint '%s': it would follow itself; give the leader arm's topic"
                .formatted(person.leader(), name));
      }
    }
  }

  /** Returns whether the leader arm's positions come with those of the arm. */
  private static boolean tellsLeader(ArmFile.JointStates states, ArmFile.Teleoperation person) {
    String leader = source(person.leader());
    return states.topics().stream().map(Topics::source).anyMatch(leader::equals);
  }

  /** Names a camera in a refusal. */
  public static String camera(String name) {
    return "camera '%s'".formatted(name);
  }
}
