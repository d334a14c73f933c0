/**
 * The arm: its arm file ({@link dev.reverie.arm.ArmFile}), its URDF ({@link dev.reverie.arm.Urdf})
 * and kinematics, what the actions of a policy mean for its joints ({@link
 * dev.reverie.arm.ActionMap}), and the safety gate that every target passes ({@link
 * dev.reverie.arm.SafetyGate}). {@link dev.reverie.arm.ArmModel} holds the model. Knows nothing of
 * ROS 2, episodes or recording, and has no threads; nothing in it is thread-safe.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.arm;
