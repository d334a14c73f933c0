package dev.reverie.arm;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks the names in an arm file. */
final class Names {
  private Names() {}

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
