package dev.reverie.rcljava;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Tells the time in nanoseconds. A node's own clock is ROS time: system time, or while the
 * parameter {@code use_sim_time} is true what the topic /clock said last (0 before it said
 * anything).
 */
public final class Clock {
  /** The system's clock: nanoseconds since 1970. */
  public static final Clock SYSTEM = new Clock(Source.SYSTEM);

  /** The steady clock: nanoseconds since some moment; never jumps. */
  public static final Clock STEADY = new Clock(Source.STEADY);

  private enum Source {
    SYSTEM,
    STEADY,
    ROS
  }

  private final Source source;
  private final List<JumpListener> listeners = new CopyOnWriteArrayList<>();
  private volatile boolean simulated;
  private volatile long simulatedNanos;

  private Clock(Source source) {
    this.source = source;
  }

  static Clock ros() {
    return new Clock(Source.ROS);
  }

  /** Returns the ns since the epoch of this clock. */
  public long nowNanos() {
    if (source == Source.STEADY) {
      return System.nanoTime();
    }
    if (simulated) {
      return simulatedNanos;
    }
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  /** Returns whether the topic /clock gives the time. */
  public boolean isSimulated() {
    return simulated;
  }

  /** Tells of jumps of a node's clock, on the executor's thread; the other clocks tell of none. */
  public Registration onJump(Jump.Threshold threshold, Jump.Listener listener) {
    var entry = new JumpListener(threshold, listener);
    listeners.add(entry);
    return () -> listeners.remove(entry);
  }

  private record JumpListener(Jump.Threshold threshold, Jump.Listener listener) {}

  /**
   * Returns the time that timers count by: steady where the time is not simulated, unless it is the
   * system's.
   */
  long timerNanos() {
    return source == Source.ROS && !simulated ? System.nanoTime() : nowNanos();
  }

  /** Follows /clock from now on, or the system's clock. */
  void simulate(boolean on) {
    if (simulated == on) {
      return;
    }
    long before = nowNanos();
    simulatedNanos = 0;
    Jump.Kind kind = on ? Jump.Kind.SIMULATION_BEGAN : Jump.Kind.SIMULATION_ENDED;
    move(kind, (on ? 0 : SYSTEM.nowNanos()) - before, () -> simulated = on);
  }

  void setSimulated(long nanos) {
    move(Jump.Kind.TIME, nanos - simulatedNanos, () -> simulatedNanos = nanos);
  }

  private void move(Jump.Kind kind, long deltaNanos, Runnable setting) {
    if (listeners.isEmpty()) {
      setting.run();
      return;
    }
    var jump = new Jump(kind, deltaNanos);
    List<Jump.Listener> concerned =
        listeners.stream()
            .filter(entry -> entry.threshold().isReachedBy(jump))
            .map(JumpListener::listener)
            .toList();
    concerned.forEach(Jump.Listener::before);
    setting.run();
    concerned.forEach(listener -> listener.after(jump));
  }
}
