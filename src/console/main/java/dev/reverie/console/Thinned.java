package dev.reverie.console;

import java.util.ArrayList;
import java.util.List;

/**
 * Keeps few of many, evenly: when there are too many every other one is let go, and of those that
 * come only as many are kept as before.
 */
final class Thinned<T> {
  private final int most;
  private final List<T> kept = new ArrayList<>();
  private long stride = 1;
  private long came;

  /**
   * Begins without any.
   *
   * @param most that are kept, at least 2
   */
  Thinned(int most) {
    this.most = most;
  }

  void add(T one) {
    if (came++ % stride != 0) {
      return;
    }
    if (kept.size() == most) {
      for (int i = 0; i < (most + 1) / 2; i++) {
        kept.set(i, kept.get(2 * i));
      }
      kept.subList((most + 1) / 2, most).clear();
      stride *= 2;
      if ((came - 1) % stride != 0) {
        return;
      }
    }
    kept.add(one);
  }

  List<T> list() {
    return List.copyOf(kept);
  }
}
