package dev.reverie.arm;

import dev.reverie.msgs.reverie.Command;
import java.util.Locale;

/**
 * A limit that a target was brought within.
 *
 * @param text what was changed, with the numbers, for people
 */
public record Limit(Kind kind, String text) {
  /** Kinds of limits, as they stand in a {@link Command}. */
  public enum Kind {
    POSITION(Command.LIMIT_POSITION),
    VELOCITY(Command.LIMIT_VELOCITY),
    WORKSPACE(Command.LIMIT_WORKSPACE),
    ACCELERATION(Command.LIMIT_ACCELERATION),
    JERK(Command.LIMIT_JERK),
    STEP(Command.LIMIT_STEP),
    KEEP_OUT(Command.LIMIT_KEEP_OUT),
    RAMP(Command.LIMIT_RAMP);

    private final byte code;

    Kind(byte code) {
      this.code = code;
    }

    /** Returns one of the constants {@code LIMIT_} of {@link Command}. */
    public byte code() {
      return code;
    }
  }

  static Limit of(Kind kind, String format, Object... values) {
    return new Limit(kind, String.format(Locale.ROOT, format, values));
  }
}
