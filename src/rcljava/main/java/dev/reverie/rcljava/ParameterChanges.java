package dev.reverie.rcljava;

import dev.reverie.msgs.rcl_interfaces.ParameterDescriptor;
import dev.reverie.msgs.rcl_interfaces.ParameterEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects what happens to parameters at once. */
final class ParameterChanges {
  final List<Parameter> created = new ArrayList<>();
  final List<Parameter> changed = new ArrayList<>();
  final List<Parameter> deleted = new ArrayList<>();

  /** The descriptors of the created and changed ones, by name. */
  final Map<String, ParameterDescriptor> descriptors = new HashMap<>();

  boolean isEmpty() {
    return created.isEmpty() && changed.isEmpty() && deleted.isEmpty();
  }

  /** Returns the ones that have a value afterwards. */
  List<Parameter> set() {
    var set = new ArrayList<>(created);
    set.addAll(changed);
    return List.copyOf(set);
  }

  /** Returns the event without a stamp. */
  ParameterEvent event(String node) {
    return new ParameterEvent()
        .withNode(node)
        .withNewParameters(messages(created))
        .withChangedParameters(messages(changed))
        .withDeletedParameters(messages(deleted));
  }

  private static List<dev.reverie.msgs.rcl_interfaces.Parameter> messages(List<Parameter> from) {
    return from.stream().map(ParameterMessages::message).toList();
  }
}
