package dev.reverie.robot.sense;

import dev.reverie.msgs.reverie.Hold;
import java.util.Arrays;
import java.util.Locale;

/**
 * Tells why the arm is not moved.
 *
 * @param about the joint, camera or input that it is about; empty where it is about none
 * @param text the sentence for people, with the numbers and the remedy; may change at each tick
 * @param form the sentence with zeros for its numbers, the same as long as the reason is
 */
public record HoldReason(Kind kind, String about, String text, String form) {
  /** Kinds of reasons, as they stand in a {@link Hold}. */
  public enum Kind {
    NO_DESCRIPTION(Hold.NO_DESCRIPTION),
    BAD_DESCRIPTION(Hold.BAD_DESCRIPTION),
    NO_JOINT_STATE(Hold.NO_JOINT_STATE),
    BAD_JOINT_STATE(Hold.BAD_JOINT_STATE),
    NO_IMAGE(Hold.NO_IMAGE),
    BAD_IMAGE(Hold.BAD_IMAGE),
    NOT_IN_STEP(Hold.NOT_IN_STEP),
    NO_OBSERVATION(Hold.NO_OBSERVATION),
    STALE(Hold.STALE),
    IN_FUTURE(Hold.IN_FUTURE),
    POLICY_FAILED(Hold.POLICY_FAILED),
    POLICY_LATE(Hold.POLICY_LATE),
    NO_TELEOP(Hold.NO_TELEOP),
    BAD_TELEOP(Hold.BAD_TELEOP),
    BAD_TARGET(Hold.BAD_TARGET),
    NO_EPISODE(Hold.NO_EPISODE),
    NO_INSTRUCTION(Hold.NO_INSTRUCTION),
    INACTIVE(Hold.INACTIVE),
    STOPPED(Hold.STOPPED),
    FROZEN_IMAGE(Hold.FROZEN_IMAGE),
    DUPLICATE_JOINT(Hold.DUPLICATE_JOINT),
    NOT_FOLLOWING(Hold.NOT_FOLLOWING),
    NO_CONTROLLER(Hold.NO_CONTROLLER),
    CLOCK_JUMPED(Hold.CLOCK_JUMPED),
    DUPLICATE_NODE(Hold.DUPLICATE_NODE),
    FAR_TELEOP(Hold.FAR_TELEOP),
    NO_POLICY(Hold.NO_POLICY),
    OVERLIMITED(Hold.OVERLIMITED);

    private final byte code;

    Kind(byte code) {
      this.code = code;
    }
  }

  public static HoldReason of(Kind kind, String text) {
    return new HoldReason(kind, "", text, text);
  }

  /**
   * The reason of this kind about a joint, a camera or an input.
   *
   * @param format of the sentence
   */
  public static HoldReason about(Kind kind, String about, String format, Object... values) {
    Object[] zeros = Arrays.stream(values).map(HoldReason::withoutNumber).toArray();
    return new HoldReason(
        kind,
        about,
        String.format(Locale.ROOT, format, values),
        String.format(Locale.ROOT, format, zeros));
  }

  private static Object withoutNumber(Object value) {
    return switch (value) {
      case Double _ -> 0.0;
      case Long _ -> 0L;
      case Integer _ -> 0;
      default -> value;
    };
  }

  /** Returns whether both are the same but for the numbers. */
  public boolean sameAs(HoldReason other) {
    return kind == other.kind && about.equals(other.about) && form.equals(other.form);
  }

  public Hold message() {
    return new Hold(kind.code, about);
  }
}
