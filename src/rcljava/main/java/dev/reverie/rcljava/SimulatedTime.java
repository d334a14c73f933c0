package dev.reverie.rcljava;

/** Sets a node's clock by the topic /clock. */
final class SimulatedTime {

  private SimulatedTime() {}

  static Clock follow(Node node) {
    Clock clock = Clock.simulated();
    node.createSubscription(
        dev.reverie.msgs.rosgraph_msgs.Clock.TYPE,
        "/clock",
        Qos.bestEffort(1),
        m -> clock.setSimulated(Stamps.nanos(m.clock())));
    return clock;
  }
}
