/**
 * Joint states and pictures, merged and matched by their stamps into observations; whether one may
 * be acted on, and why not ({@link dev.reverie.robot.sense.HoldReason}).
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.robot.sense;
