package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Reads the parameter values of the ROS arguments: {@code -p name:=value} and {@code
 * --params-file}.
 */
final class ParameterOverrides {
  private static final RclFunction GET = RclFunction.of("rcl_arguments_get_param_overrides", 2);
  private static final MethodHandle FINI =
      Librcl.function("rcl_yaml_node_struct_fini", FunctionDescriptor.ofVoid(ADDRESS));

  /** The bytes of rcl_node_params_t. */
  private static final long NODE_BYTES = 32;

  private static final long VARIANT_BYTES = 72;

  private ParameterOverrides() {}

  /**
   * Returns the values for one node; the later of two wins.
   *
   * @param context whose first member are the parsed arguments
   * @param node full name
   */
  static Map<String, Object> read(MemorySegment context, String node) {
    var values = new HashMap<String, Object>();
    try (var arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(ADDRESS);
      GET.check(GET.call(context, result));
      if (result.get(ADDRESS, 0).address() == 0) {
        return values;
      }
      // rcl_params_t: node names, rcl_node_params_t of each, their number
      MemorySegment params = DynamicLinker.at(result.get(ADDRESS, 0), 24);
      int nodes = (int) params.get(JAVA_LONG, 16);
      MemorySegment names = DynamicLinker.at(params.get(ADDRESS, 0), 8L * nodes);
      MemorySegment ofNodes = DynamicLinker.at(params.get(ADDRESS, 8), NODE_BYTES * nodes);
      for (int i = 0; i < nodes; i++) {
        if (matches(DynamicLinker.text(names.getAtIndex(ADDRESS, i)), node)) {
          readNode(ofNodes.asSlice(i * NODE_BYTES, NODE_BYTES), values);
        }
      }
      FINI.invokeExact(params);
      return values;
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  /**
   * Returns whether a pattern matches a node, as in rclcpp: {@code *} is one name, {@code **} any
   * number of them.
   */
  static boolean matches(String pattern, String node) {
    String absolute = pattern.startsWith("/") ? pattern : "/" + pattern;
    String regex = absolute.replace("/**", "(/\\w+)@").replace("/*", "/\\w+").replace('@', '*');
    return Pattern.matches(regex, node);
  }

  private static void readNode(MemorySegment node, Map<String, Object> values) {
    int count = (int) node.get(JAVA_LONG, 16);
    MemorySegment names = DynamicLinker.at(node.get(ADDRESS, 0), 8L * count);
    MemorySegment variants = DynamicLinker.at(node.get(ADDRESS, 8), VARIANT_BYTES * count);
    for (int i = 0; i < count; i++) {
      String name = DynamicLinker.text(names.getAtIndex(ADDRESS, i));
      values.put(name, value(variants.asSlice(i * VARIANT_BYTES, VARIANT_BYTES)));
    }
  }

  /** Reads an rcl_variant_t: one of its nine pointers is not NULL, but for an empty list. */
  private static Object value(MemorySegment variant) {
    int kind =
        IntStream.range(0, 9)
            .filter(i -> variant.getAtIndex(JAVA_LONG, i) != 0)
            .findFirst()
            .orElse(-1);
    if (kind < 0) {
      return List.of();
    }
    MemorySegment pointer = DynamicLinker.at(variant.getAtIndex(ADDRESS, kind), 16);
    return switch (kind) {
      case 0 -> pointer.get(JAVA_BOOLEAN, 0);
      case 1 -> pointer.get(JAVA_LONG, 0);
      case 2 -> pointer.get(JAVA_DOUBLE, 0);
      case 3 -> DynamicLinker.text(pointer);
      case 4 -> array(pointer, 1).toArray(JAVA_BYTE);
      case 5 -> booleans(array(pointer, 1).toArray(JAVA_BYTE));
      case 6 -> array(pointer, 8).toArray(JAVA_LONG);
      case 7 -> array(pointer, 8).toArray(JAVA_DOUBLE);
      default -> strings(pointer);
    };
  }

  /** Returns the memory of a structure of values and size. */
  private static MemorySegment array(MemorySegment structure, long elementBytes) {
    return DynamicLinker.at(structure.get(ADDRESS, 0), structure.get(JAVA_LONG, 8) * elementBytes);
  }

  private static boolean[] booleans(byte[] bytes) {
    var values = new boolean[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      values[i] = bytes[i] != 0;
    }
    return values;
  }

  /** Reads an rcutils_string_array_t: size, then data. */
  private static Object strings(MemorySegment structure) {
    int count = (int) structure.get(JAVA_LONG, 0);
    MemorySegment data = DynamicLinker.at(structure.get(ADDRESS, 8), 8L * count);
    return IntStream.range(0, count)
        .mapToObj(i -> DynamicLinker.text(data.getAtIndex(ADDRESS, i)))
        .toList();
  }
}
