package dev.reverie.trainer;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * SIGINT, SIGTERM and SIGHUP ask the trainer to stop: the stage at work saves where it is, and the
 * program ends with the signal's status. A second signal, or half a minute, ends it at once.
 *
 * <p>The JVM's own answer, shutdown hooks and then exit(3), would free libtorch's and ONNX
 * Runtime's memory under the thread that computes with it.
 */
final class StopSignal implements BooleanSupplier {
  /** Time to come to the end of a step and save; every file appears whole or not at all. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  private static final Map<String, Integer> NUMBERS = Map.of("HUP", 1, "INT", 2, "TERM", 15);

  private final AtomicInteger received = new AtomicInteger(); // number of the first signal, or 0

  /** Takes the signals from now on. */
  void watch() {
    NUMBERS.forEach(this::watch);
  }

  /** Returns whether a signal came. */
  @Override
  public boolean getAsBoolean() {
    return received.get() != 0;
  }

  /** The exit status of the program: the signal's where one came. */
  int status(int otherwise) {
    int number = received.get();
    return number == 0 ? otherwise : 128 + number;
  }

  /**
   * Watches a signal by reflection, since the compiler warns about sun.misc even where it is
   * supported.
   */
  private void watch(String name, int number) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Method handle = signal.getMethod("handle", signal, handler);
      Object ours =
          Proxy.newProxyInstance(
              StopSignal.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, args) ->
                  switch (method.getName()) {
                    case "handle" -> {
                      onSignal(number);
                      yield null;
                    }
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == args[0];
                    default -> "stop on SIG" + name;
                  });
      handle.invoke(null, signal.getConstructor(String.class).newInstance(name), ours);
    } catch (ReflectiveOperationException e) {
      // -Xrs, or a JVM that keeps the signal to itself: its own handling then stays.
      System.getLogger("trainer").log(System.Logger.Level.DEBUG, "SIG" + name + " not watched", e);
    }
  }

  /** Called by the JVM on a new thread. */
  private void onSignal(int number) {
    if (!received.compareAndSet(0, number)) {
      exitNow(128 + number);
    }
    Thread.ofPlatform()
        .daemon()
        .name("stop-watchdog")
        .start(
            () -> {
              try {
                Thread.sleep(GRACE);
                exitNow(128 + number);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  /** _exit(2): neither shutdown hooks nor destructors run under threads that still compute. */
  private static void exitNow(int status) {
    Linker linker = Linker.nativeLinker();
    MethodHandle exit =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("_exit"),
            FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
    try {
      exit.invokeExact(status); // Safe: does not return
    } catch (Throwable e) {
      throw new IllegalStateException("_exit", e);
    }
  }
}
