package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.reverie.msgs.ServiceType;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;

/**
 * Answers requests, on a thread of the executor or later from any other.
 *
 * @param <Q> request
 * @param <S> response
 */
public final class Service<Q, S> extends ServiceEndpoint<Q, S> {
  private static final Functions FUNCTIONS = Functions.of("service", "service ");
  private static final RclFunction TAKE = RclFunction.of("rcl_take_request_with_info", 3);
  private static final RclFunction SEND = RclFunction.of("rcl_send_response", 3);

  static final int TAKE_FAILED = 601;

  /** rmw_send_response when it has waited, 0.1 s, for a client that it does not know (yet). */
  private static final int TIMEOUT = 2;

  private static final int LATE_TRIES = 50;

  // rmw_service_info_t: two stamps, then rmw_request_id_t of 24 bytes
  static final int INFO_BYTES = 128;
  static final int REQUEST_ID = 16;
  static final int REQUEST_ID_BYTES = 24;

  private final BiConsumer<Q, Responder<S>> handler;
  private final MemorySegment info = DynamicLinker.zeroed(Arena.ofAuto(), INFO_BYTES);
  // Guarded by the response, together with the sending.
  private final MemorySegment requestId = Arena.ofAuto().allocate(REQUEST_ID_BYTES, 8);

  /** Holds an rmw_request_id_t until the answer. */
  record RequestId(long head, long tail, long sequenceNumber) {
    static RequestId read(MemorySegment info) {
      return new RequestId(
          info.get(JAVA_LONG, REQUEST_ID),
          info.get(JAVA_LONG, REQUEST_ID + 8),
          info.get(JAVA_LONG, REQUEST_ID + 16));
    }

    void write(MemorySegment to) {
      to.set(JAVA_LONG, 0, head);
      to.set(JAVA_LONG, 8, tail);
      to.set(JAVA_LONG, 16, sequenceNumber);
    }
  }

  Service(
      Node node,
      ServiceType<Q, S> type,
      String name,
      CallbackGroup group,
      BiConsumer<Q, Responder<S>> handler) {
    super(FUNCTIONS, Kind.SERVICE, node, type, name, group);
    this.handler = handler;
  }

  @Override
  boolean work() {
    int code = TAKE.call(pointer(), info, request().pointer());
    if (code == TAKE_FAILED) {
      ErrorState.clear();
      return false;
    }
    RclFunction.check(code, "request of " + name());
    var id = RequestId.read(info);
    Q asked = request().get(type().request());
    taken();
    handler.accept(asked, value -> respond(id, value));
    return true;
  }

  /**
   * Sends a response. A request may come from a client whose own end was not discovered here yet:
   * the response is then tried again beside the caller, and given up with a warning.
   */
  void respond(RequestId id, S value) {
    if (!sent(id, value)) {
      Thread.ofPlatform().name("late-response").daemon().start(() -> respondLate(id, value));
    }
  }

  private void respondLate(RequestId id, S value) {
    try {
      for (int i = 0; i < LATE_TRIES; i++) {
        if (sent(id, value)) {
          return;
        }
      }
      node()
          .logger()
          .log(Level.WARNING, "a client of " + name() + " was not found, and gets no response");
    } catch (RclException e) { // closed meanwhile
      ErrorState.clear();
    }
  }

  /** Returns false where the client is not known. */
  private boolean sent(RequestId id, S value) {
    if (!enter()) {
      throw new ClosedException("the service " + name() + " is closed");
    }
    try {
      synchronized (response()) {
        response().set(type().response(), value);
        id.write(requestId);
        int code = SEND.call(pointer(), requestId, response().pointer());
        if (code == TIMEOUT) {
          ErrorState.clear();
          return false;
        }
        RclFunction.check(code, "response of " + name());
        return true;
      }
    } finally {
      exit();
    }
  }

  /** Closes the service, as {@link Subscription#close}; no request is answered any more. */
  @Override
  public void close() {
    super.close();
  }
}
