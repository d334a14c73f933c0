/**
 * The simulated arm: MuJoCo behind the topics of a real arm.
 *
 * <p>{@link dev.reverie.sim.SimulatedArm} is the node. Its {@link dev.reverie.sim.Pace}, lock-step
 * or real time, takes commands and moves the {@link dev.reverie.sim.ArmEpisode} on, whose readings
 * {@link dev.reverie.sim.ArmTopics} publishes. Below that nothing knows of ROS 2: the episode runs
 * in a {@link dev.reverie.sim.PegScene}, or in a scene of a file with a {@link
 * dev.reverie.sim.SceneArm}, a {@link dev.reverie.sim.Simulation} that a {@link
 * dev.reverie.sim.RayCamera} looks at and an expert may act in.
 *
 * <p>In real time an arm of a file is shown as its drivers would show it: {@link
 * dev.reverie.sim.MockDrivers}, with controllers as ros2_control's and {@link
 * dev.reverie.sim.MockSensors}.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.sim;
