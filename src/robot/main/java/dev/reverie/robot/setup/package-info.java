/**
 * Settings that a node is started with: its parameters, the files that they name, and what they
 * must have in common.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.robot.setup;
