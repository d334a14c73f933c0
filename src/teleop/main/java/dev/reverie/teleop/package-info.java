/**
 * A person moves the tip of the arm by keyboard or joystick: {@link dev.reverie.teleop.Teleop}
 * reads them and publishes what MoveIt Servo takes too, which the robot node follows within its
 * limits.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.teleop;
