package dev.reverie.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/**
 * The command's words, read as a program does.
 *
 * @param status of its end
 */
record Examination(int status, JsonNode said) {
  /** Runs the command. */
  static Examination of(String[] rosArguments, String... arguments) throws Exception {
    var out = new StringWriter();
    CommandLine command = DoctorCommand.commandLine(rosArguments);
    command.setOut(new PrintWriter(out));
    List<String> all = new ArrayList<>(List.of("--json", "--seconds", "2"));
    all.addAll(List.of(arguments));
    int status = command.execute(all.toArray(String[]::new));
    return new Examination(status, new ObjectMapper().readTree(out.toString()));
  }

  /** Passes where a finding of this severity and about this has all of these words. */
  Examination says(String severity, String about, String... words) {
    List<String> lines = new ArrayList<>();
    for (JsonNode finding : said.get("findings")) {
      String text = finding.get("value").asText() + " -> " + finding.get("remedy").asText();
      lines.add(
          finding.get("severity").asText() + " " + finding.get("about").asText() + ": " + text);
      boolean same =
          finding.get("severity").asText().equals(severity)
              && finding.get("about").asText().endsWith(about);
      if (same && List.of(words).stream().allMatch(text::contains)) {
        return this;
      }
    }
    throw new AssertionError(
        "no %s about '%s' with %s in:%n%s"
            .formatted(severity, about, List.of(words), String.join("\n", lines)));
  }

  /** Passes where there are no errors. */
  Examination isSound() {
    assertEquals(0, said.get("errors").asInt(), said::toPrettyString);
    assertEquals(0, status);
    return this;
  }

  /** Passes where there are errors, and the status says so. */
  Examination isIll() {
    assertTrue(said.get("errors").asInt() > 0, said::toPrettyString);
    assertEquals(1, status);
    return this;
  }
}
