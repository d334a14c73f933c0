package dev.reverie.trainer.nn;

import java.lang.reflect.RecordComponent;
import java.util.Set;
import java.util.StringJoiner;

/**
 * Says settings in the words of a record's own text, as they stand in what a stage says that it was
 * made of. A component that came later is said only where it is not as usual, so that files from
 * before still fit.
 */
public final class SettingsText {
  private SettingsText() {}

  /**
   * Says settings.
   *
   * @param usual their default
   * @param later names of the components that came later
   */
  public static <R extends Record> String of(R settings, R usual, Set<String> later) {
    return of(settings, usual, later, Set.of());
  }

  /**
   * Says settings.
   *
   * @param usual their default
   * @param later names of the components that came later
   * @param apart names of the components that change nothing of what a stage is made of
   */
  public static <R extends Record> String of(
      R settings, R usual, Set<String> later, Set<String> apart) {
    Class<?> type = settings.getClass();
    StringJoiner text = new StringJoiner(", ", type.getSimpleName() + "[", "]");
    for (RecordComponent component : type.getRecordComponents()) {
      String name = component.getName();
      Object value = value(component, settings);
      boolean said = !later.contains(name) || !value.equals(value(component, usual));
      if (said && !apart.contains(name)) {
        text.add(name + "=" + value);
      }
    }
    return text.toString();
  }

  private static Object value(RecordComponent component, Record of) {
    try {
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(of.getClass() + " is not public", e);
    }
  }
}
