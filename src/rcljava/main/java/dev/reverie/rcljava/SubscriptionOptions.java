package dev.reverie.rcljava;

import java.util.Optional;

/**
 * Options of a subscription beside its quality of service.
 *
 * @param group the group of its callbacks; empty: the node's own
 * @param qosOverrides the policies that parameters may change; empty: none
 */
public record SubscriptionOptions(
    Optional<CallbackGroup> group, Optional<QosOverrides> qosOverrides) {
  /** Callbacks in the node's own group, and a quality of service that no parameter changes. */
  public static final SubscriptionOptions DEFAULT =
      new SubscriptionOptions(Optional.empty(), Optional.empty());

  /** Returns the same with callbacks in this group. */
  public SubscriptionOptions withGroup(CallbackGroup value) {
    return new SubscriptionOptions(Optional.of(value), qosOverrides);
  }

  /** Returns the same with a quality of service that parameters may change. */
  public SubscriptionOptions withQosOverrides(QosOverrides value) {
    return new SubscriptionOptions(group, Optional.of(value));
  }
}
