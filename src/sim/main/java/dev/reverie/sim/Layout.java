package dev.reverie.sim;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Properties;

/**
 * Places of the fields in MuJoCo's structs, as {@code mujoco_layout.py} wrote it down for one
 * version of MuJoCo. Nothing here is valid for another version.
 */
final class Layout {
  private static final Properties TABLE = load();

  /** The version of MuJoCo that the offsets belong to. */
  static final String VERSION = entry("version");

  /** Each of these pointers is followed by as many values as the product of its extents. */
  record Field(long offset, String type, List<String> extents) {}

  private Layout() {}

  static long sizeOf(String struct) {
    return Long.parseLong(entry(struct));
  }

  /**
   * The pointer field of a struct.
   *
   * @param name struct and field, such as {@code mjData.qpos}
   */
  static Field field(String name) {
    String[] parts = entry(name).split(", ", -1);
    return new Field(
        Long.parseLong(parts[0]),
        parts[1],
        parts.length > 2 ? Arrays.asList(parts[2].split(" ", -1)) : List.of());
  }

  /** A size of the model, such as {@code nq}. */
  static long size(MemorySegment model, String name) {
    return model.get(ValueLayout.JAVA_LONG, typed("mjModel." + name, "mjtSize").offset());
  }

  /** A number in a struct. */
  static double number(MemorySegment struct, String name) {
    return struct.get(ValueLayout.JAVA_DOUBLE, typed(name, "mjtNum").offset());
  }

  /**
   * The array that a pointer field leads to, of its full length.
   *
   * @param arena of the struct
   */
  static MemorySegment array(
      MemorySegment model, MemorySegment struct, String name, ValueLayout element, Arena arena) {
    Field field = typed(name, cType(element) + "*");
    long count = 1;
    for (String extent : field.extents()) {
      count *= Character.isDigit(extent.charAt(0)) ? Long.parseLong(extent) : size(model, extent);
    }
    // Safe: offset, type and extents are those of the loaded version, which Mujoco has checked.
    return struct
        .get(ValueLayout.ADDRESS, field.offset())
        .reinterpret(count * element.byteSize(), arena, null);
  }

  private static Field typed(String name, String type) {
    Field field = field(name);
    if (!field.type().equals(type)) {
      throw new IllegalArgumentException(name + " is a " + field.type() + ", no " + type);
    }
    return field;
  }

  private static String cType(ValueLayout element) {
    return switch (element) {
      case ValueLayout.OfDouble _ -> "mjtNum";
      case ValueLayout.OfFloat _ -> "float";
      case ValueLayout.OfInt _ -> "int";
      case ValueLayout.OfLong _ -> "mjtSize";
      case ValueLayout.OfByte _ -> "mjtByte";
      default -> throw new IllegalArgumentException("no arrays of " + element);
    };
  }

  private static String entry(String name) {
    return Objects.requireNonNull(
        TABLE.getProperty(name), () -> name + " is not in mujoco-layout.properties; regenerate it");
  }

  private static Properties load() {
    try (InputStream in = Layout.class.getResourceAsStream("mujoco-layout.properties")) {
      var table = new Properties();
      table.load(Objects.requireNonNull(in, "mujoco-layout.properties is not in the jar"));
      return table;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
