/**
 * Control ticks and episodes: {@link dev.reverie.robot.control.ControlLoop#observed} is the whole
 * in a few lines. {@link dev.reverie.robot.control.Ticks} says when, {@link
 * dev.reverie.robot.control.EpisodeControl} decides and returns a {@link
 * dev.reverie.robot.control.Tick}, {@link dev.reverie.robot.control.Outputs} send it, and {@link
 * dev.reverie.robot.control.Episodes} take notice.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.robot.control;
