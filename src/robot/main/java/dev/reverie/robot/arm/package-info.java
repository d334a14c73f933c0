/**
 * The arm's model: URDF, kinematics, what a policy's actions mean for its joints, and the safety
 * gate.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.robot.arm;
