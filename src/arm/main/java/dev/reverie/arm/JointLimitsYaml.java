package dev.reverie.arm;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverie.policy.JsonWords;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.NearestNames;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A {@code joint_limits.yaml} as MoveIt writes it (moveit.picknik.ai, "URDF and SRDF": joint
 * limits): {@code joint_limits} has an entry a joint of the URDF, with {@code max_velocity} and so
 * on, each in force where {@code has_velocity_limits} and so on does not say false. Its scaling
 * factors say how fast MoveIt plans by default; they are no limits and nothing is done with them.
 */
final class JointLimitsYaml {
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  /** Keys of a joint in MoveIt's files and those of ros2_control. */
  private static final Set<String> KNOWN =
      new TreeSet<>(
          Set.of(
              "has_position_limits",
              "min_position",
              "max_position",
              "has_velocity_limits",
              "min_velocity",
              "max_velocity",
              "has_acceleration_limits",
              "min_acceleration",
              "max_acceleration",
              "has_deceleration_limits",
              "max_deceleration",
              "has_jerk_limits",
              "min_jerk",
              "max_jerk",
              "has_effort_limits",
              "max_effort",
              "has_soft_limits",
              "soft_lower_limit",
              "soft_upper_limit",
              "k_position",
              "k_velocity",
              "angle_wraparound"));

  private JointLimitsYaml() {}

  /**
   * Returns the limits by the joints' names in the URDF.
   *
   * @throws ArmException where it cannot be read, or a joint has other than such limits
   */
  static Map<String, JointLimits> read(Path file) {
    try {
      String text = text(file);
      if (text.lines().anyMatch(line -> line.replaceFirst("#.*", "").contains(" !degrees"))) {
        throw new ArmException("'%s' has !degrees; write radians".formatted(file));
      }
      JsonNode joints = keys(text, file).findPath("joint_limits");
      if (!joints.isObject()) {
        throw new ArmException(
            "'%s' has no 'joint_limits'; give a joint_limits.yaml as MoveIt writes it"
                .formatted(file));
      }
      Map<String, JointLimits> limits = new HashMap<>();
      for (Map.Entry<String, JsonNode> joint : joints.properties()) {
        limits.put(joint.getKey(), limits(joint.getKey(), joint.getValue(), file));
      }
      return limits;
    } catch (NoSuchFileException e) {
      throw new ArmException(
          "there is no file '%s'; repair description.joint_limits of the arm file".formatted(file));
    } catch (JsonProcessingException e) {
      throw new ArmException("'%s' is no YAML: %s".formatted(file, JsonWords.reason(e)));
    } catch (IOException e) {
      throw new ArmException("'%s' cannot be read: %s".formatted(file, FileErrors.reason(e)));
    }
  }

  /**
   * Refuses names that are no joints of the URDF, but for those of planar and floating joints,
   * which MoveIt limits by degree of freedom, {@code base/x}.
   *
   * @throws ArmException with the names that are nearest
   */
  static void requireJoints(Path file, Set<String> names, Urdf urdf) {
    for (String name : names) {
      if (name.indexOf('/') < 0 && urdf.named(name).isEmpty()) {
        throw new ArmException(
            "'%s': joint '%s' is not in the URDF '%s'; nearest: %s - correct the name, or leave it out"
                .formatted(file, name, urdf.name(), NearestNames.of(name, urdf.moving())));
      }
    }
  }

  private static String text(Path file) throws IOException {
    try {
      return YamlKeys.text(file);
    } catch (IllegalArgumentException e) {
      throw new ArmException("'%s' %s".formatted(file, e.getMessage()), e);
    }
  }

  private static JsonNode keys(String text, Path file) throws IOException {
    try {
      return YamlKeys.read(YAML, text);
    } catch (IllegalArgumentException e) {
      throw new ArmException(
          "'%s' %s; give a joint_limits.yaml as MoveIt writes it".formatted(file, e.getMessage()),
          e);
    }
  }

  private static JointLimits limits(String joint, JsonNode entry, Path file) {
    if (!entry.isObject() || entry.isEmpty()) {
      throw new ArmException(
          "'%s': joint '%s' is %s and limits nothing; give %s with keys such as max_velocity, or leave it out"
              .formatted(file, joint, entry.isNull() ? "empty" : entry, joint));
    }
    for (Map.Entry<String, JsonNode> value : entry.properties()) {
      if (!KNOWN.contains(value.getKey())) {
        throw new ArmException(
            "'%s': joint '%s': %s"
                .formatted(file, joint, NearestNames.unknownKey("", value.getKey(), KNOWN)));
      }
    }
    try {
      return new JointLimits(
          limit(entry, "position", "min_position", Double.NEGATIVE_INFINITY),
          limit(entry, "position", "max_position", Double.POSITIVE_INFINITY),
          limit(entry, "velocity", "max_velocity", Double.POSITIVE_INFINITY),
          limit(entry, "acceleration", "max_acceleration", Double.POSITIVE_INFINITY),
          limit(entry, "jerk", "max_jerk", Double.POSITIVE_INFINITY),
          Double.POSITIVE_INFINITY);
    } catch (IllegalArgumentException e) {
      throw new ArmException("'%s': joint '%s': %s".formatted(file, joint, e.getMessage()), e);
    }
  }

  private static double limit(JsonNode entry, String kind, String key, double none) {
    JsonNode has = entry.path("has_" + kind + "_limits");
    JsonNode value = entry.path(key);
    if (!has.isMissingNode() && !has.isBoolean()) {
      throw new IllegalArgumentException(
          "has_%s_limits is %s; give true or false".formatted(kind, has));
    }
    if (has.isBoolean() && !has.booleanValue()) {
      return none;
    }
    if (value.isMissingNode() && !has.isBoolean()) {
      return none;
    }
    if (!value.isNumber()) {
      throw new IllegalArgumentException("%s is %s; give a number".formatted(key, told(value)));
    }
    return value.doubleValue();
  }

  private static String told(JsonNode value) {
    return value.isMissingNode() ? "missing" : value.toString();
  }
}
