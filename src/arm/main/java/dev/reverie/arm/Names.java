package dev.reverie.arm;

import java.util.Collection;
import java.util.Comparator;
import java.util.stream.Collectors;

/** Names that somebody may have meant. */
public final class Names {
  private static final int TOLD = 3;

  private Names() {}

  /** The nearest of some names to one that is not among them, for a message: quoted, best first. */
  public static String nearest(String name, Collection<String> names) {
    return names.isEmpty()
        ? "none, there is nothing"
        : names.stream()
            .sorted(
                Comparator.<String>comparingInt(other -> distance(name, other))
                    .thenComparing(Comparator.naturalOrder()))
            .limit(TOLD)
            .map(other -> "'" + other + "'")
            .collect(Collectors.joining(", "));
  }

  /** Levenshtein's: how many letters to put in, take out or replace. */
  static int distance(String one, String other) {
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
