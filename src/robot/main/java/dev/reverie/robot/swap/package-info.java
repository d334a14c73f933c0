/** Policies: tried beside the node, swapped at a chunk boundary, run, watched, and taken back. */
@org.jspecify.annotations.NullMarked
package dev.reverie.robot.swap;
