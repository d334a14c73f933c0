package dev.reverie.console;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.Map;

/** The names of the constants of a message, by their values, as its .msg file has them. */
final class Words {
  private final Map<Byte, String> names = new HashMap<>();

  /**
   * Reads the constants of a message.
   *
   * @param prefix of those that are meant, such as LIMIT_; it is left out of the names
   */
  Words(Class<? extends Record> message, String prefix) {
    for (Field field : message.getFields()) {
      if (Modifier.isStatic(field.getModifiers())
          && field.getType() == byte.class
          && field.getName().startsWith(prefix)) {
        try {
          names.put(field.getByte(null), field.getName().substring(prefix.length()));
        } catch (IllegalAccessException e) {
          throw new IllegalStateException(field + " is public", e);
        }
      }
    }
  }

  /** The name of a value; one of a newer version of the message has none, and is shown as it is. */
  String of(byte value) {
    return names.getOrDefault(value, "number " + Byte.toUnsignedInt(value));
  }
}
