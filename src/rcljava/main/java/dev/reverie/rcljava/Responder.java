package dev.reverie.rcljava;

/**
 * Answers one request, once, from any thread.
 *
 * @param <S> response
 */
@FunctionalInterface
public interface Responder<S> {
  /** Sends the response; once. */
  void respond(S response);
}
