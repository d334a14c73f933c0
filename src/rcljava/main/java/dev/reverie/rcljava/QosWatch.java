package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Warns when an endpoint meets one that it can not talk to because of quality of service. The
 * executor looks once a second instead of waiting for the event, which would cost each wait.
 */
final class QosWatch implements AutoCloseable {

  private static final RclFunction TAKE = RclFunction.of("rcl_take_event", 2);
  private static final RclFunction FINI = RclFunction.of("rcl_event_fini", 1);
  private static final MethodHandle PUBLISHER_INIT = init("rcl_publisher_event_init");
  private static final MethodHandle SUBSCRIPTION_INIT = init("rcl_subscription_event_init");

  /** RCL_PUBLISHER_OFFERED_ and RCL_SUBSCRIPTION_REQUESTED_INCOMPATIBLE_QOS. */
  private static final int INCOMPATIBLE_QOS = 2;

  /** Names of the bits of rmw_qos_policy_kind_t, from bit 1. */
  private static final List<String> POLICIES =
      List.of(
          "durability",
          "deadline",
          "liveliness",
          "reliability",
          "history",
          "lifespan",
          "depth",
          "liveliness lease duration",
          "namespace conventions");

  private final Node node;
  private final String description;
  private final MemorySegment pointer = DynamicLinker.zeroed(Arena.ofAuto(), 64);
  private final MemorySegment status = DynamicLinker.zeroed(Arena.ofAuto(), 64);
  private boolean open;

  private QosWatch(Node node, MethodHandle init, MemorySegment endpoint, String description) {
    this.node = node;
    this.description = description;
    try {
      open = (int) init.invoke(pointer, endpoint, INCOMPATIBLE_QOS) == RclFunction.OK;
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
    if (open) {
      node.add(this);
    } else {
      ErrorState.clear(); // a middleware without such events
    }
  }

  static QosWatch ofPublisher(Node node, MemorySegment publisher, String topic) {
    return new QosWatch(node, PUBLISHER_INIT, publisher, "A subscription of " + topic);
  }

  static QosWatch ofSubscription(Node node, MemorySegment subscription, String topic) {
    return new QosWatch(node, SUBSCRIPTION_INIT, subscription, "A publisher of " + topic);
  }

  /** Logs what was met since the last time. */
  synchronized void poll() {
    if (!open) {
      return;
    }
    if (TAKE.call(pointer, status) != RclFunction.OK) {
      ErrorState.clear();
      return;
    }
    // rmw_qos_incompatible_event_status_t: total count, its change, last policy
    if (status.get(JAVA_INT, 4) > 0) {
      node.logger()
          .log(
              System.Logger.Level.WARNING,
              "%s has an incompatible quality of service: no messages will come through. Policy: %s"
                  .formatted(description, policy(status.get(JAVA_INT, 8))));
    }
  }

  private static String policy(int kind) {
    return IntStream.rangeClosed(1, POLICIES.size())
        .filter(bit -> kind == 1 << bit)
        .mapToObj(bit -> POLICIES.get(bit - 1))
        .findFirst()
        .orElse("kind " + kind);
  }

  @Override
  public void close() {
    node.remove(this);
    synchronized (this) {
      if (open) {
        open = false;
        FINI.check(FINI.call(pointer));
      }
    }
  }

  private static MethodHandle init(String name) {
    return Librcl.function(name, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
  }
}
