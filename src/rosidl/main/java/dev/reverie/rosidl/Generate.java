package dev.reverie.rosidl;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Generates Java records and codecs from interface packages.
 *
 * <pre>
 * java -cp rosidl.jar dev.reverie.rosidl.Generate --out DIR [--java-package dev.reverie.msgs]
 *     [--fallback PREFIX] [--folder NAME=DIR] [--package NAME] [--optional NAME]
 * </pre>
 *
 * Packages are looked for in {@code share/} of each prefix of {@code AMENT_PREFIX_PATH}, or of
 * {@code --fallback} where that is not set; {@code --folder} names one that stands elsewhere, and
 * generates it.
 */
public final class Generate {

  private final Map<String, InterfacePackage> folders = new LinkedHashMap<>();
  private final List<String> wanted = new ArrayList<>();
  private final Set<String> optional = new HashSet<>();
  private final Set<Path> written = new HashSet<>();
  private String javaPackage = "dev.reverie.msgs";
  private Path out = Path.of("generated");
  private String prefixes = Optional.ofNullable(System.getenv("AMENT_PREFIX_PATH")).orElse("");
  private final Definitions definitions = new Definitions(this::find);

  private Generate(String[] args) {
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        throw new InterfaceException(args[i] + " wants a value");
      }
      option(args[i], args[i + 1]);
    }
  }

  public static void main(String[] args) {
    new Generate(args).run();
  }

  private void option(String name, String value) {
    switch (name) {
      case "--out" -> out = Path.of(value);
      case "--java-package" -> javaPackage = value;
      case "--fallback" -> prefixes = prefixes.isBlank() ? value : prefixes;
      case "--package" -> wanted.add(value);
      case "--optional" -> {
        wanted.add(value);
        optional.add(value);
      }
      case "--folder" -> {
        String[] parts = value.split("=", 2);
        if (parts.length != 2) {
          throw new InterfaceException("--folder wants NAME=DIR, not " + value);
        }
        folders.put(parts[0], new InterfacePackage(parts[0], Path.of(parts[1])));
        wanted.add(parts[0]);
      }
      default -> throw new InterfaceException("unknown option " + name);
    }
  }

  private void run() {
    for (String name : wanted) {
      if (!optional.contains(name) || installed(name).isPresent()) {
        generate(find(name));
      }
    }
    deleteStale();
  }

  private Optional<InterfacePackage> installed(String name) {
    for (String prefix : prefixes.split(File.pathSeparator)) {
      Path folder = Path.of(prefix, "share", name);
      if (!prefix.isBlank() && Files.isDirectory(folder)) {
        return Optional.of(new InterfacePackage(name, folder));
      }
    }
    return Optional.empty();
  }

  private InterfacePackage find(String name) {
    InterfacePackage given = folders.get(name);
    return given != null ? given : installed(name).orElseThrow(() -> missing(name));
  }

  private InterfaceException missing(String name) {
    if (installed("builtin_interfaces").isEmpty()) {
      return new InterfaceException(
          "no ROS 2 interfaces found in '%s': run ./reverie setup or source a ROS 2"
              .formatted(prefixes));
    }
    return new InterfaceException(
        "no ROS 2 package '%s' in '%s': install ros-<distro>-%s"
            .formatted(name, prefixes, name.replace('_', '-')));
  }

  private void generate(InterfacePackage pkg) {
    for (Path file : pkg.files("msg")) {
      String name = InterfacePackage.typeName(file);
      var record = record(name, pkg, "msg", name, part(pkg, file, 1).getFirst());
      write(pkg, name, record);
    }
    for (Path file : pkg.files("srv")) {
      group(pkg, file, "srv", "Service", List.of("Request", "Response"));
    }
    for (Path file : pkg.files("action")) {
      group(pkg, file, "action", "Action", List.of("Goal", "Result", "Feedback"));
    }
  }

  private static List<Structure> part(InterfacePackage pkg, Path file, int count) {
    var parts = pkg.parse(file);
    if (parts.size() != count) {
      throw new InterfaceException(
          "%s has %d parts between lines of '---', not %d".formatted(file, parts.size(), count));
    }
    return parts;
  }

  /**
   * A class with one nested record a part; where a message of the package has its name, {@code
   * Service} or {@code Action} is appended.
   */
  private void group(
      InterfacePackage pkg, Path file, String kind, String type, List<String> names) {
    String name = InterfacePackage.typeName(file);
    var parts = part(pkg, file, names.size());
    boolean taken = Files.exists(pkg.folder().resolve("msg").resolve(name + ".msg"));
    String javaName = taken ? name + type : name;
    var source = new StringBuilder();
    source.append(
        "/** {@code %s/%s/%s}. */\npublic final class %s {\n  private %s() {}\n"
            .formatted(pkg.name(), kind, name, javaName, javaName));
    source.append(
        "  public static final dev.reverie.msgs.%sType<%s> TYPE = new dev.reverie.msgs.%sType<>(\"%s/%s/%s\", %s);\n"
            .formatted(
                type,
                String.join(", ", names),
                type,
                pkg.name(),
                kind,
                name,
                String.join(", ", names.stream().map(n -> n + ".TYPE").toList())));
    for (int i = 0; i < names.size(); i++) {
      String n = names.get(i);
      source.append(record(n, pkg, kind, name + "_" + n, parts.get(i)));
    }
    write(pkg, javaName, source.append("}\n").toString());
  }

  private String record(
      String javaName, InterfacePackage pkg, String kind, String name, Structure structure) {
    String rosName = pkg.name() + "/" + kind + "/" + name;
    return new RecordCode(
            javaName, rosName, structure, definitions.fullText(structure), javaPackage)
        .source();
  }

  private void write(InterfacePackage pkg, String name, String source) {
    String java = javaPackage + "." + pkg.name();
    Path file = out.resolve(java.replace('.', '/')).resolve(name + ".java");
    String text =
        "// Generated by rosidl from %s; do not edit.\npackage %s;\n\n".formatted(pkg.name(), java)
            + source;
    try {
      written.add(file);
      if (!Files.exists(file) || !Files.readString(file).equals(text)) {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private void deleteStale() {
    if (!Files.isDirectory(out)) {
      return;
    }
    try (var files = Files.walk(out)) {
      for (Path p : files.filter(p -> p.toString().endsWith(".java")).toList()) {
        if (!written.contains(p)) {
          Files.delete(p);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot clean " + out, e);
    }
  }
}
