package dev.reverie.teleop;

import java.util.Map;
import java.util.Optional;

/**
 * The meaning of a keyboard's keys. A terminal tells that a key was pressed and, by repeating it,
 * that it is held, but not that it was let go: a key counts for {@link #HELD_NANOS} after it came.
 */
final class Keys {
  /** Longer than the wait before a held key is repeated (0.25 to 0.5 s). */
  static final long HELD_NANOS = 550_000_000L;

  static final String HELP =
      """
      w/s forward, back   a/d left, right   r/f up, down      (hold the key)
      u/j pitch           i/k roll          o/l yaw
      n opens, m closes the gripper         +/- faster, slower
      space stops at once                   q ends
      """;

  private static final double FASTER = 1.25;
  private static final double SLOWEST = 0.05;

  private static final Map<Character, Jog> MOVES =
      Map.ofEntries(
          Map.entry('w', new Jog(1, 0, 0, 0, 0, 0)),
          Map.entry('s', new Jog(-1, 0, 0, 0, 0, 0)),
          Map.entry('a', new Jog(0, 1, 0, 0, 0, 0)),
          Map.entry('d', new Jog(0, -1, 0, 0, 0, 0)),
          Map.entry('r', new Jog(0, 0, 1, 0, 0, 0)),
          Map.entry('f', new Jog(0, 0, -1, 0, 0, 0)),
          Map.entry('i', new Jog(0, 0, 0, 1, 0, 0)),
          Map.entry('k', new Jog(0, 0, 0, -1, 0, 0)),
          Map.entry('u', new Jog(0, 0, 0, 0, 1, 0)),
          Map.entry('j', new Jog(0, 0, 0, 0, -1, 0)),
          Map.entry('o', new Jog(0, 0, 0, 0, 0, 1)),
          Map.entry('l', new Jog(0, 0, 0, 0, 0, -1)));

  private Jog jog = Jog.REST;
  private long pressedNanos;
  private double speed = 1;
  private Optional<Boolean> gripper = Optional.empty();
  private boolean ended;

  /** Takes a key; one that means nothing stops the tip. */
  void press(int key, long nowNanos) {
    char pressed = Character.toLowerCase((char) key);
    jog = MOVES.getOrDefault(pressed, Jog.REST);
    pressedNanos = nowNanos;
    switch (pressed) {
      case 'n' -> gripper = Optional.of(true);
      case 'm' -> gripper = Optional.of(false);
      case '+', '=' -> speed = Math.min(1, speed * FASTER);
      case '-' -> speed = Math.max(SLOWEST, speed / FASTER);
      case 'q' -> ended = true;
      default -> {}
    }
  }

  /** Returns the move of the key that is held; rest where none is. */
  Jog jog(long nowNanos) {
    return nowNanos - pressedNanos < HELD_NANOS ? jog : Jog.REST;
  }

  /** Share of the full speed. */
  double speed() {
    return speed;
  }

  /** Returns whether the gripper is to be open, once after a key said so. */
  Optional<Boolean> gripperOpen() {
    Optional<Boolean> said = gripper;
    gripper = Optional.empty();
    return said;
  }

  boolean ended() {
    return ended;
  }
}
