package dev.reverie.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.console.RunRow.Curves;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a trainer writes, while it writes: a last line that is cut, or a file that goes, is
 * not there yet.
 */
final class RunFiles {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A curve has so many points at most; of more every so many is shown. */
  private static final int POINTS = 400;

  /** Larger ones are none that a trainer writes. */
  private static final long LARGEST = 64 << 20;

  private RunFiles() {}

  /**
   * Reads a file of JSON.
   *
   * @param faults takes why it cannot be read
   * @return null where it is not there, or cannot be read
   */
  static @Nullable JsonNode json(Path file, List<String> faults) {
    try {
      if (!Files.isRegularFile(file)) {
        return null;
      }
      if (Files.size(file) > LARGEST) {
        faults.add("%s has more than %d MiB".formatted(file, LARGEST >> 20));
        return null;
      }
      JsonNode read = JSON.readTree(Files.readString(file));
      if (read != null && read.isObject()) {
        return read;
      }
      faults.add("%s is no group of keys".formatted(file));
    } catch (JsonProcessingException | CharacterCodingException e) {
      faults.add("%s is cut off, or no JSON".formatted(file));
    } catch (IOException e) {
      // It went meanwhile.
    }
    return null;
  }

  /** Reads the curves of a stage; what is no line of one is left out. */
  static Curves curves(Path file) {
    List<JsonNode> lines = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      reader.lines().forEach(line -> add(lines, line));
    } catch (IOException | UncheckedIOException e) {
      // It went meanwhile, or is of somebody else: what was read of it is shown.
    }
    int every = (lines.size() + POINTS - 1) / POINTS;
    List<JsonNode> shown = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (i % every == 0 || i == lines.size() - 1) {
        shown.add(lines.get(i));
      }
    }
    Map<String, List<@Nullable Double>> values = new LinkedHashMap<>();
    for (JsonNode line : shown) {
      line.fieldNames().forEachRemaining(name -> values.put(name, new ArrayList<>()));
    }
    values.keySet().removeAll(List.of("stage", "step"));
    for (JsonNode line : shown) {
      values.forEach((name, curve) -> curve.add(finite(line.path(name))));
    }
    return new Curves(shown.stream().map(line -> line.path("step").asInt()).toList(), values);
  }

  private static void add(List<JsonNode> lines, String text) {
    try {
      JsonNode line = JSON.readTree(text);
      if (line != null && line.path("step").isInt()) {
        lines.add(line);
      }
    } catch (JsonProcessingException e) {
      // The trainer is writing it, or was cut off there.
    }
  }

  private static @Nullable Double finite(JsonNode value) {
    return value.isNumber() && Double.isFinite(value.asDouble()) ? value.asDouble() : null;
  }

  /** Steps that a stage has done, by the last whole line of its curves; 0 without any. */
  static int done(Path file) {
    List<Integer> steps = curves(file).steps();
    return steps.isEmpty() ? 0 : steps.getLast() + 1;
  }

  /**
   * Returns whether a process has the lock of a file, without a try to take it, which could keep a
   * trainer away that starts just then.
   */
  static boolean isLocked(Path file) {
    try {
      Object inode = Files.getAttribute(file, "unix:ino");
      return Files.readAllLines(Path.of("/proc/locks")).stream()
          .map(line -> line.trim().split("\\s+"))
          .anyMatch(
              part -> part.length > 5 && part[1].equals("POSIX") && part[5].endsWith(":" + inode));
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return false;
    }
  }

  /** Returns when a file was written, ms since 1970; 0 where it is not there. */
  static long writtenMs(Path file) {
    try {
      return Files.getLastModifiedTime(file).toMillis();
    } catch (IOException e) {
      return 0;
    }
  }
}
