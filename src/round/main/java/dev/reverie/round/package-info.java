/** Drives a round and writes its report. */
@org.jspecify.annotations.NullMarked
package dev.reverie.round;
