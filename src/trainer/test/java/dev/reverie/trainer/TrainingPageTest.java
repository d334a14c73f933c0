package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Holds docs/training.md against the code: its settings with their defaults, and its stages. */
class TrainingPageTest {
  private static final Path PAGE = Path.of(System.getProperty("reverie.root"), "docs/training.md");
  private static final Pattern SETTING =
      Pattern.compile("^\\| `(\\w+\\.\\w+)` \\| ([^|]+) \\| [^|]+ \\|$", Pattern.MULTILINE);
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void everySettingStandsInThePageWithItsDefault() throws IOException {
    assertEquals(inCode(), inPage());
  }

  @Test
  void everyStageThatCanBeRunAloneIsNamed() throws IOException {
    String page = Files.readString(PAGE);
    CommandLine train =
        Objects.requireNonNull(TrainCommand.commandLine().getSubcommands().get("train"));
    for (String stage : train.getSubcommands().keySet()) {
      assertTrue(page.contains("`train " + stage + "`"), stage);
    }
  }

  private static Map<String, Object> inPage() throws IOException {
    Map<String, Object> settings = new LinkedHashMap<>();
    Matcher row = SETTING.matcher(Files.readString(PAGE));
    while (row.find()) {
      settings.put(row.group(1), plain(JSON.readTree(row.group(2).strip())));
    }
    return settings;
  }

  private static Map<String, Object> inCode() throws IOException {
    Map<String, Object> settings = new LinkedHashMap<>();
    JSON.readTree(Settings.DEFAULT.toJson())
        .properties()
        .forEach(
            group ->
                group
                    .getValue()
                    .properties()
                    .forEach(
                        one ->
                            settings.put(
                                group.getKey() + "." + one.getKey(), plain(one.getValue()))));
    return settings;
  }

  /** 1 and 1.0 are the same. */
  private static Object plain(JsonNode value) {
    return value.isNumber() ? (Object) value.asDouble() : value.toString();
  }
}
