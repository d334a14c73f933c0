package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Reads what rcl made of the arguments of the program. */
final class RosArguments {
  private static final String RULE = "FROM:=TO, such as image:=/front/image_raw or __ns:=/left";
  private static final String VALUE =
      "NAME:=VALUE, such as rate:=20, or \"NAME:=''\" for an empty text";

  /** Names of the values behind each option. */
  private static final Map<String, String> VALUES =
      Map.of(
          "-r", RULE,
          "--remap", RULE,
          "-p", VALUE,
          "--param", VALUE,
          "--params-file", "a YAML file of parameters that is there",
          "--log-level", "one of debug, info, warn, error, fatal, or LOGGER:=LEVEL");

  private static final Map<String, String> WHY =
      Map.of(
          "-p", "gives no parameter a value",
          "--param", "gives no parameter a value",
          "--params-file", "is no file",
          "--log-level", "is no level");

  private static final MethodHandle COUNT_UNPARSED = count("rcl_arguments_get_count_unparsed");
  private static final MethodHandle COUNT_UNKNOWN = count("rcl_arguments_get_count_unparsed_ros");
  private static final MethodHandle UNPARSED = indices("rcl_arguments_get_unparsed");
  private static final MethodHandle UNKNOWN = indices("rcl_arguments_get_unparsed_ros");
  private static final MethodHandle FREE =
      DynamicLinker.ofC("free", FunctionDescriptor.ofVoid(ADDRESS));

  /**
   * A rule of remapping; one of a node alone has its name and a colon before it; wildcards are none
   * of rcl's yet.
   */
  private static final Pattern REMAP =
      Pattern.compile("(?:\\w+:)?(?:ros(?:topic|service)://)?[\\w/~]+:=[\\w/~:]+");

  /** A node's own name, or namespace, as it is remapped. */
  private static final Pattern NODE =
      Pattern.compile("(?:\\w+:)?(?:__(?:node|name):=[A-Za-z_]\\w*|__ns:=/(?:\\w+(?:/\\w+)*)?)");

  private static final Pattern LEVEL =
      Pattern.compile("(?:.+:=)?(?:debug|info|warn|error|fatal|unset)", Pattern.CASE_INSENSITIVE);

  private static final Pattern PARAM = Pattern.compile("[^\\s:=][^=]*:=.*\\S.*", Pattern.DOTALL);

  private RosArguments() {}

  /**
   * Refuses what rcl would refuse in words of its parser: rules that are none, options with nothing
   * behind them, files that are not there.
   *
   * @throws RclException with the argument and what to give
   */
  static void require(String... args) {
    boolean ros = false;
    for (int i = 0; i < args.length; i++) {
      ros = args[i].equals("--ros-args") || (ros && !args[i].equals("--"));
      if (ros && VALUES.containsKey(args[i])) {
        String option = args[i];
        if (i + 1 == args.length || args[i + 1].equals("--ros-args")) {
          throw refused(option, "", "has nothing behind it");
        }
        requireValue(option, args[++i]);
      }
    }
  }

  private static void requireValue(String option, String value) {
    boolean right =
        switch (option) {
          case "-r", "--remap" ->
              (value.contains("__") && value.matches("(\\w+:)?__(node|name|ns):=.*") ? NODE : REMAP)
                  .matcher(value)
                  .matches();
          case "-p", "--param" -> PARAM.matcher(value).matches();
          case "--log-level" -> LEVEL.matcher(value).matches();
          default -> Files.isRegularFile(Path.of(value));
        };
    if (!right) {
      throw refused(option, value, WHY.getOrDefault(option, "is no rule"));
    }
  }

  private static RclException refused(String option, String value, String why) {
    return new RclException(
        "ROS argument '%s' %s; give %s"
            .formatted((option + " " + value).strip(), why, VALUES.get(option)));
  }

  /**
   * Returns the arguments that are not ROS 2's.
   *
   * @param context whose first member are the parsed arguments
   * @throws RclException when there are ROS arguments that rcl does not know
   */
  static List<String> nonRos(MemorySegment context, String[] args) {
    List<String> unknown = select(context, args, COUNT_UNKNOWN, UNKNOWN);
    if (!unknown.isEmpty()) {
      throw new RclException("unknown ROS arguments: " + String.join(" ", unknown));
    }
    return select(context, args, COUNT_UNPARSED, UNPARSED);
  }

  private static List<String> select(
      MemorySegment context, String[] args, MethodHandle count, MethodHandle indices) {
    try (var arena = Arena.ofConfined()) {
      int length = (int) count.invokeExact(context);
      if (length <= 0) {
        return List.of();
      }
      MemorySegment result = arena.allocate(ADDRESS);
      RclFunction.check(
          (int) indices.invokeExact(context, Librcl.allocator(), result), "rcl_arguments");
      MemorySegment positions = DynamicLinker.at(result.get(ADDRESS, 0), 4L * length);
      List<String> selected =
          IntStream.range(0, length)
              .mapToObj(i -> args[positions.getAtIndex(JAVA_INT, i)])
              .toList();
      free(positions);
      return selected;
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  /** Gives back what rcl allocated with its default allocator. */
  static void free(MemorySegment memory) {
    try {
      // Safe: the default allocator of rcutils is malloc and free.
      FREE.invokeExact(memory);
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  private static MethodHandle count(String name) {
    return Librcl.function(name, FunctionDescriptor.of(JAVA_INT, ADDRESS));
  }

  private static MethodHandle indices(String name) {
    return Librcl.function(
        name, FunctionDescriptor.of(JAVA_INT, ADDRESS, Librcl.ALLOCATOR, ADDRESS));
  }
}
