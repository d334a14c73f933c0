package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Represents the process' connection to ROS 2. Everything else is made from it and closed with it.
 *
 * <p>SIGINT and SIGTERM ask every open context to shut down: {@link Executor#spin} returns, the
 * program closes what it has and its exit status is its own, 0 where {@code main} returns. Until
 * {@link #close} one can still publish, so that an arm can be stopped on the way out.
 */
public final class Context extends Handle {
  /** The last one whose ports are below 65536. */
  private static final int MAX_DOMAIN = 232;

  private static final RclFunction INIT_OPTIONS_FINI = RclFunction.of("rcl_init_options_fini", 1);
  private static final RclFunction SHUTDOWN = RclFunction.of("rcl_shutdown", 1);
  private static final RclFunction FINI = RclFunction.of("rcl_context_fini", 1);
  private static final MethodHandle INIT_OPTIONS_INIT =
      Librcl.function(
          "rcl_init_options_init", FunctionDescriptor.of(JAVA_INT, ADDRESS, Librcl.ALLOCATOR));
  private static final MethodHandle INIT =
      Librcl.function(
          "rcl_init", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS));

  private final MemorySegment pointer = DynamicLinker.zeroed(Arena.ofAuto(), 256);
  private final List<String> arguments;
  private final List<AutoCloseable> parts = new CopyOnWriteArrayList<>();
  private final List<Runnable> shutdownListeners = new CopyOnWriteArrayList<>();
  private volatile boolean ok = true;

  private Context(String[] args) {
    super(null);
    var left = new ArrayList<String>();
    acquire(
        () -> {
          init(pointer, args);
          try {
            left.addAll(RosArguments.nonRos(pointer, args));
            Logging.acquire(pointer);
          } catch (RuntimeException e) {
            fini();
            throw e;
          }
        });
    arguments = List.copyOf(left);
  }

  private static void init(MemorySegment pointer, String[] args) {
    try (var arena = Arena.ofConfined()) {
      MemorySegment argv =
          args.length == 0 ? MemorySegment.NULL : arena.allocate(ADDRESS, args.length);
      for (int i = 0; i < args.length; i++) {
        argv.setAtIndex(ADDRESS, i, arena.allocateFrom(args[i]));
      }
      MemorySegment options = DynamicLinker.zeroed(arena, 64);
      RclFunction.check(
          (int) INIT_OPTIONS_INIT.invokeExact(options, Librcl.allocator()),
          "rcl_init_options_init");
      try {
        Security.check(
            (int) INIT.invokeExact(args.length, argv, options, pointer),
            "ROS arguments " + List.of(args));
      } finally {
        INIT_OPTIONS_FINI.check(INIT_OPTIONS_FINI.call(options));
      }
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  private void fini() {
    SHUTDOWN.check(SHUTDOWN.call(pointer));
    FINI.check(FINI.call(pointer));
  }

  /**
   * Connects to ROS 2.
   *
   * @param args arguments of the program; what stands between {@code --ros-args} and {@code --} is
   *     ROS 2's
   * @throws RclException without a ROS 2 environment, or for wrong ROS arguments, or when the
   *     variables ROS_SECURITY_* enforce security and the enclave has no keys
   */
  public static Context init(String... args) {
    requireDomain(Objects.requireNonNullElse(System.getenv("ROS_DOMAIN_ID"), ""));
    RosArguments.require(args);
    Librcl.load();
    var context = new Context(args);
    Signals.watch(context);
    return context;
  }

  /** Refuses a domain for which there are no ports, or which rcl would take for domain 0. */
  private static void requireDomain(String given) {
    if (!given.isEmpty() && !(given.matches("\\d{1,3}") && Integer.parseInt(given) <= MAX_DOMAIN)) {
      throw new RclException(
          "ROS_DOMAIN_ID is '%s'; give 0 to 101, or up to %d where its ports are free"
              .formatted(given, MAX_DOMAIN));
    }
  }

  /** Creates a node, whose name and namespace the ROS arguments may change. */
  public Node createNode(String name) {
    return createNode(name, NodeOptions.DEFAULT);
  }

  /** Creates a node, as {@link #createNode(String)}, with options. */
  public Node createNode(String name, NodeOptions options) {
    return own(new Node(this, name, options));
  }

  /** Returns the arguments without the ones of ROS 2. */
  public List<String> arguments() {
    return arguments;
  }

  /** Returns whether nobody asked it to shut down yet. */
  public boolean isOk() {
    return ok;
  }

  /** Lets every executor return from spinning. May be called from any thread, and twice. */
  public void shutdown() {
    synchronized (shutdownListeners) {
      if (!ok) {
        return;
      }
      ok = false;
    }
    shutdownListeners.forEach(Runnable::run);
  }

  /**
   * Runs a listener when the context is asked to shut down, on the thread that asks; now if it was.
   */
  public void onShutdown(Runnable listener) {
    synchronized (shutdownListeners) {
      if (ok) {
        shutdownListeners.add(listener);
        return;
      }
    }
    listener.run();
  }

  /**
   * Waits for an answer, of a service or an action for example, while an executor spins elsewhere.
   *
   * @param what is waited for, such as "answer to the goal"
   * @throws RclException where it fails, takes longer than the limit, or the context is asked to
   *     shut down first
   */
  public <T> T await(String what, CompletableFuture<T> answer, Duration limit) {
    var stopped = new CompletableFuture<Void>();
    Runnable stop = () -> stopped.complete(null);
    onShutdown(stop);
    try {
      CompletableFuture.anyOf(answer, stopped).get(limit.toNanos(), TimeUnit.NANOSECONDS);
      if (answer.isDone()) {
        return answer.get();
      }
      throw new RclException("asked to stop while waiting for the " + what);
    } catch (TimeoutException e) {
      throw new RclException("no %s within %d s".formatted(what, limit.toSeconds()), e);
    } catch (ExecutionException e) {
      throw new RclException("the " + what + " failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RclException("interrupted while waiting for the " + what, e);
    } finally {
      forgetShutdownListener(stop);
    }
  }

  void forgetShutdownListener(Runnable listener) {
    shutdownListeners.remove(listener);
  }

  MemorySegment pointer() {
    return pointer;
  }

  <T extends AutoCloseable> T own(T part) {
    parts.add(part);
    return part;
  }

  void disown(AutoCloseable part) {
    parts.remove(part);
  }

  /** Shuts down, closes nodes and executors, and leaves ROS 2. */
  @Override
  public void close() {
    super.close();
  }

  @Override
  void leave() {
    shutdown();
    Signals.forget(this);
    CloseAll.close(parts.reversed());
  }

  @Override
  void release() {
    Logging.release();
    fini();
  }
}
