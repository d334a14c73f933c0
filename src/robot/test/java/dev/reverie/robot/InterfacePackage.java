package dev.reverie.robot;

import dev.reverie.testing.Commands;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Compiles an interface package that is not installed, and makes this process know its types. */
final class InterfacePackage {
  private static final int BUILD_SECONDS = 180;
  private static final List<String> LIBRARIES =
      List.of(
          "rosidl_typesupport_fastrtps_c",
          "rosidl_typesupport_introspection_c",
          "rosidl_typesupport_c");

  private InterfacePackage() {}

  /**
   * Builds an interface package and loads its libraries.
   *
   * @param source folder of the package, called as the package is
   * @param build empty folder
   */
  static void load(Path source, Path build) throws Exception {
    String name = String.valueOf(source.getFileName());
    Commands.run(
        BUILD_SECONDS,
        List.of(
            "cmake",
            "-S",
            source.toString(),
            "-B",
            build.toString(),
            "-DBUILD_TESTING=OFF",
            "-DCMAKE_PREFIX_PATH=" + System.getenv("AMENT_PREFIX_PATH").replace(':', ';'),
            "-DPython3_EXECUTABLE=" + System.getenv("REVERIE_PYTHON")));
    List<String> make =
        new ArrayList<>(
            List.of("cmake", "--build", build.toString(), "--parallel", "2", "--target"));
    LIBRARIES.forEach(library -> make.add(name + "__" + library));
    Commands.run(BUILD_SECONDS, make);
    // Whoever opens a library by its bare name is given the one that is loaded.
    for (String library : LIBRARIES) {
      SymbolLookup.libraryLookup(
          build.resolve("lib%s__%s.so".formatted(name, library)), Arena.global());
    }
  }
}
