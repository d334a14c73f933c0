package dev.reverie.rcljava;

import dev.reverie.msgs.CdrReader;
import java.lang.foreign.MemorySegment;

/** Sets a node's clock by the topic /clock. */
final class SimulatedTime {

  private SimulatedTime() {}

  static Clock follow(Node node) {
    Clock clock = Clock.simulated();
    node.createSerializedSubscription(
        "rosgraph_msgs/msg/Clock",
        "/clock",
        Qos.bestEffort(1),
        (cdr, _) -> clock.setSimulated(nanos(cdr)));
    return clock;
  }

  /** rosgraph_msgs/msg/Clock is one builtin_interfaces/msg/Time: seconds, nanoseconds. */
  private static long nanos(MemorySegment cdr) {
    var in = new CdrReader(cdr);
    long seconds = in.readInt();
    return seconds * 1_000_000_000L + Integer.toUnsignedLong(in.readInt());
  }
}
