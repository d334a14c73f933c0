package dev.reverie.msgs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** All fields of any view: compares them with a record, or sets them. */
final class ViewFields {
  private static final Map<Class<?>, List<Field>> FIELDS = new ConcurrentHashMap<>();

  /** Names one field of a record and of its view. */
  private record Field(String name, Method ofRecord, Method ofView) {}

  private ViewFields() {}

  private static List<Field> of(Class<?> record, Class<?> view) {
    return FIELDS.computeIfAbsent(
        record,
        r ->
            Arrays.stream(r.getRecordComponents())
                .map(c -> new Field(c.getName(), c.getAccessor(), method(view, c)))
                .toList());
  }

  private static Method method(Class<?> view, RecordComponent component) {
    try {
      return view.getMethod(component.getName());
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object get(Method method, Object of) {
    try {
      return method.invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(of.getClass() + "." + method.getName(), e.getCause());
    }
  }

  /** Fails where the view does not show just what the record holds. */
  static void assertShows(Object record, MessageView<?> view) {
    for (Field field : of(record.getClass(), view.getClass())) {
      Object expected = get(field.ofRecord, record);
      Object shown = get(field.ofView, view);
      switch (shown) {
        case MessageView<?> inside -> assertShows(expected, inside);
        case ArrayView.OfMessage<?> messages -> {
          var list = (List<?>) expected;
          assertEquals(list.size(), messages.length());
          for (int i = 0; i < list.size(); i++) {
            assertShows(list.get(i), messages.get(i));
          }
        }
        case ArrayView.OfString strings -> {
          var list = (List<?>) expected;
          assertEquals(list.size(), strings.length());
          for (int i = 0; i < list.size(); i++) {
            assertEquals(list.get(i), strings.get(i));
          }
        }
        case ArrayView.OfPrimitive numbers -> assertElements(expected, numbers);
        default -> assertEquals(expected, shown, field.name);
      }
    }
  }

  private static void assertElements(Object expected, ArrayView.OfPrimitive shown) {
    int n = Array.getLength(expected);
    assertEquals(n, shown.length());
    Object copy = Array.newInstance(expected.getClass().componentType(), n);
    for (int i = 0; i < n; i++) {
      Object element =
          switch (shown) {
            case ArrayView.OfBoolean a -> a.get(i);
            case ArrayView.OfByte a -> a.get(i);
            case ArrayView.OfShort a -> a.get(i);
            case ArrayView.OfInt a -> a.get(i);
            case ArrayView.OfLong a -> a.get(i);
            case ArrayView.OfFloat a -> a.get(i);
            case ArrayView.OfDouble a -> a.get(i);
          };
      Array.set(copy, i, element);
    }
    assertSameArray(expected, copy);
    switch (shown) {
      case ArrayView.OfBoolean a -> a.copyTo((boolean[]) copy);
      case ArrayView.OfByte a -> a.copyTo((byte[]) copy);
      case ArrayView.OfShort a -> a.copyTo((short[]) copy);
      case ArrayView.OfInt a -> a.copyTo((int[]) copy);
      case ArrayView.OfLong a -> a.copyTo((long[]) copy);
      case ArrayView.OfFloat a -> a.copyTo((float[]) copy);
      case ArrayView.OfDouble a -> a.copyTo((double[]) copy);
    }
    assertSameArray(expected, copy);
  }

  private static void assertSameArray(Object a, Object b) {
    assertArrayEquals(new Object[] {a}, new Object[] {b});
  }

  /** Sets all that can be set to what the record holds. Strings and lengths must be the same. */
  static void set(Object record, MessageView<?> view) {
    for (Field field : of(record.getClass(), view.getClass())) {
      Object value = get(field.ofRecord, record);
      switch (get(field.ofView, view)) {
        case MessageView<?> inside -> set(value, inside);
        case ArrayView.OfMessage<?> messages -> {
          var list = (List<?>) value;
          for (int i = 0; i < list.size(); i++) {
            set(list.get(i), messages.get(i));
          }
        }
        case ArrayView.OfBoolean a -> a.set((boolean[]) value);
        case ArrayView.OfByte a -> a.set((byte[]) value);
        case ArrayView.OfShort a -> a.set((short[]) value);
        case ArrayView.OfInt a -> a.set((int[]) value);
        case ArrayView.OfLong a -> a.set((long[]) value);
        case ArrayView.OfFloat a -> a.set((float[]) value);
        case ArrayView.OfDouble a -> a.set((double[]) value);
        case String _, ArrayView.OfString _ -> {}
        default -> setScalar(field, view, value);
      }
    }
  }

  private static void setScalar(Field field, MessageView<?> view, Object value) {
    String setter = "set" + Character.toUpperCase(field.name.charAt(0)) + field.name.substring(1);
    try {
      view.getClass().getMethod(setter, field.ofRecord.getReturnType()).invoke(view, value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Sets all numbers to zero, and to false. */
  static void clear(MessageView<?> view, Object sameShape) {
    for (Field field : of(sameShape.getClass(), view.getClass())) {
      Object value = get(field.ofRecord, sameShape);
      switch (get(field.ofView, view)) {
        case MessageView<?> inside -> clear(inside, value);
        case ArrayView.OfMessage<?> messages -> {
          var list = (List<?>) value;
          for (int i = 0; i < list.size(); i++) {
            clear(messages.get(i), list.get(i));
          }
        }
        case ArrayView.OfPrimitive numbers -> numbers.bytes().fill((byte) 0);
        case String _, ArrayView.OfString _ -> {}
        default ->
            setScalar(
                field, view, Array.get(Array.newInstance(field.ofRecord.getReturnType(), 1), 0));
      }
    }
  }
}
