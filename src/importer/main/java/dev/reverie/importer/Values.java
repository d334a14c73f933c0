package dev.reverie.importer;

import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.std_msgs.Bool;
import dev.reverie.msgs.std_msgs.Float32;
import dev.reverie.msgs.std_msgs.Float64;
import dev.reverie.msgs.std_msgs.Int16;
import dev.reverie.msgs.std_msgs.Int32;
import dev.reverie.msgs.std_msgs.Int64;
import dev.reverie.msgs.std_msgs.Int8;
import dev.reverie.msgs.std_msgs.UInt16;
import dev.reverie.msgs.std_msgs.UInt32;
import dev.reverie.msgs.std_msgs.UInt64;
import dev.reverie.msgs.std_msgs.UInt8;
import dev.reverie.rollout.BagMessages;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Messages that are one value, as texts. */
final class Values {
  /** The type of texts. */
  static final String TEXT = dev.reverie.msgs.std_msgs.String.TYPE.name();

  /** A type with the way in which its values become texts. */
  private record Kind<T>(MessageType<T> type, Function<T, String> text) {
    String of(Recording recording, BagMessages.Message message) {
      return text.apply(recording.decode(type, message));
    }
  }

  /** Kinds by type. */
  static final Map<String, Kind<?>> TYPES =
      List.<Kind<?>>of(
              new Kind<>(dev.reverie.msgs.std_msgs.String.TYPE, m -> m.data()),
              new Kind<>(Bool.TYPE, m -> Boolean.toString(m.data())),
              new Kind<>(Int8.TYPE, m -> Integer.toString(m.data())),
              new Kind<>(Int16.TYPE, m -> Integer.toString(m.data())),
              new Kind<>(Int32.TYPE, m -> Integer.toString(m.data())),
              new Kind<>(Int64.TYPE, m -> Long.toString(m.data())),
              new Kind<>(UInt8.TYPE, m -> Integer.toString(Byte.toUnsignedInt(m.data()))),
              new Kind<>(UInt16.TYPE, m -> Integer.toString(Short.toUnsignedInt(m.data()))),
              new Kind<>(UInt32.TYPE, m -> Integer.toUnsignedString(m.data())),
              new Kind<>(UInt64.TYPE, m -> Long.toUnsignedString(m.data())),
              new Kind<>(Float32.TYPE, m -> Float.toString(m.data())),
              new Kind<>(Float64.TYPE, m -> Double.toString(m.data())))
          .stream()
          .collect(Collectors.toUnmodifiableMap(kind -> kind.type.name(), kind -> kind));

  private Values() {}

  static String of(String type, Recording recording, BagMessages.Message message) {
    Kind<?> kind = TYPES.get(type);
    if (kind == null) {
      throw new IllegalStateException(type + " is no value");
    }
    return kind.of(recording, message);
  }

  /** Returns whether a value means yes. */
  static boolean yes(String value) {
    try {
      return Double.parseDouble(value) > 0;
    } catch (NumberFormatException e) {
      return List.of("true", "success", "yes").contains(value.strip().toLowerCase(Locale.ROOT));
    }
  }

  /** Returns whether two values are the same, also as numbers. */
  static boolean same(String one, String other) {
    try {
      return Double.parseDouble(one) == Double.parseDouble(other);
    } catch (NumberFormatException e) {
      return one.strip().equalsIgnoreCase(other.strip());
    }
  }
}
