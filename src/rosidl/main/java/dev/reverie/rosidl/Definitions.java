package dev.reverie.rosidl;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Reads the message structures of all packages that can be found, and their full texts. */
final class Definitions {
  private static final String SEPARATOR = "=".repeat(80);

  private final Function<String, InterfacePackage> packages;
  private final Map<TypeName, Structure> known = new HashMap<>();

  /**
   * Begins with nothing read.
   *
   * @param packages finds a package by its name, or throws
   */
  Definitions(Function<String, InterfacePackage> packages) {
    this.packages = packages;
  }

  /**
   * Returns the text of a structure followed by the texts of all types that it uses, in order of
   * first use.
   */
  String fullText(Structure structure) {
    var used = new LinkedHashMap<TypeName, Structure>();
    collect(structure, used);
    var text = new StringBuilder(structure.text());
    used.forEach(
        (name, s) ->
            text.append('\n')
                .append(SEPARATOR)
                .append("\nMSG: ")
                .append(name)
                .append('\n')
                .append(s.text()));
    return text.toString();
  }

  private void collect(Structure structure, Map<TypeName, Structure> used) {
    for (Structure.Field field : structure.fields()) {
      if (field.base() instanceof Base.Message(TypeName name) && !used.containsKey(name)) {
        Structure other = structure(name, field.where());
        used.put(name, other);
        collect(other, used);
      }
    }
  }

  /**
   * Returns the structure of a message.
   *
   * @param where the place that names the type
   * @throws InterfaceException when it is nowhere
   */
  Structure structure(TypeName name, String where) {
    return known.computeIfAbsent(
        name,
        n -> {
          InterfacePackage pkg;
          try {
            pkg = packages.apply(n.pkg());
          } catch (InterfaceException e) {
            throw new InterfaceException(where + ": unknown type " + n + ": " + e.getMessage());
          }
          Path file = pkg.folder().resolve("msg").resolve(n.name() + ".msg");
          if (!Files.isRegularFile(file)) {
            throw new InterfaceException(
                where + ": unknown type " + n + ": there is no file " + file);
          }
          return pkg.parse(file).getFirst();
        });
  }
}
