package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds docs/format-arm.md against the keys and defaults that are read. */
class ArmPageTest {
  private static final Path PAGE =
      Path.of(System.getProperty("reverie.root")).resolve("docs/format-arm.md");

  /** Keys that the defaults do not have, and one whose value is a group of its own. */
  private static final Set<String> OWN = Set.of("name", "joints", "action.space");

  @TempDir Path folder;

  private static void keys(String path, JsonNode node, Set<String> into) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String key = path + (entry.getKey().equals("*") ? "<name>" : entry.getKey());
      if (entry.getValue() instanceof ObjectNode group
          && !group.isEmpty()
          && !key.endsWith(".crop")) {
        keys(key + ".", group, into);
      } else {
        into.add(key);
      }
    }
  }

  @Test
  void thePageNamesEveryKeyAndNoOther() throws IOException {
    Set<String> read = new TreeSet<>(OWN);
    try (var in = ArmFile.class.getResourceAsStream("defaults.yaml")) {
      keys("", new YAMLMapper().readTree(Objects.requireNonNull(in)), read);
    }
    Set<String> told = new TreeSet<>();
    Pattern.compile("^\\| (`[^|]*) \\|", Pattern.MULTILINE)
        .matcher(Files.readString(PAGE))
        .results()
        .flatMap(row -> Pattern.compile("`([^`]+)`").matcher(row.group(1)).results())
        .forEach(key -> told.add(key.group(1)));
    assertEquals(read, told);
  }

  @Test
  void theExampleOfThePageCanBeRead() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf("    name: two");
    String example = page.substring(begin, page.indexOf("\n\n", begin)).replace("\n    ", "\n");
    Path file = Files.writeString(folder.resolve("arm.yaml"), example.strip() + "\n");
    assertEquals(2, ArmFile.read(file).cameras().size());
  }
}
