package dev.reverie.robot.motion;

import org.jspecify.annotations.Nullable;

/**
 * The share of its speed that an arm may move with: little when it begins to move, less when
 * another one begins to move it, whose pose may be far from the arm's; then more, up to all of it.
 * Not thread-safe.
 */
public final class Ramp {
  private static final double FIRST = 0.2;
  private static final double FIRST_S = 0.5;
  private static final double OTHER = 0.1;
  private static final double OTHER_S = 1.5;

  private @Nullable String who; // null: nobody yet
  private boolean first;
  private long sinceNanos;

  /** Takes notice of who moves the arm now; another one begins slowly. */
  public void movedBy(String source, long nowNanos) {
    if (!source.equals(who)) {
      first = who == null;
      who = source;
      sinceNanos = nowNanos;
    }
  }

  /** Returns whether this one moves the arm already. */
  public boolean isMovedBy(String source) {
    return source.equals(who);
  }

  /** Returns the share at a time from now on, s. */
  public double share(long nowNanos, double aheadS) {
    double t = (nowNanos - sinceNanos) / 1e9 + aheadS;
    double begin = first ? FIRST : OTHER;
    return Math.clamp(begin + (1 - begin) * t / (first ? FIRST_S : OTHER_S), begin, 1);
  }
}
