package dev.reverie.rcljava;

/** To be closed by who wants to be told no longer. */
@FunctionalInterface
public interface Registration extends AutoCloseable {
  @Override
  void close();
}
