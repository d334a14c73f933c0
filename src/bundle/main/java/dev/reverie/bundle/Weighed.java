package dev.reverie.bundle;

import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Number and size of a policy's weights. */
record Weighed(Sum trained, Sum frozen, Sum normalising) {
  private static final int LINE = 240;

  /** Tensors, their values and their bytes. */
  record Sum(int tensors, long values, long bytes) {
    Sum plus(NdArray array) {
      return new Sum(tensors + 1, values + array.elements(), bytes + array.data().byteSize());
    }

    @Override
    public String toString() {
      return "%d of %s values, %s".formatted(tensors, count(values), size(bytes));
    }
  }

  static Weighed of(PolicyBundle bundle) {
    Set<String> normalising = PolicyBundle.normalising(bundle.spec());
    Set<String> frozen = new HashSet<>(bundle.frozen());
    Sum none = new Sum(0, 0, 0);
    Weighed all = new Weighed(none, none, none);
    for (Map.Entry<String, NdArray> weight : bundle.weights().entrySet()) {
      NdArray array = weight.getValue();
      if (normalising.contains(weight.getKey())) {
        all = new Weighed(all.trained, all.frozen, all.normalising.plus(array));
      } else if (frozen.contains(weight.getKey()) || !SameValues.isFloat(array)) {
        all = new Weighed(all.trained, all.frozen.plus(array), all.normalising);
      } else {
        all = new Weighed(all.trained.plus(array), all.frozen, all.normalising);
      }
    }
    return all;
  }

  String told() {
    return "weights: trained %s; frozen %s; normalising %s".formatted(trained, frozen, normalising);
  }

  /** A text that fits a line or two. */
  static String cut(String text) {
    return text.length() <= LINE ? text : text.substring(0, LINE) + "..";
  }

  private static String count(long values) {
    return values < 10_000
        ? Long.toString(values)
        : values < 1_000_000
            ? "%.1f thousand".formatted(values / 1e3)
            : String.format(Locale.ROOT, "%.1f million", values / 1e6);
  }

  static String size(long bytes) {
    return bytes < 1 << 20
        ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
        : String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }
}
