package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Finds the compiled type support of the installed interface packages. */
final class TypeSupport {
  private static final ConcurrentMap<String, MemorySegment> LIBRARIES = new ConcurrentHashMap<>();

  private TypeSupport() {}

  /**
   * Returns the type support of a message.
   *
   * @param name such as {@code sensor_msgs/msg/Image}
   * @return rosidl_message_type_support_t
   * @throws RclException when the package or the type is not installed
   */
  static MemorySegment message(String name) {
    return handle("message", name);
  }

  /**
   * Returns the type support of a service.
   *
   * @param name such as {@code std_srvs/srv/SetBool}
   * @return rosidl_service_type_support_t
   * @throws RclException when the package or the type is not installed
   */
  static MemorySegment service(String name) {
    return handle("service", name);
  }

  private static MemorySegment handle(String kind, String name) {
    String getter =
        "rosidl_typesupport_c__get_%s_type_support_handle__%s"
            .formatted(kind, name.replace("/", "__"));
    MemorySegment function = symbol(name, "rosidl_typesupport_c", getter);
    try {
      return (MemorySegment)
          DynamicLinker.function(function, FunctionDescriptor.of(ADDRESS)).invokeExact();
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  /** Returns a symbol of the library {@code lib<package>__<part>.so} of a type's package. */
  static MemorySegment symbol(String type, String part, String symbol) {
    String[] words = type.split("/", -1);
    if (words.length != 3) {
      throw new IllegalArgumentException("type '" + type + "' is not of the form package/msg/Name");
    }
    String library = "lib%s__%s.so".formatted(words[0], part);
    MemorySegment handle = LIBRARIES.computeIfAbsent(library, l -> open(words[0], type, l));
    return DynamicLinker.find(handle, symbol)
        .orElseThrow(
            () ->
                new RclException(
                    "the installed package %s has no type %s: its version differs from the one"
                            .formatted(words[0], type)
                        + " that the Java records were generated from"));
  }

  private static MemorySegment open(String rosPackage, String type, String library) {
    try {
      return DynamicLinker.open(library, DynamicLinker.RTLD_NOW);
    } catch (RclException e) {
      throw new RclException(
          "type %s needs the ROS 2 package %s, which is not in this environment: install it or source the workspace that has it (%s)"
              .formatted(type, rosPackage, e.getMessage()),
          e);
    }
  }
}
