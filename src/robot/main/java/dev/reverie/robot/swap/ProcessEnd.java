package dev.reverie.robot.swap;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * Ends this process at once by {@code _exit(2)}: without what native libraries do at an orderly
 * end, which breaks them where one of their calls still runs, as ONNX Runtime's does while it
 * prepares a session.
 */
public final class ProcessEnd {
  private static final MethodHandle EXIT =
      // Safe: the signature is that of _exit(2).
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("_exit"),
              FunctionDescriptor.ofVoid(JAVA_INT));

  private ProcessEnd() {}

  /** Ends the process with an exit status, of which the lowest 8 bits count. */
  public static void now(int status) {
    System.out.flush();
    System.err.flush();
    try {
      // Safe: it does not return, and the kernel frees what the process has.
      EXIT.invokeExact(status);
    } catch (Throwable e) {
      throw new IllegalStateException("_exit cannot be called", e);
    }
  }
}
