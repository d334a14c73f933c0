package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs a node in a namespace that no other test uses at the same time, served by a thread of its
 * own. An exception of a callback fails the test at close.
 */
public final class TestRos implements AutoCloseable {
  public static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final AtomicInteger COUNT = new AtomicInteger();

  public final String namespace =
      "/t%d_%d".formatted(ProcessHandle.current().pid(), COUNT.incrementAndGet());
  final Context context;
  public final Node node;
  final Executor executor;
  private final Thread spinner;
  private volatile @Nullable Throwable failure;

  /**
   * Starts the node.
   *
   * @param rosArguments what stands between {@code --ros-args} and its end
   */
  public TestRos(String... rosArguments) {
    this(Executor::new, rosArguments);
  }

  public TestRos(Function<Context, Executor> executors, String... rosArguments) {
    var args = new ArrayList<>(List.of("--ros-args", "-r", "__ns:=" + namespace));
    args.addAll(List.of(rosArguments));
    context = Context.init(args.toArray(String[]::new));
    node = context.createNode("java");
    executor = executors.apply(context);
    executor.add(node);
    spinner = Thread.ofPlatform().name("spin").start(this::spin);
  }

  private void spin() {
    try {
      executor.spin();
    } catch (Throwable e) {
      failure = e;
    }
  }

  /** Waits until the condition holds. */
  public void await(String what, BooleanSupplier condition) {
    assertTrue(PollUntil.await(context, TIMEOUT, condition), "waited in vain: " + what);
  }

  public static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    context.shutdown();
    try {
      spinner.join(TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    context.close();
    if (failure != null) {
      fail(failure);
    }
  }
}
