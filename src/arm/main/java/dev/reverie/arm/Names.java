package dev.reverie.arm;

import dev.reverie.rollout.JointNames;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Checks the names in an arm file. */
final class Names {
  private static final Pattern CAMERA = Pattern.compile("[A-Za-z_]\\w*(/[A-Za-z_]\\w*)*");
  private static final int LONGEST = 100;

  private Names() {}

  /** Refuses a camera's name of which no topic and no parameter can be made. */
  static void requireCamera(String name) {
    requireLine("a camera's name", name);
    if (!CAMERA.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "cameras has the name '%s', which is no name in ROS 2; use letters, digits and _, such as %s"
              .formatted(name, CAMERA.matcher(plain(name)).matches() ? plain(name) : "front"));
    }
  }

  private static String plain(String name) {
    return name.replaceAll("\\W+", "_");
  }

  /** Refuses a name that is empty, too long, or not one line of text. */
  static void requireLine(String where, String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("%s is empty; give one".formatted(where));
    }
    if (name.length() > LONGEST) {
      throw new IllegalArgumentException(
          "%s is '%s...' of %d characters; give %d at most"
              .formatted(where, name.substring(0, 20), name.length(), LONGEST));
    }
    if (name.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "%s is '%s', with a line break or another control character; give one line of text"
              .formatted(where, name.replaceAll("\\p{Cntrl}", "?")));
    }
  }

  static void requireOneOf(List<String> joints, String where, String name) {
    if (!joints.contains(name)) {
      throw new IllegalArgumentException(
          "%s names '%s', which is not among joints %s".formatted(where, name, joints));
    }
  }

  /** Refuses two names for the same joint. */
  static void requireApart(String where, Map<String, String> joints) {
    Set<String> seen = new HashSet<>();
    for (String joint : joints.values()) {
      if (!seen.add(joint)) {
        throw new IllegalArgumentException(
            "%s has two names for '%s'; leave one".formatted(where, joint));
      }
    }
  }

  /** Refuses names in messages that are of no joint, or of two. */
  static void requireOf(List<String> joints, String where, JointNames names) {
    try {
      names.requireOf(joints);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
  }

  /** Returns a copy of names that are all different and none empty. */
  static List<String> distinct(String where, List<String> names) {
    Set<String> seen = new HashSet<>(names);
    if (seen.size() != names.size() || seen.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "%s is %s; give each a name of its own".formatted(where, names));
    }
    return List.copyOf(names);
  }
}
