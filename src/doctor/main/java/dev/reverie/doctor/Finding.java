package dev.reverie.doctor;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One thing that was looked at.
 *
 * @param about what it is, in a few words, such as {@code camera front}
 * @param value how it is
 * @param remedy what to do; empty where nothing is to be done
 */
record Finding(Severity severity, String about, String value, String remedy) {
  /** Severities, the mildest first. */
  enum Severity {
    /** Nothing is wrong. */
    OK,
    /** The arm moves, and perhaps not well. */
    WARNING,
    /** The arm does not move, or must not. */
    ERROR;

    /** Returns the word for people and programs. */
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Finding ok(String about, String value, @Nullable Object... values) {
    return new Finding(Severity.OK, about, format(value, values), "");
  }

  static Finding warning(String about, String remedy, String value, @Nullable Object... values) {
    return new Finding(Severity.WARNING, about, format(value, values), remedy);
  }

  static Finding error(String about, String remedy, String value, @Nullable Object... values) {
    return new Finding(Severity.ERROR, about, format(value, values), remedy);
  }

  private static String format(String value, @Nullable Object... values) {
    return values.length == 0 ? value : String.format(Locale.ROOT, value, values);
  }
}
