package dev.reverie.mcap;

import java.lang.foreign.MemorySegment;

/**
 * Holds one message as it was recorded.
 *
 * @param sequence of the publisher, 0 where unknown
 * @param logNanos when it was recorded
 * @param publishNanos when it was published
 * @param data the serialised message; a view without a copy, valid as long as it is held
 */
public record McapMessage(
    McapChannel channel, int sequence, long logNanos, long publishNanos, MemorySegment data) {
  /** Returns whether both times are of a clock: up to the year 2262. */
  boolean hasTime() {
    return logNanos >= 0 && publishNanos >= 0;
  }
}
