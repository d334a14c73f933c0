package dev.reverie.robot.control;

import dev.reverie.arm.JointSpace;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a person moves the arm, and keeps what they want: the newest command. A person
 * moves it from beginning to end of a demonstration, and takes over from the policy in real time
 * for as long as they command. Not thread-safe.
 */
final class Takeover {
  /** A person who is silent for so long has let go. */
  static final long SILENCE_NANOS = 500_000_000L;

  private final boolean lockStep;
  private final TeleopPath path = new TeleopPath();
  private @Nullable TeleopCommand newest;
  private boolean demonstration;
  private boolean taken; // from the policy

  Takeover(boolean lockStep) {
    this.lockStep = lockStep;
  }

  /**
   * Begins with an episode.
   *
   * @param demonstration whether a person acts from its beginning
   */
  void begin(boolean demonstration) {
    this.demonstration = demonstration;
    taken = false;
  }

  void add(TeleopCommand command) {
    newest = command;
    path.add(command);
  }

  /**
   * Returns a command with what the person wanted at the even time of a tick.
   *
   * @param command the newest
   * @param joints of the arm
   */
  TeleopCommand even(TeleopCommand command, long tickNanos, JointSpace joints) {
    return lockStep ? command : path.at(command, tickNanos, joints);
  }

  /** Lets the person who commands take over; returns false where they act already, or may not. */
  boolean takes() {
    if (demonstration || lockStep || taken) {
      return false;
    }
    taken = true;
    return true;
  }

  /** Returns whether a person acts now, rather than the policy. */
  boolean personActs(long nowNanos) {
    if (taken && silent(nowNanos)) {
      taken = false; // the person has let go: the policy goes on
    }
    return taken || demonstration;
  }

  private boolean silent(long nowNanos) {
    return newest == null || nowNanos - newest.arrivalNanos() > SILENCE_NANOS;
  }

  /** Returns the command that was made for an observation, or for now. */
  Optional<TeleopCommand> answering(long stampNanos, long nowNanos) {
    if (newest == null) {
      return Optional.empty();
    }
    boolean forNow = !lockStep && newest.stampNanos() == 0 && !silent(nowNanos);
    return newest.stampNanos() == stampNanos || forNow ? Optional.of(newest) : Optional.empty();
  }

  /** Returns whether a demonstration in lock-step has no command for an observation yet. */
  boolean awaits(long stampNanos) {
    return lockStep && demonstration && answering(stampNanos, 0).isEmpty();
  }

  /** Returns the newest command, if the person still holds on; for a tick that cannot wait. */
  Optional<TeleopCommand> latest(long nowNanos) {
    return silent(nowNanos) ? Optional.empty() : Optional.ofNullable(newest);
  }
}
