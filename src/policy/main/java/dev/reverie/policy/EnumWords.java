package dev.reverie.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.List;

/** Constants in the words that files have for them. */
public final class EnumWords {
  private EnumWords() {}

  /** Returns the word of a constant. */
  public static String of(Enum<?> constant) {
    try {
      JsonProperty word =
          constant.getDeclaringClass().getField(constant.name()).getAnnotation(JsonProperty.class);
      return word == null ? constant.toString() : word.value();
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException("every constant is a field", e);
    }
  }

  /** Returns the words of a type's constants. */
  public static List<String> all(Class<?> type) {
    return Arrays.stream(type.getEnumConstants()).map(c -> of((Enum<?>) c)).toList();
  }
}
