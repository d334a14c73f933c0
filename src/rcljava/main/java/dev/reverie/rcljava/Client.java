package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.reverie.msgs.ServiceType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Calls a service, from any thread. Responses come in on the executor's thread: a callback that
 * waits for one there waits for ever, it chains to the future instead.
 *
 * @param <Q> request
 * @param <S> response
 */
public final class Client<Q, S> extends ServiceEndpoint<Q, S> {
  private static final Functions FUNCTIONS = Functions.of("client", "client of ");
  private static final RclFunction SEND = RclFunction.of("rcl_send_request", 3);
  private static final RclFunction TAKE = RclFunction.of("rcl_take_response_with_info", 3);
  private static final RclFunction AVAILABLE = RclFunction.of("rcl_service_server_is_available", 3);

  private static final int TAKE_FAILED = 501;
  private static final int INFO_BYTES = 128;
  private static final int SEQUENCE_NUMBER = 32; // in rmw_service_info_t

  private final MemorySegment info = DynamicLinker.zeroed(Arena.ofAuto(), INFO_BYTES);
  private final Runnable onShutdown = () -> failPending("the context was shut down");
  // Guarded by itself, together with the sending of the request.
  private final Map<Long, CompletableFuture<S>> pending = new HashMap<>();

  Client(Node node, ServiceType<Q, S> type, String name, CallbackGroup group) {
    super(FUNCTIONS, Kind.CLIENT, node, type, name, group);
    node.context().onShutdown(onShutdown);
  }

  /** Returns whether a server is there now. */
  public boolean isServiceAvailable() {
    if (!enter()) {
      return false;
    }
    try (var arena = Arena.ofConfined()) {
      MemorySegment available = arena.allocate(JAVA_BOOLEAN);
      AVAILABLE.check(AVAILABLE.call(node().pointer(), pointer(), available));
      return available.get(JAVA_BOOLEAN, 0);
    } finally {
      exit();
    }
  }

  /** Waits until a server is there; false when there is none in time, or at shutdown. */
  public boolean waitForService(Duration timeout) {
    return PollUntil.await(node().context(), timeout, this::isServiceAvailable);
  }

  /**
   * Sends a request. Bound the wait by {@link CompletableFuture#orTimeout}: without a server no
   * response comes.
   *
   * @return the response, completed on the executor's thread
   */
  public CompletableFuture<S> call(Q value) {
    if (!enter()) {
      throw new ClosedException("the client of " + name() + " is closed");
    }
    try {
      if (!node().context().isOk()) {
        throw new RclException("no call of " + name() + ": the context was shut down");
      }
      return send(value);
    } finally {
      exit();
    }
  }

  private CompletableFuture<S> send(Q value) {
    var future = new CompletableFuture<S>();
    synchronized (pending) {
      request().set(type().request(), value);
      try (var arena = Arena.ofConfined()) {
        MemorySegment sequenceNumber = arena.allocate(JAVA_LONG);
        RclFunction.check(
            SEND.call(pointer(), request().pointer(), sequenceNumber), "request to " + name());
        long key = sequenceNumber.get(JAVA_LONG, 0);
        pending.put(key, future);
        var _ = future.whenComplete((_, _) -> forget(key));
      }
    }
    return future;
  }

  /** Number of requests that are waited for; one whose future was completed otherwise is not. */
  public int waiting() {
    synchronized (pending) {
      return pending.size();
    }
  }

  private void forget(long key) {
    synchronized (pending) {
      pending.remove(key);
    }
  }

  @Override
  boolean work() {
    int code = TAKE.call(pointer(), info, response().pointer());
    if (code == TAKE_FAILED) {
      ErrorState.clear();
      return false;
    }
    RclFunction.check(code, "response of " + name());
    @Nullable CompletableFuture<S> future;
    synchronized (pending) {
      future = pending.get(info.get(JAVA_LONG, SEQUENCE_NUMBER));
    }
    if (future != null) {
      S answer = response().get(type().response());
      taken();
      future.complete(answer);
    }
    return true;
  }

  private void failPending(String reason) {
    List<CompletableFuture<S>> futures;
    synchronized (pending) {
      futures = List.copyOf(pending.values());
    }
    var failure = new RclException("no response of " + name() + ": " + reason);
    futures.forEach(future -> future.completeExceptionally(failure));
  }

  @Override
  void leave() {
    node().context().forgetShutdownListener(onShutdown);
    super.leave();
    failPending("the client was closed");
  }

  /** Closes the client, as {@link Subscription#close}; calls without an answer fail. */
  @Override
  public void close() {
    super.close();
  }
}
