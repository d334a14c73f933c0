package dev.reverie.rcljava;

/** Ends the calls of a listener or a validator when it is closed. */
@FunctionalInterface
public interface Registration extends AutoCloseable {
  @Override
  void close();
}
