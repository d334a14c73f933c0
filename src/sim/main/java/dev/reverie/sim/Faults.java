package dev.reverie.sim;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Faults that there are now, in words such as {@code camera_stop:front}: a kind, and the camera or
 * joint that has it; without one, all have it.
 */
record Faults(Set<String> words) {
  static final List<String> KINDS =
      List.of(
          "camera_stop",
          "camera_freeze",
          "joints_stop",
          "joints_freeze",
          "joints_nan",
          "motor_stall",
          "commands_drop",
          "controller_inactive");

  Faults {
    words = Set.copyOf(words);
  }

  /**
   * Reads words.
   *
   * @param names of the cameras and joints
   * @throws IllegalArgumentException where one means nothing
   */
  static Faults of(List<String> words, List<String> names) {
    Set<String> read = new LinkedHashSet<>();
    for (String word : words) {
      if (word.isEmpty()) {
        continue; // an empty list has no type on the command line; one empty word does
      }
      String[] parts = word.split(":", 2);
      if (!KINDS.contains(parts[0]) || (parts.length > 1 && !names.contains(parts[1]))) {
        throw new IllegalArgumentException(
            "fault '%s'; give one of %s, where needed with one of %s, as camera_stop:front"
                .formatted(word, KINDS, names));
      }
      read.add(word);
    }
    return new Faults(read);
  }

  /** Tells whether something is broken anywhere. */
  boolean has(String kind) {
    return words.contains(kind);
  }

  /** Tells whether a camera or joint has a fault. */
  boolean has(String kind, String name) {
    return words.contains(kind) || words.contains(kind + ":" + name);
  }
}
