/** The node beside the arm. */
@org.jspecify.annotations.NullMarked
package dev.reverie.robot;
