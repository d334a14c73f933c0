package dev.reverie.teleop;

import dev.reverie.msgs.sensor_msgs.Joy;
import java.util.Optional;

/**
 * The meaning of a gamepad's sticks and buttons, in the order that {@code joy_node} gives those of
 * most: left stick forward and left, right stick up and yaw, two buttons for the gripper. Nothing
 * moves unless the shoulder button, the dead man's switch, is held.
 */
final class Pad {
  static final int DEAD_MAN = 4; // left shoulder
  static final int OPENS = 0; // A
  static final int CLOSES = 1; // B
  private static final double DEAD_ZONE = 0.1;

  private Pad() {}

  static Jog jog(Joy joy) {
    if (!pressed(joy, DEAD_MAN)) {
      return Jog.REST;
    }
    return new Jog(axis(joy, 1), axis(joy, 0), axis(joy, 4), 0, 0, axis(joy, 3));
  }

  /** Returns whether the gripper is to be open; empty where no button says so. */
  static Optional<Boolean> gripperOpen(Joy joy) {
    if (pressed(joy, OPENS)) {
      return Optional.of(true);
    }
    return pressed(joy, CLOSES) ? Optional.of(false) : Optional.empty();
  }

  private static boolean pressed(Joy joy, int button) {
    return button < joy.buttons().length && joy.buttons()[button] != 0;
  }

  private static double axis(Joy joy, int index) {
    double value = index < joy.axes().length ? joy.axes()[index] : 0;
    return Double.isFinite(value) && Math.abs(value) > DEAD_ZONE ? Math.clamp(value, -1, 1) : 0;
  }
}
