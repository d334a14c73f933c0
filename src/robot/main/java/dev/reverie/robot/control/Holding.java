package dev.reverie.robot.control;

import dev.reverie.robot.sense.HoldReason;
import java.util.Optional;
import java.util.function.Consumer;

/** Remembers why the arm holds still and tells each new reason once. Not thread-safe. */
public final class Holding {
  private final Consumer<String> warn;
  private final Runnable changed;
  private Optional<HoldReason> reason = Optional.empty();

  /**
   * Begins without a reason to hold still.
   *
   * @param warn takes a new reason
   * @param changed runs when the reason changes
   */
  public Holding(Consumer<String> warn, Runnable changed) {
    this.warn = warn;
    this.changed = changed;
  }

  /** Returns why the arm holds still; empty where it does not. */
  Optional<HoldReason> reason() {
    return reason;
  }

  /** Takes notice of what was decided. */
  void after(Tick tick) {
    switch (tick) {
      case Tick.Sent _ -> over();
      case Tick.Refused refused -> because(refused.reason());
      case Tick.Held held -> because(held.reason());
      case Tick.Blind blind -> because(blind.reason());
      case Tick.Waiting _ -> {}
    }
  }

  public void because(HoldReason why) {
    boolean news = reason.filter(why::sameAs).isEmpty();
    reason = Optional.of(why);
    if (news) {
      warn.accept("the arm holds still: " + why.text());
      changed.run();
    }
  }

  private void over() {
    if (reason.isPresent()) {
      reason = Optional.empty();
      changed.run();
    }
  }
}
