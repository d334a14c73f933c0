package dev.reverie.teleop;

import dev.reverie.msgs.geometry_msgs.Twist;
import dev.reverie.msgs.geometry_msgs.Vector3;

/**
 * A wish of a person for the motion of the tip, each part from -1 to 1 of the speed that is set.
 *
 * @param x forward
 * @param y left
 * @param z up
 * @param roll about x
 * @param pitch about y
 * @param yaw about z
 */
record Jog(double x, double y, double z, double roll, double pitch, double yaw) {
  static final Jog REST = new Jog(0, 0, 0, 0, 0, 0);

  /**
   * The velocity of the tip.
   *
   * @param linear m/s at 1
   * @param angular rad/s at 1
   */
  Twist twist(double linear, double angular) {
    return new Twist(
        new Vector3(linear * x, linear * y, linear * z),
        new Vector3(angular * roll, angular * pitch, angular * yaw));
  }
}
