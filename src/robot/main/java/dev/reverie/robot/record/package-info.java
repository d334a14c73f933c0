/**
 * Writes what comes and goes to a bag of its own for each episode, off the control thread; nothing
 * recorded is lost.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.robot.record;
