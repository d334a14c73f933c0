package dev.reverie.robot;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Remembers what is not as it should be although the arm moves, each under a name, and tells each
 * once when it begins. For any thread.
 */
final class Notices {
  /**
   * Something that is not as it should be.
   *
   * @param name of what it is about, such as {@code rate of camera front}; unique
   * @param text the sentence for people, with the numbers and the remedy; may change
   * @param sinceNanos {@link System#nanoTime} when it began
   */
  record Notice(String name, String text, long sinceNanos) {
    /** Returns how long it has been so, in words that follow the text. */
    String duration(long nowNanos) {
      return String.format(Locale.ROOT, " (for %.0f s)", (nowNanos - sinceNanos) / 1e9);
    }
  }

  private final Consumer<String> warn;
  private final Runnable changed;
  private final Map<String, Notice> notices = new LinkedHashMap<>();

  /**
   * Begins without any.
   *
   * @param warn takes the text of each that begins
   * @param changed runs when one begins or ends
   */
  Notices(Consumer<String> warn, Runnable changed) {
    this.warn = warn;
    this.changed = changed;
  }

  /** Takes notice of what is so now; empty where nothing of this name is. */
  void set(String name, Optional<String> text) {
    boolean news;
    synchronized (notices) {
      Notice before = notices.get(name);
      if (text.isPresent()) {
        long since = before == null ? System.nanoTime() : before.sinceNanos;
        notices.put(name, new Notice(name, text.get(), since));
      } else {
        notices.remove(name);
      }
      news = (before == null) == text.isPresent();
    }
    if (news) {
      text.ifPresent(warn);
      changed.run();
    }
  }

  /** Takes notice of what is so now. */
  void set(String name, String text) {
    set(name, Optional.of(text));
  }

  /** Forgets what is not so any more. */
  void clear(String name) {
    set(name, Optional.empty());
  }

  /** Returns all, in the order in which they began. */
  List<Notice> all() {
    synchronized (notices) {
      return new ArrayList<>(notices.values());
    }
  }

  /** Returns the texts of all. */
  List<String> texts() {
    return all().stream().map(Notice::text).toList();
  }
}
