package dev.reverie.rollout;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.std_msgs.Header;
import java.util.Optional;

/**
 * The outcome of an episode: how it went, and who said so.
 *
 * @param stampNanos when it was reached, in the clock of the observations; 0 where nobody said
 * @param labeller "simulated_arm", "time_limit", a person's name, a classifier's bundle id
 * @param reason in words; may be empty
 */
public record EpisodeOutcome(Kind kind, long stampNanos, String labeller, String reason) {
  /** The kinds of outcome, in the order of the constants of reverie/msg/Outcome. */
  public enum Kind {
    /** Nobody has said how it went. */
    UNLABELLED,
    /** The task was done. */
    SUCCESS,
    /** The task was not done. */
    FAILURE,
    /** The episode was broken off and says nothing about the policy. */
    ABORTED
  }

  private static final int LONGEST_NAME = 200;
  private static final int LONGEST = 2000;

  /** Nobody has said how it went. */
  public static final EpisodeOutcome UNLABELLED = new EpisodeOutcome(Kind.UNLABELLED, 0, "", "");

  /** Checks that the stamp is not negative. */
  public EpisodeOutcome {
    if (stampNanos < 0) {
      throw new IllegalArgumentException(
          "an outcome at " + stampNanos + " ns: stamps begin at 0 (0: not known)");
    }
  }

  /** Says why this is no word of anybody: tables and logs have a line for it; empty where it is. */
  public static Optional<String> fault(String labeller, String reason) {
    return line("labeller", labeller, LONGEST_NAME).or(() -> line("reason", reason, LONGEST));
  }

  private static Optional<String> line(String what, String text, int longest) {
    if (text.length() > longest) {
      return Optional.of(
          "the %s is '%s...' of %d characters; give %d at most"
              .formatted(what, text.substring(0, 20), text.length(), longest));
    }
    return text.chars().anyMatch(Character::isISOControl)
        ? Optional.of(
            "the %s is '%s', with a line break or another control character; give one line of text"
                .formatted(what, text.replaceAll("\\p{Cntrl}", "?")))
        : Optional.empty();
  }

  /** Returns whether the task was done. */
  public boolean success() {
    return kind == Kind.SUCCESS;
  }

  /** The outcome that holds when another is told after this one, whose stamp it takes for 0. */
  EpisodeOutcome then(EpisodeOutcome told) {
    long stamp = told.stampNanos != 0 ? told.stampNanos : stampNanos;
    return new EpisodeOutcome(told.kind, stamp, told.labeller, told.reason);
  }

  /**
   * Reads an outcome from a message.
   *
   * @throws IllegalArgumentException where the message has an outcome that is none
   */
  public static EpisodeOutcome of(Outcome message) {
    int kind = Byte.toUnsignedInt(message.outcome());
    if (kind >= Kind.values().length) {
      throw new IllegalArgumentException(
          "outcome %d is unknown; known are 0 to %d".formatted(kind, Kind.values().length - 1));
    }
    return new EpisodeOutcome(
        Kind.values()[kind],
        Stamps.nanos(message.header().stamp()),
        message.labeller(),
        message.reason());
  }

  /** The outcome as it is sent and recorded. */
  public Outcome message() {
    return new Outcome(
        new Header(Stamps.time(stampNanos), ""), (byte) kind.ordinal(), labeller, reason);
  }
}
