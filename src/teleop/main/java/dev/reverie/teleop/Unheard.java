package dev.reverie.teleop;

/**
 * Says that nobody takes what is published on a topic, once that has been so for a while: who is
 * found a moment later was not gone.
 */
final class Unheard {
  static final long AFTER_NANOS = 2_000_000_000L;

  private final String notice;
  private long heardNanos;

  /**
   * Begins to look.
   *
   * @param notice what is said then, with the remedy
   */
  Unheard(String notice, long nowNanos) {
    this.notice = notice;
    heardNanos = nowNanos;
  }

  /** Returns what is to be said now; empty where somebody listens, or did a moment ago. */
  String notice(int subscriptions, long nowNanos) {
    if (subscriptions > 0) {
      heardNanos = nowNanos;
    }
    return nowNanos - heardNanos > AFTER_NANOS ? notice : "";
  }
}
