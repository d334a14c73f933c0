package dev.reverie.trainer.nn;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.mcap.Durable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A stage's curves: one JSON object a line, {@code {"stage": .., "step": .., "loss": .., ..}}, and
 * the same as a run of TensorBoard in {@code tensorboard/STAGE} beside it.
 *
 * <p>Values are taken only for the steps that are written; of several of one name in a step the
 * mean is. Of several ranks the first writes what it has seen of its share of each batch.
 */
public final class Metrics {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final String stage;
  private final EventFile events;
  private final boolean written = Ranks.world().first();
  private final Map<String, DoubleSummaryStatistics> values = new LinkedHashMap<>();
  private boolean open;

  /**
   * Prepares a stage's lines in a file, whose folder is made.
   *
   * @param file appended to
   * @param stage a word for the first column
   */
  public Metrics(Path file, String stage) {
    this.file = file;
    this.stage = stage;
    events = new EventFile(file.resolveSibling("tensorboard").resolve(stage));
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder of " + file, e);
    }
  }

  /** Begins a step; without {@code wanted} its values are dropped. */
  public void begin(boolean wanted) {
    values.clear();
    open = wanted;
  }

  public void add(String name, Tensor value) {
    if (open) {
      add(name, value.detach().item_double());
    }
  }

  public void add(String name, double value) {
    if (open) {
      values.computeIfAbsent(name, _ -> new DoubleSummaryStatistics()).accept(value);
    }
  }

  /** Mean of a value in the step that was begun last; NaN where there is none. */
  public double mean(String name) {
    DoubleSummaryStatistics of = values.get(name);
    return of == null ? Double.NaN : of.getAverage();
  }

  /** Writes the step's line, where it is wanted. */
  public void end(int step) {
    if (!open || !written) {
      return;
    }
    ObjectNode line = JSON.createObjectNode().put("stage", stage).put("step", step);
    Map<String, Double> means = new LinkedHashMap<>();
    values.forEach((name, value) -> means.put(name, value.getAverage()));
    means.forEach(line::put);
    try {
      Files.writeString(
          file,
          JSON.writeValueAsString(line) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
      events.append(step, means);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the curves to " + file, e);
    }
  }

  /**
   * Drops the lines of a step and later ones, so that a resumed run does not write them twice.
   * TensorBoard's file is written anew from the others.
   */
  public void truncate(int step) {
    if (!written) {
      return;
    }
    try {
      events.restart();
      if (!Files.exists(file)) {
        return;
      }
      List<String> kept =
          Files.readAllLines(file).stream()
              .filter(line -> !line.isBlank() && stepOf(line) < step)
              .toList();
      Durable.writeUnforced(file, kept.stream().map(line -> line + "\n").collect(joining()));
      for (String line : kept) {
        events.append(stepOf(line), scalarsOf(line));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the curves to " + file, e);
    }
  }

  /**
   * Mean of a value over all steps that a stage wrote; NaN where it wrote none.
   *
   * @param file the stage's curves
   */
  public static double meanOf(Path file, String name) {
    try {
      double sum = 0;
      int count = 0;
      for (String line : Files.readAllLines(file)) {
        JsonNode value = JSON.readTree(line).path(name);
        sum += value.asDouble();
        count += value.isNumber() ? 1 : 0;
      }
      return sum / count;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the curves " + file, e);
    }
  }

  private static Map<String, Double> scalarsOf(String line) throws IOException {
    Map<String, Double> scalars = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : JSON.readTree(line).properties()) {
      if (field.getValue().isNumber() && !field.getKey().equals("step")) {
        scalars.put(field.getKey(), field.getValue().asDouble());
      }
    }
    return scalars;
  }

  private static int stepOf(String line) {
    try {
      return JSON.readTree(line).path("step").asInt();
    } catch (IOException e) {
      return Integer.MAX_VALUE; // a line that a crash cut off
    }
  }
}
