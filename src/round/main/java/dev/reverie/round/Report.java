package dev.reverie.round;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.report.Interval;
import dev.reverie.report.IntervalChart;
import dev.reverie.report.LineChart;
import dev.reverie.report.MovingPicture;
import dev.reverie.report.Page;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;

/** The page of a round: success, moving pictures of real and imagined episodes, curves, times. */
final class Report {
  /** The trainer's stages, in its order. */
  private static final List<String> STAGES =
      List.of("policy", "vae", "world_model", "reward_classifier", "joint_head", "grpo");

  private final Path out;
  private final RoundSummary summary;
  private final StringBuilder page = new StringBuilder();

  private Report(Path out, RoundSummary summary) {
    this.out = out;
    this.summary = summary;
  }

  /** Writes {@code report.html} into the folder of a round. */
  static void write(Path out, RoundSummary summary) {
    var report = new Report(out, summary);
    try {
      Files.writeString(out.resolve("report.html"), report.html());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the report of " + out, e);
    }
  }

  private String html() throws IOException {
    page.append("<h1>One round, seed ").append(summary.seed()).append("</h1>\n");
    success();
    pictures();
    curves();
    seconds();
    return Page.html("Reverie: one round", page);
  }

  private void success() {
    page.append("<div class=\"figures\">\n");
    figure("real success before the round", summary.base());
    page.append("<div class=\"arrow\">&rarr;</div>\n");
    figure("and after it", summary.improved());
    page.append(
            new IntervalChart(
                    "Success",
                    1,
                    List.of(
                        row("before, real", "blue", summary.base().interval()),
                        row("after, real", "blue", summary.improved().interval()),
                        row("before, imagined", "gold", imagined(summary.imagined().before())),
                        row("after, imagined", "gold", imagined(summary.imagined().after()))))
                .svg())
        .append("</div>\n<p>")
        .append(
            String.format(
                Locale.ROOT,
                "Real: %d and %d episodes over ROS 2 on the same scenes, %+.1f points."
                    + " Imagined: %.3f to %.3f inside the world model, from the first frames of the"
                    + " rollouts. The result is the real one; where imagination is far above it,"
                    + " the world model was exploited.",
                summary.base().episodes(),
                summary.improved().episodes(),
                summary.gainPoints(),
                summary.imagined().before(),
                summary.imagined().after()))
        .append(" Policies: <code>")
        .append(Page.escape(Page.shortId(summary.policy().before())))
        .append("</code> &rarr; <code>")
        .append(Page.escape(Page.shortId(summary.policy().after())))
        .append("</code>.</p>\n");
  }

  private void figure(String when, Success success) {
    Interval interval = success.interval();
    page.append(
        String.format(
            Locale.ROOT,
            "<div><span class=\"quiet\">%s</span><b>%.1f %%</b><span class=\"quiet\">95 %%"
                + " interval %.1f to %.1f</span></div>%n",
            when,
            100 * interval.value(),
            100 * interval.low(),
            100 * interval.high()));
  }

  private static IntervalChart.Row row(String name, String colour, Interval interval) {
    return new IntervalChart.Row(name, List.of(new IntervalChart.Mark(colour, interval)));
  }

  private static Interval imagined(double rate) {
    return Interval.none(rate);
  }

  /** A chart for each number that a stage of the trainer wrote. */
  private void curves() throws IOException {
    for (String folder : List.of("models", "training")) {
      for (String stage : STAGES) {
        Path file = out.resolve(folder).resolve(stage + ".jsonl");
        if (!Files.isRegularFile(file)) {
          continue;
        }
        String where = folder.equals("models") ? "Pretraining: " : "Round: ";
        page.append("<h2>")
            .append(where)
            .append(stage.replace('_', ' '))
            .append("</h2>\n<div class=\"charts\">\n");
        for (var curve : read(file).entrySet()) {
          page.append(new LineChart(curve.getKey(), "step", curve.getValue()).svg());
        }
        page.append("</div>\n");
      }
    }
  }

  private static Map<String, List<LineChart.Point>> read(Path file) throws IOException {
    var curves = new LinkedHashMap<String, List<LineChart.Point>>();
    for (String line : Files.readAllLines(file)) {
      JsonNode node = RoundSummary.JSON.readTree(line);
      double step = node.path("step").asDouble();
      for (var field : node.properties()) {
        if (field.getValue().isNumber() && !field.getKey().equals("step")) {
          curves
              .computeIfAbsent(field.getKey().replace('_', ' '), k -> new ArrayList<>())
              .add(new LineChart.Point(step, field.getValue().asDouble()));
        }
      }
    }
    return curves;
  }

  /** Each row of the trainer's filmstrips as a moving picture. */
  private void pictures() throws IOException {
    Path folder = out.resolve("training").resolve("imagined");
    if (!Files.isRegularFile(folder.resolve("index.json"))) {
      return;
    }
    JsonNode index = RoundSummary.JSON.readTree(folder.resolve("index.json").toFile());
    int width = index.path("cell_width").asInt();
    int height = index.path("cell_height").asInt();
    page.append(
        "<h2>Real and imagined, each from the same real frame</h2>\n<div class=\"films\">\n");
    for (JsonNode episode : index.path("episodes")) {
      BufferedImage strip = ImageIO.read(folder.resolve(episode.path("file").asText()).toFile());
      page.append("<section><b>")
          .append(Page.escape(episode.path("instruction").asText()))
          .append("</b>, recorded as a ")
          .append(episode.path("success").asBoolean() ? "success" : "failure")
          .append(" of ")
          .append(episode.path("steps").asInt())
          .append(" steps\n<div class=\"strips\">\n");
      int row = 0;
      for (JsonNode name : index.path("rows")) {
        var cells = strip.getSubimage(0, row++ * height, strip.getWidth(), height);
        page.append(new MovingPicture(width, cells).html(name.asText()));
      }
      page.append("</div></section>\n");
    }
    page.append("</div>\n");
  }

  private void seconds() {
    page.append("<h2>Time</h2>\n<table><tr><th>stage</th><th>seconds</th></tr>\n");
    summary
        .seconds()
        .forEach(
            (stage, took) ->
                page.append("<tr><td>")
                    .append(Page.escape(stage.replace('_', ' ')))
                    .append("</td><td class=\"n\">")
                    .append(took)
                    .append("</td></tr>\n"));
    page.append("</table>\n");
  }
}
