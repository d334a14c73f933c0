package dev.reverie.msgs;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Makes records of any generated type with random values, within the bounds of the type. */
public final class RandomRecords {
  private static final String[] CHARACTERS = {"a", "Z", " ", "é", "€", "ハ", "😀"};

  /** Makes a record, and holds one with its defaults, whose fixed arrays have their length. */
  private record Maker(
      RecordComponent[] components, Constructor<?> constructor, Object[] defaults) {
    static Maker of(Class<?> record) {
      RecordComponent[] components = record.getRecordComponents();
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      try {
        Object byDefault = record.getConstructor().newInstance();
        var defaults = new Object[components.length];
        for (int i = 0; i < defaults.length; i++) {
          defaults[i] = components[i].getAccessor().invoke(byDefault);
        }
        return new Maker(components, record.getConstructor(types), defaults);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private final Map<Class<?>, Maker> makers = new HashMap<>();
  private final RandomGenerator random;
  private final int most;

  /** Makes records with short sequences and strings. */
  public RandomRecords(RandomGenerator random) {
    this(random, 5);
  }

  /**
   * Makes records with sequences and strings of any length.
   *
   * @param most the limit of elements of a sequence and characters of a string
   */
  public RandomRecords(RandomGenerator random, int most) {
    this.random = random;
    this.most = most;
  }

  public <T> T next(Class<T> record) {
    return record.cast(make(record));
  }

  private Object make(Class<?> record) {
    Maker maker = makers.computeIfAbsent(record, Maker::of);
    // Bounds are not known here: what is too long for them is tried again shorter.
    for (int longest = most; ; longest--) {
      var values = new Object[maker.components.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = value(maker.components[i].getGenericType(), maker.defaults[i], longest);
      }
      try {
        return maker.constructor.newInstance(values);
      } catch (InvocationTargetException e) {
        if (!(e.getCause() instanceof CdrException) || longest == 0) {
          throw new IllegalStateException(e);
        }
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private Object value(Type type, Object byDefault, int longest) {
    if (type instanceof ParameterizedType list) {
      int fixed = ((List<?>) byDefault).size();
      var values = new ArrayList<>();
      Type element = list.getActualTypeArguments()[0];
      for (int n = fixed > 0 ? fixed : random.nextInt(longest + 1); n > 0; n--) {
        values.add(value(element, "", longest));
      }
      return values;
    }
    Class<?> plain = (Class<?>) type;
    if (plain.isArray()) {
      int fixed = Array.getLength(byDefault);
      Object values =
          Array.newInstance(plain.componentType(), fixed > 0 ? fixed : random.nextInt(longest + 1));
      for (int i = 0; i < Array.getLength(values); i++) {
        Array.set(values, i, scalar(plain.componentType()));
      }
      return values;
    }
    if (plain == String.class) {
      var text = new StringBuilder();
      for (int n = random.nextInt(longest + 1); n > 0; n--) {
        text.append(CHARACTERS[random.nextInt(CHARACTERS.length)]);
      }
      return text.toString();
    }
    return plain.isRecord() ? make(plain) : scalar(plain);
  }

  private Object scalar(Class<?> type) {
    long bits = random.nextLong();
    return switch (type.getName()) {
      case "boolean" -> (bits & 1) == 1;
      case "byte" -> (byte) bits;
      case "short" -> (short) bits;
      case "int" -> (int) bits;
      case "long" -> bits;
      case "float" -> (float) random.nextGaussian();
      case "double" -> random.nextGaussian();
      default -> throw new IllegalStateException(type.getName());
    };
  }
}
