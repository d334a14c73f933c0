package dev.reverie.console;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/** The last things that happened, newest last, with what came again and again counted once. */
final class Happenings {
  private static final int KEPT = 80;
  private static final long TOGETHER_MILLIS = 2000;

  /** Kinds of which there may be one a tick. */
  private static final Set<String> MANY = Set.of("CLAMPED", "REFUSED");

  /**
   * Something that happened.
   *
   * @param id counts up
   * @param timeMs of the last time, by the clock of the console
   * @param kind such as TAKEOVER; the constants of SafetyEvent, PolicyEvent and Episode
   * @param who asked or acted
   * @param times that it came in a row
   */
  record Happening(long id, long timeMs, String kind, String who, String text, int times) {}

  private final Deque<Happening> all = new ArrayDeque<>();
  private long next;

  synchronized void add(long nowMs, String kind, String who, String text) {
    Happening last = all.peekLast();
    int times = 1;
    if (last != null
        && MANY.contains(kind)
        && last.kind.equals(kind)
        && last.who.equals(who)
        && nowMs - last.timeMs < TOGETHER_MILLIS) {
      all.removeLast();
      times = last.times + 1;
    }
    all.addLast(new Happening(next++, nowMs, kind, who, text, times));
    if (all.size() > KEPT) {
      all.removeFirst();
    }
  }

  synchronized List<Happening> list() {
    return List.copyOf(all);
  }
}
