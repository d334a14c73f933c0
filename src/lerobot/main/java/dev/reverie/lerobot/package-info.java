/** Rollouts to datasets of LeRobot's format v3 and back. */
@org.jspecify.annotations.NullMarked
package dev.reverie.lerobot;
