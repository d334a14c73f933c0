package dev.reverie.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.trainer.nn.TrainerException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The kinds of values that settings have. Jackson takes 1.5 for an integer, "3" or null for a
 * number and 3 for a text, and names its own classes where it refuses.
 */
final class SettingKind {
  private SettingKind() {}

  /** The type of a group's setting. */
  static Type of(Class<?> group, String name) {
    return Arrays.stream(group.getRecordComponents())
        .filter(component -> component.getName().equals(name))
        .map(RecordComponent::getGenericType)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("%s has no %s".formatted(group, name)));
  }

  /**
   * Refuses a value of another kind, with the setting, or its place in a list, and what is allowed.
   *
   * @param where the settings stand, for the message
   */
  static void require(String name, Type type, JsonNode value, String where) {
    if (type instanceof ParameterizedType list) {
      that(value.isArray(), name, value, "a list", where);
      Type element = list.getActualTypeArguments()[0];
      for (int i = 0; i < value.size(); i++) {
        require("%s[%d]".formatted(name, i), element, value.get(i), where);
      }
    } else if (type == int.class || type == long.class) {
      that(value.isIntegralNumber(), name, value, "a whole number", where);
      that(
          type == long.class ? value.canConvertToLong() : value.canConvertToInt(),
          name,
          value,
          "%d at most".formatted(type == long.class ? Long.MAX_VALUE : Integer.MAX_VALUE),
          where);
    } else if (type == double.class || type == Double.class) {
      that(value.isNumber(), name, value, "a number", where);
    } else if (type == boolean.class) {
      that(value.isBoolean(), name, value, "true or false", where);
    } else if (type == String.class) {
      that(value.isTextual(), name, value, "a text", where);
    } else if (type instanceof Class<?> words && words.isEnum()) {
      List<String> names =
          Arrays.stream(words.getEnumConstants()).map(word -> ((Enum<?>) word).name()).toList();
      that(
          value.isTextual() && names.contains(value.textValue()),
          name,
          value,
          "one of " + names,
          where);
    } else if (type instanceof Class<?> group && group.isRecord()) {
      Set<String> names =
          Arrays.stream(group.getRecordComponents())
              .map(RecordComponent::getName)
              .collect(Collectors.toCollection(LinkedHashSet::new));
      Set<String> given = new HashSet<>();
      value.fieldNames().forEachRemaining(given::add);
      that(given.equals(names), name, value, "an object with " + names, where);
      names.forEach(
          part -> require("%s.%s".formatted(name, part), of(group, part), value.get(part), where));
    } else {
      throw new IllegalStateException("the setting %s is of the kind %s".formatted(name, type));
    }
  }

  private static void that(
      boolean holds, String name, JsonNode value, String allowed, String where) {
    if (!holds) {
      throw new TrainerException(
          "%s: the setting %s is %s, and must be %s".formatted(where, name, value, allowed));
    }
  }
}
