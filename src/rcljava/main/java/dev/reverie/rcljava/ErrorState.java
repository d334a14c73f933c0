package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Reads the last error of rcl on this thread. */
final class ErrorState {
  private static final MethodHandle GET =
      Librcl.function("rcutils_get_error_state", FunctionDescriptor.of(ADDRESS));
  private static final MethodHandle RESET =
      Librcl.function("rcutils_reset_error", FunctionDescriptor.ofVoid());

  private ErrorState() {}

  /** Returns its text, which stands at the beginning of the structure, and forgets it. */
  static String take() {
    try {
      var state = (MemorySegment) GET.invokeExact();
      String text = DynamicLinker.text(state);
      RESET.invokeExact();
      return text.isEmpty() ? "no reason given" : text;
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  /** Forgets an error that is no error, such as nothing to take. */
  static void clear() {
    try {
      RESET.invokeExact();
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }
}
