package dev.reverie.rcljava;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Closes things so that a failure of one does not keep the others open. */
final class CloseAll {
  private CloseAll() {}

  /**
   * Closes all of them, in this order.
   *
   * @throws RuntimeException the first failure, with the others suppressed
   */
  static void close(List<? extends AutoCloseable> parts) {
    @Nullable RuntimeException first = null;
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (Exception e) {
        RuntimeException failure =
            e instanceof RuntimeException runtime ? runtime : new RclException(e.toString(), e);
        if (first == null) {
          first = failure;
        } else {
          first.addSuppressed(failure);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
