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
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;

/**
 * The page of a round: success, how far imagination is to be believed, moving pictures of real and
 * imagined episodes, curves, times.
 */
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
    page.append(AuditTable.html(out.resolve("training")));
    pictures();
    curves();
    seconds();
    return Page.html("Reverie: one round", page);
  }

  private void success() {
    page.append("<div class=\"figures\">\n");
    figure("real success before the round", summary.base());
    Optional<RoundSummary.Improved> improved = summary.improved();
    List<IntervalChart.Row> rows =
        new ArrayList<>(
            List.of(
                row("before, real", "blue", summary.base().interval()),
                row("before, imagined", "gold", summary.baseAudit().imagined())));
    improved.ifPresent(
        after -> {
          page.append("<div class=\"arrow\">&rarr;</div>\n");
          figure("and after it", after.real());
          rows.add(row("after, real", "blue", after.real().interval()));
          rows.add(row("after, imagined", "gold", after.audit().imagined()));
        });
    page.append(new IntervalChart("Success", 1, rows).svg()).append("</div>\n<p>");
    summary
        .verdict()
        .ifPresent(text -> page.append("<b>").append(Page.escape(text)).append(".</b> "));
    improved.ifPresent(after -> page.append(sentence(after)));
    page.append(" Policies: <code>")
        .append(Page.escape(Page.shortId(summary.policy().before())))
        .append("</code> &rarr; <code>")
        .append(Page.escape(Page.shortId(summary.policy().after())))
        .append("</code>.</p>\n");
  }

  private static String sentence(RoundSummary.Improved after) {
    return String.format(
        Locale.ROOT,
        "Real: %d episodes over ROS 2 %s, %+.1f points [%+.1f, %+.1f]%s. Imagined: from the first frames of %d of these episodes, which"
            + " nothing was trained on; for the improved policy %+.1f points [%+.1f, %+.1f] above the"
            + " arm. The result is the real one; where imagination is far above it, the world model"
            + " was exploited.",
        after.real().episodes(),
        after.paired() ? "before and after, on the same scenes" : "of the improved policy",
        100 * after.gain().value(),
        100 * after.gain().low(),
        100 * after.gain().high(),
        after.paired() ? " by pairs" : "",
        after.audit().starts(),
        100 * after.audit().gap().value(),
        100 * after.audit().gap().low(),
        100 * after.audit().gap().high());
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

  /** The trainer's films; of rounds that have none, each row of its filmstrips as one. */
  private void pictures() throws IOException {
    Path folder = out.resolve("training").resolve("imagined");
    if (!Files.isRegularFile(folder.resolve("index.json"))) {
      return;
    }
    JsonNode index = RoundSummary.JSON.readTree(folder.resolve("index.json").toFile());
    page.append(
        "<h2>Real and imagined, each from the same real frame</h2>\n<div class=\"films\">\n");
    for (JsonNode episode : index.path("episodes")) {
      page.append("<section><b>")
          .append(Page.escape(episode.path("instruction").asText()))
          .append("</b>, recorded as a ")
          .append(episode.path("success").asBoolean() ? "success" : "failure")
          .append(" of ")
          .append(episode.path("steps").asInt())
          .append(" steps\n");
      if (episode.has("film")) {
        page.append(film(folder.resolve(episode.path("film").asText()), index.path("rows")));
      } else {
        strips(folder.resolve(episode.path("file").asText()), index);
      }
      page.append("</section>\n");
    }
    page.append("</div>\n");
  }

  private void strips(Path file, JsonNode index) throws IOException {
    BufferedImage strip = ImageIO.read(file.toFile());
    int width = index.path("cell_width").asInt();
    int height = index.path("cell_height").asInt();
    page.append("<div class=\"strips\">\n");
    int row = 0;
    for (JsonNode name : index.path("rows")) {
      var cells = strip.getSubimage(0, row++ * height, strip.getWidth(), height);
      page.append(new MovingPicture(width, cells).html(name.asText()));
    }
    page.append("</div>");
  }

  /** A film whose rows stand side by side, with their names below in the same order. */
  private static String film(Path file, JsonNode rows) throws IOException {
    StringBuilder names = new StringBuilder();
    for (JsonNode name : rows) {
      names.append("<span>").append(Page.escape(name.asText())).append("</span>");
    }
    return "<figure><img class=\"pixels\" alt=\"\" src=\"data:image/webp;base64,%s\"><figcaption class=\"rows\">%s</figcaption></figure>"
        .formatted(Base64.getEncoder().encodeToString(Files.readAllBytes(file)), names);
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
