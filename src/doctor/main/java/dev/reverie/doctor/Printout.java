package dev.reverie.doctor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.doctor.Finding.Severity;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;

/**
 * Findings as text for people, the worst last, where a terminal shows it, or as JSON for programs.
 */
final class Printout {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final int MAX_ABOUT = 34;

  private Printout() {}

  /** Returns one line for each finding, and one more for what to do; the worst come last. */
  static String text(List<Finding> findings, boolean colour) {
    int width =
        Math.min(
            MAX_ABOUT, findings.stream().mapToInt(each -> each.about().length()).max().orElse(0));
    var text = new StringBuilder();
    for (Finding each : sorted(findings)) {
      String mark = "%-7s".formatted(each.severity().word());
      text.append(colour ? coloured(each.severity(), mark) : mark)
          .append("  ")
          .append(("%-" + width + "s").formatted(each.about()))
          .append("  ")
          .append(each.value())
          .append('\n');
      if (!each.remedy().isEmpty()) {
        text.append(" ".repeat(11 + width)).append("-> ").append(each.remedy()).append('\n');
      }
    }
    return text.append(summary(findings)).append('\n').toString();
  }

  /** Returns {@code {"errors", "warnings", "findings": [{severity, about, value, remedy}]}}. */
  static String json(List<Finding> findings) {
    ObjectNode all = JSON.createObjectNode();
    all.put("errors", count(findings, Severity.ERROR));
    all.put("warnings", count(findings, Severity.WARNING));
    ArrayNode array = all.putArray("findings");
    for (Finding each : sorted(findings)) {
      array
          .addObject()
          .put("severity", each.severity().word())
          .put("about", each.about())
          .put("value", each.value())
          .put("remedy", each.remedy());
    }
    try {
      return JSON.writeValueAsString(all) + "\n";
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static long count(List<Finding> findings, Severity severity) {
    return findings.stream().filter(each -> each.severity() == severity).count();
  }

  private static List<Finding> sorted(List<Finding> findings) {
    return findings.stream().sorted(Comparator.comparing(Finding::severity)).toList();
  }

  private static String summary(List<Finding> findings) {
    long errors = count(findings, Severity.ERROR);
    long warnings = count(findings, Severity.WARNING);
    return "%s: %s, %s, %d ok"
        .formatted(
            errors > 0 ? "the arm is not ready" : "nothing that was looked at keeps the arm still",
            many(errors, "error"),
            many(warnings, "warning"),
            findings.size() - errors - warnings);
  }

  private static String many(long count, String what) {
    return count == 1 ? "1 " + what : count + " " + what + "s";
  }

  private static String coloured(Severity severity, String word) {
    int code =
        switch (severity) {
          case OK -> 32;
          case WARNING -> 33;
          case ERROR -> 31;
        };
    return "\033[%dm%s\033[0m".formatted(code, word);
  }
}
