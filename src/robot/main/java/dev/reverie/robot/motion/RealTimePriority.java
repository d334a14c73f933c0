package dev.reverie.robot.motion;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * Lets a thread run before all others of the machine, as ros2_control's does: SCHED_FIFO of
 * sched(7). Java's own priorities do nothing on Linux.
 */
final class RealTimePriority {
  private static final int SCHED_FIFO = 1;

  /** The priority that realtime_tools has: below the kernel's own threads. */
  private static final int PRIORITY = 50;

  private static final MethodHandle SET =
      // Safe: the signature is that of sched_setscheduler(2).
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("sched_setscheduler"),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));

  private RealTimePriority() {}

  /** Gives it to this thread; returns whether the system allows it. */
  static boolean take() {
    try (Arena arena = Arena.ofConfined()) {
      // Safe: 0 is this thread, and struct sched_param has one int.
      return (int) SET.invokeExact(0, SCHED_FIFO, arena.allocateFrom(JAVA_INT, PRIORITY)) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException("sched_setscheduler cannot be called", e);
    }
  }
}
