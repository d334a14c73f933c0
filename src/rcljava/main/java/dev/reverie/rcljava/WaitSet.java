package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * An rcl_wait_set_t: one guard condition, subscriptions, clients and services. Used by one thread
 * at a time, the executor's.
 */
final class WaitSet implements AutoCloseable {

  private static final RclFunction FINI = RclFunction.of("rcl_wait_set_fini", 1);
  private static final RclFunction CLEAR = RclFunction.of("rcl_wait_set_clear", 1);
  private static final RclFunction ADD_SUBSCRIPTION =
      RclFunction.of("rcl_wait_set_add_subscription", 3);
  private static final RclFunction ADD_GUARD_CONDITION =
      RclFunction.of("rcl_wait_set_add_guard_condition", 3);
  private static final RclFunction ADD_CLIENT = RclFunction.of("rcl_wait_set_add_client", 3);
  private static final RclFunction ADD_SERVICE = RclFunction.of("rcl_wait_set_add_service", 3);
  private static final MethodHandle INIT =
      Librcl.function(
          "rcl_wait_set_init",
          FunctionDescriptor.of(
              JAVA_INT,
              ADDRESS,
              JAVA_LONG,
              JAVA_LONG,
              JAVA_LONG,
              JAVA_LONG,
              JAVA_LONG,
              JAVA_LONG,
              ADDRESS,
              Librcl.ALLOCATOR));
  private static final MethodHandle WAIT =
      Librcl.function("rcl_wait", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));

  private static final int TIMEOUT = 2;

  // Where the arrays of pointers stand in rcl_wait_set_t.
  private static final int SUBSCRIPTIONS = 0;
  private static final int CLIENTS = 48;
  private static final int SERVICES = 64;

  private final MemorySegment pointer = DynamicLinker.zeroed(Arena.ofAuto(), 256);
  private final GuardCondition guard;
  private final Waitable[] subscriptions;
  private final Waitable[] clients;
  private final Waitable[] services;

  WaitSet(Context context, GuardCondition guard, List<Waitable> waitables) {
    this.guard = guard;
    subscriptions = of(waitables, Waitable.Kind.SUBSCRIPTION);
    clients = of(waitables, Waitable.Kind.CLIENT);
    services = of(waitables, Waitable.Kind.SERVICE);
    try {
      RclFunction.check(
          (int)
              INIT.invokeExact(
                  pointer,
                  (long) subscriptions.length,
                  1L, // guard conditions
                  0L, // timers
                  (long) clients.length,
                  (long) services.length,
                  0L, // events
                  context.pointer(),
                  Librcl.allocator()),
          "rcl_wait_set_init");
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  private static Waitable[] of(List<Waitable> waitables, Waitable.Kind kind) {
    return waitables.stream().filter(w -> w.kind() == kind).toArray(Waitable[]::new);
  }

  /**
   * Waits until something can be taken or the guard condition is triggered.
   *
   * @param timeoutNanos 0: looks only; {@link Long#MAX_VALUE}: for ever
   * @return whether there is something to take
   */
  boolean await(long timeoutNanos) {
    CLEAR.check(CLEAR.call(pointer));
    MemorySegment noIndex = MemorySegment.NULL;
    ADD_GUARD_CONDITION.check(ADD_GUARD_CONDITION.call(pointer, guard.pointer(), noIndex));
    for (Waitable subscription : subscriptions) {
      ADD_SUBSCRIPTION.check(ADD_SUBSCRIPTION.call(pointer, subscription.pointer(), noIndex));
    }
    for (Waitable client : clients) {
      ADD_CLIENT.check(ADD_CLIENT.call(pointer, client.pointer(), noIndex));
    }
    for (Waitable service : services) {
      ADD_SERVICE.check(ADD_SERVICE.call(pointer, service.pointer(), noIndex));
    }
    try {
      // Safe: nothing in the set is finalised while the executor's lock is held.
      int code =
          (int) WAIT.invokeExact(pointer, timeoutNanos == Long.MAX_VALUE ? -1L : timeoutNanos);
      if (code != TIMEOUT) {
        RclFunction.check(code, "rcl_wait");
      }
      return code != TIMEOUT;
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  /** Lets everything that is ready take one message; returns how many were taken. */
  int take() {
    return take(subscriptions, SUBSCRIPTIONS) + take(clients, CLIENTS) + take(services, SERVICES);
  }

  /** rcl_wait has put NULL for those that are not ready. */
  private int take(Waitable[] waitables, int offset) {
    if (waitables.length == 0) {
      return 0;
    }
    int taken = 0;
    long[] ready =
        DynamicLinker.at(pointer.get(ADDRESS, offset), 8L * waitables.length).toArray(JAVA_LONG);
    for (int i = 0; i < waitables.length; i++) {
      if (ready[i] != 0 && waitables[i].isOpen() && waitables[i].take()) {
        taken++;
      }
    }
    return taken;
  }

  @Override
  public void close() {
    FINI.check(FINI.call(pointer));
  }
}
