package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.function.Predicate;

/**
 * Holds an rcl_wait_set_t with all that an executor waits for. Used by one thread at a time; what
 * is in it is not released before the set is closed.
 */
final class WaitSet implements AutoCloseable {
  private static final RclFunction FINI = RclFunction.of("rcl_wait_set_fini", 1);
  private static final RclFunction CLEAR = RclFunction.of("rcl_wait_set_clear", 1);
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

  private static final RclFunction ADD_SUBSCRIPTION = add("subscription");
  private static final RclFunction ADD_GUARD_CONDITION = add("guard_condition");
  private static final RclFunction ADD_CLIENT = add("client");
  private static final RclFunction ADD_SERVICE = add("service");
  private static final RclFunction ADD_EVENT = add("event");

  private static final int TIMEOUT = 2;

  private final MemorySegment pointer = DynamicLinker.zeroed(Arena.ofAuto(), 256);
  private final GuardCondition guard;
  private final Entries[] entries;
  private boolean closed;

  WaitSet(Context context, GuardCondition guard, List<Waitable> waitables) {
    this.guard = guard;
    List<Waitable> entered =
        waitables.stream().filter(w -> w.kind().isWaitedFor() && w.enter()).toList();
    var subscriptions = new Entries(entered, Waitable.Kind.SUBSCRIPTION, ADD_SUBSCRIPTION);
    var guards = new Entries(entered, Waitable.Kind.GUARD_CONDITION, ADD_GUARD_CONDITION);
    var clients = new Entries(entered, Waitable.Kind.CLIENT, ADD_CLIENT);
    var services = new Entries(entered, Waitable.Kind.SERVICE, ADD_SERVICE);
    var events = new Entries(entered, Waitable.Kind.EVENT, ADD_EVENT);
    entries = new Entries[] {subscriptions, guards, clients, services, events};
    try {
      RclFunction.check(
          (int)
              INIT.invokeExact(
                  pointer,
                  (long) subscriptions.all.length,
                  guards.all.length + 1L,
                  0L, // timers
                  (long) clients.all.length,
                  (long) services.all.length,
                  (long) events.all.length,
                  context.pointer(),
                  Librcl.allocator()),
          "rcl_wait_set_init");
    } catch (Throwable e) {
      entered.forEach(Waitable::exit);
      throw DynamicLinker.unchecked(e);
    }
    // Where the arrays of pointers stand in rcl_wait_set_t; they stay where they are.
    subscriptions.array = array(0, subscriptions.all.length);
    guards.array = array(16, guards.all.length + 1);
    clients.array = array(48, clients.all.length);
    services.array = array(64, services.all.length);
    events.array = array(80, events.all.length);
  }

  private MemorySegment array(long offset, int length) {
    return length == 0
        ? MemorySegment.NULL
        : DynamicLinker.at(pointer.get(ADDRESS, offset), 8L * length);
  }

  /**
   * Waits until something can be taken or the guard condition is triggered.
   *
   * @param timeoutNanos 0: looks only; {@link Long#MAX_VALUE}: for ever
   * @return whether something may be ready
   */
  boolean await(long timeoutNanos) {
    CLEAR.check(CLEAR.call(pointer));
    for (Entries each : entries) {
      each.add();
    }
    ADD_GUARD_CONDITION.check(
        ADD_GUARD_CONDITION.call(pointer, guard.pointer(), MemorySegment.NULL));
    try {
      // Safe: the set has entered all that is in it.
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

  /**
   * Hands over each waitable that is ready.
   *
   * @param server tells whether it did something with it
   * @return whether one of them did
   */
  boolean serveReady(Predicate<Waitable> server) {
    boolean any = false;
    for (Entries each : entries) {
      for (int i = 0; i < each.added && !closed; i++) {
        // rcl_wait has put NULL for those that are not ready.
        if (each.array.getAtIndex(JAVA_LONG, i) != 0) {
          any |= server.test(each.present[i]);
        }
      }
    }
    return any;
  }

  @Override
  public void close() {
    closed = true;
    FINI.check(FINI.call(pointer));
    for (Entries each : entries) {
      for (Waitable waitable : each.all) {
        waitable.exit();
      }
    }
  }

  /** Holds all waitables of one kind, and the ones of them that are waited for this time. */
  private final class Entries {
    final Waitable[] all;
    final Waitable[] present;
    final RclFunction add;
    MemorySegment array = MemorySegment.NULL;
    int added;

    Entries(List<Waitable> waitables, Waitable.Kind kind, RclFunction add) {
      all = waitables.stream().filter(w -> w.kind() == kind).toArray(Waitable[]::new);
      present = new Waitable[all.length];
      this.add = add;
    }

    void add() {
      added = 0;
      for (Waitable waitable : all) {
        if (waitable.isFree()) {
          add.check(add.call(pointer, waitable.pointer(), MemorySegment.NULL));
          present[added++] = waitable;
        }
      }
    }
  }

  private static RclFunction add(String kind) {
    return RclFunction.of("rcl_wait_set_add_" + kind, 3);
  }
}
