package dev.reverie.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds the arrows between our packages: the table in docs/architecture.md says which package uses
 * which, and nothing else does. Read from the sources, so that it runs before anything is built.
 */
class ArrowsTest {
  private static final Path ROOT = Path.of(System.getProperty("reverie.root"));

  /** A row of the table: | `package` | `used`, `used` |. */
  private static final Pattern ROW = Pattern.compile("^\\| `([a-z.0-9]+)` \\| (.*) \\|$");

  private static final Pattern NAME = Pattern.compile("`([a-z.0-9]+)`");
  private static final Pattern PACKAGE =
      Pattern.compile("^package dev\\.reverie\\.([a-z_0-9.]+);", Pattern.MULTILINE);

  private static final Pattern USE = Pattern.compile("\\bdev\\.reverie\\.([a-z_0-9.]+)\\.[A-Z]");
  private static final Pattern TEXT =
      Pattern.compile(
          "/\\*.*?\\*/|//[^\n]*|\"\"\".*?\"\"\"|\"(\\\\.|[^\"\\\\\n])*\"", Pattern.DOTALL);

  @Test
  void packagesUseWhatTheArchitecturePageSaysAndNothingElse() throws IOException {
    Map<String, Set<String>> said = table();
    Map<String, Set<String>> used = arrowsOfTheSources();
    assertEquals(text(without(said, used)), text(without(used, said)));
  }

  @Test
  void noArrowComesBack() throws IOException {
    Map<String, Set<String>> arrows = arrowsOfTheSources();
    for (String from : arrows.keySet()) {
      var reached = new TreeSet<String>();
      var left = new ArrayDeque<>(arrows.get(from));
      while (!left.isEmpty()) {
        String next = left.pop();
        if (reached.add(next)) {
          left.addAll(arrows.getOrDefault(next, Set.of()));
        }
      }
      assertTrue(!reached.contains(from), from + " is reached from what it uses: " + reached);
    }
  }

  private static Map<String, Set<String>> table() throws IOException {
    var rows = new TreeMap<String, Set<String>>();
    for (String line : Files.readAllLines(ROOT.resolve("docs/architecture.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        Set<String> used =
            NAME.matcher(row.group(2))
                .results()
                .map(name -> name.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        rows.put(row.group(1), used);
      }
    }
    return rows;
  }

  private static Map<String, Set<String>> arrowsOfTheSources() throws IOException {
    var arrows = new TreeMap<String, Set<String>>();
    try (Stream<Path> files = Files.walk(ROOT.resolve("src"))) {
      for (Path file : files.filter(ArrowsTest::isSource).toList()) {
        String code = TEXT.matcher(Files.readString(file)).replaceAll("");
        Matcher declared = PACKAGE.matcher(code);
        assertTrue(declared.find(), file + " is in no package of ours");
        String from = room(declared.group(1));
        Set<String> used = arrows.computeIfAbsent(from, _ -> new TreeSet<>());
        USE.matcher(code).results().map(use -> room(use.group(1))).forEach(used::add);
        used.remove(from);
      }
    }
    return arrows;
  }

  private static boolean isSource(Path file) {
    String path = ROOT.relativize(file).toString();
    return path.endsWith(".java") && path.matches("src/[^/]+/main/java/.*");
  }

  /** Returns the package as the table names it: the messages of all interface packages are one. */
  private static String room(String name) {
    return Arrays.asList(name.split("\\.", -1)).getFirst().equals("msgs") ? "msgs" : name;
  }

  /** Returns the rows that the other lacks: a failure names these alone. */
  private static Map<String, Set<String>> without(
      Map<String, Set<String>> rows, Map<String, Set<String>> other) {
    var left = new TreeMap<>(rows);
    left.entrySet().removeAll(other.entrySet());
    return left;
  }

  private static String text(Map<String, Set<String>> arrows) {
    return arrows.entrySet().stream()
        .map(
            arrow ->
                "| `%s` | %s |"
                    .formatted(
                        arrow.getKey(),
                        arrow.getValue().isEmpty()
                            ? "nothing of ours"
                            : arrow.getValue().stream()
                                .map(name -> "`" + name + "`")
                                .collect(Collectors.joining(", "))))
        .collect(Collectors.joining("\n"));
  }
}
