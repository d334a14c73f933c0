package dev.reverie.rollout;

import java.nio.file.Path;
import java.util.List;

/**
 * A report on a bag, in clear words.
 *
 * @param recording whether it is being recorded just now, which the only problem says
 * @param problems what is wrong with it; empty where every byte of it is well
 * @param notes what training or other programs cannot use of it as it is, though nothing is wrong
 */
public record BagReport(boolean recording, List<String> problems, List<String> notes) {
  /** Copies the lists. */
  public BagReport {
    problems = List.copyOf(problems);
    notes = List.copyOf(notes);
  }

  /** Says something about a bag in front of which its name stands already. */
  static String withoutName(Path bag, String text) {
    for (String name : List.of(bag + ": ", bag + " ")) {
      if (text.startsWith(name)) {
        return text.substring(name.length());
      }
    }
    return text;
  }
}
