/** Recorded episodes given to a policy again, by the robot node itself: offline evaluation. */
@org.jspecify.annotations.NullMarked
package dev.reverie.replay;
