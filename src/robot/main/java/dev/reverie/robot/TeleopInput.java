package dev.reverie.robot;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the person does: the newest command, and whether they still hold on. Not thread-safe. */
final class TeleopInput {

  /** A person who is silent for so long has let go. */
  private static final long SILENCE_NANOS = 500_000_000L;

  private final boolean lockStep;
  private @Nullable TeleopCommand newest;

  TeleopInput(boolean lockStep) {
    this.lockStep = lockStep;
  }

  void add(TeleopCommand command) {
    newest = command;
  }

  boolean silent(long nowNanos) {
    return newest == null || nowNanos - newest.arrivalNanos() > SILENCE_NANOS;
  }

  /** The command that was made for an observation, or for now. */
  Optional<TeleopCommand> answering(long stampNanos, long nowNanos) {
    if (newest == null) {
      return Optional.empty();
    }
    boolean forNow = !lockStep && newest.stampNanos() == 0 && !silent(nowNanos);
    return newest.stampNanos() == stampNanos || forNow ? Optional.of(newest) : Optional.empty();
  }

  /** The newest command, if the person still holds on; for a tick that cannot wait. */
  Optional<TeleopCommand> latest(long nowNanos) {
    return silent(nowNanos) ? Optional.empty() : Optional.ofNullable(newest);
  }
}
