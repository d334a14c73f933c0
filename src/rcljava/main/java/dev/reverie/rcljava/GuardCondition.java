package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Wakes a wait set, from any thread. Triggering a closed one does nothing. */
final class GuardCondition extends Handle {
  private static final RclFunction TRIGGER = RclFunction.of("rcl_trigger_guard_condition", 1);
  private static final RclFunction FINI = RclFunction.of("rcl_guard_condition_fini", 1);
  private static final MethodHandle INIT =
      Librcl.function(
          "rcl_guard_condition_init",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, Librcl.ALLOCATOR));

  private final MemorySegment pointer = DynamicLinker.zeroed(Arena.ofAuto(), 64);

  GuardCondition(Context context) {
    super(context);
    acquire(() -> init(context));
  }

  private void init(Context context) {
    try {
      // The options are an allocator and nothing else.
      RclFunction.check(
          (int) INIT.invokeExact(pointer, context.pointer(), Librcl.allocator()),
          "rcl_guard_condition_init");
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  MemorySegment pointer() {
    return pointer;
  }

  void trigger() {
    if (enter()) {
      try {
        TRIGGER.check(TRIGGER.call(pointer));
      } finally {
        exit();
      }
    }
  }

  @Override
  void release() {
    FINI.check(FINI.call(pointer));
  }
}
