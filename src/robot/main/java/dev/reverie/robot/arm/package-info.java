/**
 * The arm's model: its URDF ({@link dev.reverie.robot.arm.Urdf}) and kinematics, what the actions
 * of a policy mean for its joints ({@link dev.reverie.robot.arm.ActionMap}), and the safety gate
 * that every target passes ({@link dev.reverie.robot.arm.SafetyGate}). {@link
 * dev.reverie.robot.arm.ArmModel} holds all of it. Knows nothing of ROS 2, episodes or recording,
 * and has no threads; nothing in it is thread-safe.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.robot.arm;
