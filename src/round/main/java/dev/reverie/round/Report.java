package dev.reverie.round;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * The page of a round: success, curves, and real beside imagined episodes; one file, no scripts.
 */
final class Report {

  private static final String STYLE =
      """
      body{font:15px/1.45 system-ui,sans-serif;max-width:1080px;margin:2em auto;padding:0 1em;color:#222}
      h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em;border-bottom:1px solid #ddd}
      table{border-collapse:collapse}td,th{padding:.2em .9em;text-align:left}td.n{text-align:right}
      svg text{font:12px system-ui,sans-serif;fill:#444}svg .title{font-weight:600;fill:#222}
      .axis{stroke:#999;fill:none}.grid{stroke:#e4e4e4}.curve{stroke:#2563a8;stroke-width:1.5;fill:none}
      .real{fill:#2563a8}.imagined{fill:#c9a227}.interval{stroke:#111;stroke-width:2}
      .row{display:flex;flex-wrap:wrap;gap:14px}.film{image-rendering:pixelated;border:1px solid #ccc}
      figure{margin:0 0 8px}figcaption{font-size:12px;color:#555;max-width:150px}
      @keyframes film{to{background-position-x:var(--end)}}
      """;

  /** In the order in which the trainer comes to them. */
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
    page.append(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Reverie: one round")
        .append("</title><style>")
        .append(STYLE)
        .append("</style><h1>One round, seed ")
        .append(summary.seed())
        .append("</h1>\n");
    success();
    curves();
    films();
    seconds();
    return page.append("</html>\n").toString();
  }

  private void success() {
    page.append("<h2>Success</h2>\n<p>")
        .append(
            Html.escape(
                "Real: %d and %d episodes over ROS 2 on the same scenes, with 95 %% intervals. Imagined: inside the world model, from the first frames of the rollouts. The result is the real one; where imagination is far above it, the world model was exploited."
                    .formatted(summary.base().episodes(), summary.improved().episodes())))
        .append("</p>\n")
        .append(
            SuccessChart.svg(
                List.of(
                    SuccessChart.Row.real("base, real", summary.base()),
                    SuccessChart.Row.real("improved, real", summary.improved()),
                    SuccessChart.Row.imagined("base, imagined", summary.imagined().before()),
                    SuccessChart.Row.imagined("improved, imagined", summary.imagined().after()))))
        .append("<p>Policies: <code>")
        .append(Html.escape(shortId(summary.policy().before())))
        .append("</code> &rarr; <code>")
        .append(Html.escape(shortId(summary.policy().after())))
        .append("</code></p>\n");
  }

  private static String shortId(String id) {
    return id.substring(0, Math.min(12, id.length()));
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
            .append("</h2>\n<div class=\"row\">\n");
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
  private void films() throws IOException {
    Path folder = out.resolve("training").resolve("imagined");
    if (!Files.isRegularFile(folder.resolve("index.json"))) {
      return;
    }
    JsonNode index = RoundSummary.JSON.readTree(folder.resolve("index.json").toFile());
    int width = index.path("cell_width").asInt();
    int height = index.path("cell_height").asInt();
    page.append("<h2>Real and imagined</h2>\n<p>Each line starts from the same real frame.</p>\n");
    for (JsonNode episode : index.path("episodes")) {
      BufferedImage strip = ImageIO.read(folder.resolve(episode.path("file").asText()).toFile());
      page.append("<p><b>")
          .append(Html.escape(episode.path("instruction").asText()))
          .append("</b>, recorded as a ")
          .append(episode.path("success").asBoolean() ? "success" : "failure")
          .append(" of ")
          .append(episode.path("steps").asInt())
          .append(" steps</p>\n<div class=\"row\">\n");
      int row = 0;
      for (JsonNode name : index.path("rows")) {
        var cells = strip.getSubimage(0, row++ * height, strip.getWidth(), height);
        page.append(new Film(width, cells).html(name.asText()));
      }
      page.append("</div>\n");
    }
  }

  private void seconds() {
    page.append("<h2>Time</h2>\n<table><tr><th>stage</th><th>seconds</th></tr>\n");
    summary
        .seconds()
        .forEach(
            (stage, took) ->
                page.append("<tr><td>")
                    .append(Html.escape(stage.replace('_', ' ')))
                    .append("</td><td class=\"n\">")
                    .append(took)
                    .append("</td></tr>\n"));
    page.append("</table>\n");
  }
}
