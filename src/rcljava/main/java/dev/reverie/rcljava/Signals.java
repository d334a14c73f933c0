package dev.reverie.rcljava;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Handles signals: SIGINT and SIGTERM shut open contexts down and leave the exit status to the
 * program; a second signal, or one without an open context, does what the JVM would have done.
 */
final class Signals {
  /** The time for a program to come to its end; ros2 launch escalates after 5 s. */
  private static final Duration GRACE = Duration.ofSeconds(15);

  private static final Set<Context> OPEN = ConcurrentHashMap.newKeySet();
  private static boolean installed;
  private static boolean signalled;

  private Signals() {}

  static synchronized void watch(Context context) {
    OPEN.add(context);
    if (!installed) {
      installed = true;
      install("INT");
      install("TERM");
    }
  }

  static void forget(Context context) {
    OPEN.remove(context);
  }

  /**
   * Installs the handler by reflection, since the compiler warns about sun.misc even where it is
   * supported.
   */
  private static void install(String name) {
    try {
      Class<?> signalClass = Class.forName("sun.misc.Signal");
      Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
      Object signal = signalClass.getConstructor(String.class).newInstance(name);
      Method handle = signalClass.getMethod("handle", signalClass, handlerClass);
      Method handleSignal = handlerClass.getMethod("handle", signalClass);
      var previous = new Object[1];
      Object ours =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handlerClass},
              (proxy, method, args) ->
                  switch (method.getName()) {
                    case "handle" -> {
                      onSignal(name, () -> handleSignal.invoke(previous[0], signal));
                      yield null;
                    }
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == args[0];
                    default -> "reverie handler of SIG" + name;
                  });
      previous[0] = handle.invoke(null, signal, ours);
    } catch (ReflectiveOperationException e) {
      // -Xrs, or a JVM that keeps the signal to itself: its own handling then stays.
      System.getLogger("rcljava").log(System.Logger.Level.DEBUG, "SIG" + name + " not watched", e);
    }
  }

  private interface Previous {
    void handle() throws ReflectiveOperationException;
  }

  private static void onSignal(String name, Previous previous) throws ReflectiveOperationException {
    boolean first;
    List<Context> open; // one that is made on the way out is not asked
    synchronized (Signals.class) {
      first = !signalled && !OPEN.isEmpty();
      signalled = true;
      open = List.copyOf(OPEN);
    }
    if (!first) {
      previous.handle();
      return;
    }
    watchTheEnd(name, previous);
    open.forEach(Context::shutdown);
  }

  /** Ends a program that does not end by itself, with the status of the signal. */
  private static void watchTheEnd(String name, Previous previous) {
    Thread.ofPlatform()
        .daemon()
        .name("rcl-signal-watchdog")
        .start(
            () -> {
              try {
                Thread.sleep(GRACE);
                System.err.printf(
                    "reverie: still running %d s after SIG%s, exiting%n", GRACE.toSeconds(), name);
                previous.handle();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
              }
            });
  }
}
