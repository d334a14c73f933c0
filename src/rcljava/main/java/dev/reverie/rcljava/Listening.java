package dev.reverie.rcljava;

/** To be closed by who wants to be told no longer. */
@FunctionalInterface
public interface Listening extends AutoCloseable {
  @Override
  void close();
}
