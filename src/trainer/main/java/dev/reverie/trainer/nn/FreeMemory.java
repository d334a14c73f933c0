package dev.reverie.trainer.nn;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Gives freed memory back to the system between stages. Tensors of many sizes come and go, and
 * glibc keeps what lies between those that stay: without this a round held 0.6 GB that it had
 * freed.
 */
public final class FreeMemory {
  /** glibc's malloc_trim(3); other C libraries have none. */
  private static final Optional<MethodHandle> MALLOC_TRIM =
      Linker.nativeLinker()
          .defaultLookup()
          .find("malloc_trim")
          .map(
              address ->
                  Linker.nativeLinker()
                      .downcallHandle(
                          address,
                          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)));

  private FreeMemory() {}

  public static void giveBack() {
    MALLOC_TRIM.ifPresent(
        trim -> {
          try {
            int _ = (int) trim.invokeExact(0L); // Safe: frees nothing that is in use
          } catch (Throwable e) {
            throw new IllegalStateException("malloc_trim", e);
          }
        });
  }

  /** Gives back what the Java heap and the C heap have freed; takes some tens of milliseconds. */
  public static void giveAllBack() {
    System.gc();
    giveBack();
  }
}
