package dev.reverie.rollout;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Finds names that somebody may have meant. */
public final class NearestNames {
  private static final int TOLD = 3;

  private NearestNames() {}

  /**
   * The nearest of some names to one that is not among them, for a message: quoted, best first.
   * Letters are compared whatever their case; what only stands before or after the name counts as
   * one edit.
   */
  public static String of(String wanted, Collection<String> names) {
    return names.isEmpty()
        ? "none, there is nothing"
        : names.stream()
            .distinct()
            .sorted(
                Comparator.<String>comparingInt(name -> distance(wanted, name))
                    .thenComparing(Comparator.naturalOrder()))
            .limit(TOLD)
            .map(name -> "'" + name + "'")
            .collect(Collectors.joining(", "));
  }

  /**
   * Says that a key is not known, with those that may have been meant and all that there are.
   *
   * @param group that the key stands in, as it is to stand before the key; may be empty
   */
  public static String unknownKey(String group, String key, Collection<String> known) {
    return "unknown key '%s%s'; %s".formatted(group, key, meant(key, known));
  }

  /** Says which names may have been meant, and all that there are. */
  public static String meant(String wanted, Collection<String> known) {
    var all = new TreeSet<>(known);
    return all.size() > TOLD
        ? "the nearest are %s, and all are %s".formatted(of(wanted, all), all)
        : "there are " + all;
  }

  private static int distance(String wanted, String name) {
    String one = wanted.toLowerCase(Locale.ROOT);
    String other = name.toLowerCase(Locale.ROOT);
    boolean part = !one.isEmpty() && !other.isEmpty() && isPart(one, other);
    return part ? Math.min(1, edits(one, other)) : edits(one, other);
  }

  private static boolean isPart(String one, String other) {
    return one.endsWith(other)
        || other.endsWith(one)
        || one.startsWith(other)
        || other.startsWith(one);
  }

  /** Levenshtein's distance: how many letters to put in, take out or replace. */
  private static int edits(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[other.length()];
  }
}
