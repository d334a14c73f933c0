package dev.reverie.rcljava;

import dev.reverie.msgs.Stamps;
import org.jspecify.annotations.Nullable;

/** Sets a node's clock by the topic /clock, as long as the node wants simulated time. */
final class SimulatedTime {

  private final Node node;
  private final Clock clock;
  private @Nullable Subscription<dev.reverie.msgs.rosgraph_msgs.Clock> subscription;

  SimulatedTime(Node node, Clock clock) {
    this.node = node;
    this.clock = clock;
  }

  synchronized void use(boolean wanted) {
    Subscription<dev.reverie.msgs.rosgraph_msgs.Clock> current = subscription;
    if (wanted && current == null) {
      clock.simulate(true);
      subscription =
          node.createSubscription(
              dev.reverie.msgs.rosgraph_msgs.Clock.TYPE,
              "/clock",
              Qos.bestEffort(1),
              m -> clock.setSimulated(Stamps.nanos(m.clock())));
    } else if (!wanted && current != null) {
      subscription = null;
      current.close();
      clock.simulate(false);
    }
  }
}
