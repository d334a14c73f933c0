package dev.reverie.rcljava;

import dev.reverie.msgs.Stamps;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sets a node's clock by the topic /clock while the parameter {@code use_sim_time} is true. */
final class SimulatedTime {
  private static final ParameterDeclaration<Boolean> USE_SIM_TIME =
      ParameterDeclaration.of("use_sim_time", false)
          .describedAs("whether the topic /clock gives the time");

  private final Node node;
  private final Clock clock;
  private @Nullable Subscription<dev.reverie.msgs.rosgraph_msgs.Clock> subscription;

  SimulatedTime(Node node, Clock clock) {
    this.node = node;
    this.clock = clock;
  }

  /** Declares the parameter and follows it. */
  void follow(Parameters parameters) {
    use(parameters.declare(USE_SIM_TIME));
    parameters.onChange(changed -> changed(parameters, changed));
  }

  private void changed(Parameters parameters, List<Parameter> changed) {
    String name = USE_SIM_TIME.name();
    if (changed.stream().anyMatch(parameter -> parameter.name().equals(name))) {
      // On the thread that spins, where the subscription can be closed at once.
      node.runSoon(
          () -> {
            if (node.isOpen()) {
              use(parameters.get(name).asBoolean());
            }
          });
    }
  }

  /** Takes the time from /clock from now on, or from the system again. */
  private synchronized void use(boolean wanted) {
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
