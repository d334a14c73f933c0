package dev.reverie.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.mcap.Durable;
import dev.reverie.trainer.nn.Ranks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Writes what a run tells about itself: a JSON file that appears whole or not at all. */
final class RunReport {
  static final ObjectMapper JSON = new ObjectMapper();

  private RunReport() {}

  /** Writes it, on the first of several ranks. */
  static void write(Path file, JsonNode report) {
    if (!Ranks.world().first()) {
      return;
    }
    try {
      Durable.writeUnforced(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
