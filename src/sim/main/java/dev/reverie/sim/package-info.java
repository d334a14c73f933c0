/**
 * The simulated arm: MuJoCo behind the topics of a real arm.
 *
 * <p>{@link dev.reverie.sim.SimulatedArm} is the node. Its {@link dev.reverie.sim.Pace}, lock-step
 * or real time, takes commands and moves the {@link dev.reverie.sim.PegEpisode} on, whose readings
 * {@link dev.reverie.sim.ArmTopics} publishes. Below that nothing knows of ROS 2: the episode runs
 * in a {@link dev.reverie.sim.PegScene}, a {@link dev.reverie.sim.Simulation} that a {@link
 * dev.reverie.sim.RayCamera} looks at and an {@link dev.reverie.sim.Expert} may act in.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.sim;
