package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Runs when the graph around a node changes. */
final class GraphListener extends Waitable {
  private static final MethodHandle GUARD_CONDITION =
      Librcl.function(
          "rcl_node_get_graph_guard_condition", FunctionDescriptor.of(ADDRESS, ADDRESS));

  private final MemorySegment guardCondition;
  private final Runnable listener;

  GraphListener(Node node, Runnable listener) {
    super(Kind.GUARD_CONDITION, node, node.group());
    this.listener = listener;
    try {
      guardCondition = (MemorySegment) GUARD_CONDITION.invokeExact(node.pointer());
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
    acquire(() -> {});
  }

  /** Returns the node's own guard condition, which lives as long as the node. */
  @Override
  MemorySegment pointer() {
    return guardCondition;
  }

  @Override
  boolean work() {
    listener.run();
    return true;
  }

  @Override
  void release() {}
}
