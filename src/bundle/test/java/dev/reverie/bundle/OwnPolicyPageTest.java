package dev.reverie.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.testing.PageCommands;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Unzipped;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of docs/own-policy.md with its own spec, on what {@code own_policy_page.py} exported
 * by the page's own lines.
 */
@Prepared
class OwnPolicyPageTest {
  private static final Pattern SPEC = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

  private static final List<String> FILES =
      List.of(
          "graph.onnx",
          "model.safetensors",
          "spec.yaml",
          "probe.safetensors",
          "BUNDLE",
          "me.pem",
          "keys");

  @TempDir Path folder;

  @Test
  void thePageLeadsFromAnExportToABundleThatARobotTakes() throws IOException {
    String page = PageCommands.page("own-policy.md");
    Unzipped.resource(OwnPolicyPageTest.class, "own_policy_page.zip", folder);
    Matcher spec = SPEC.matcher(page);
    assertTrue(spec.find(), "the page has a spec");
    Files.writeString(folder.resolve("spec.yaml"), spec.group(1));

    Map<String, Path> places = FILES.stream().collect(Collectors.toMap(f -> f, folder::resolve));
    List<String> ran = new ArrayList<>();
    for (List<String> command : PageCommands.of(page, places)) {
      if (command.getFirst().equals("policy")) {
        ran.add(run(command.subList(1, command.size())));
        if (command.contains("--new-key")) {
          Files.move(
              folder.resolve("me.pub.pem"),
              Files.createDirectory(folder.resolve("keys")).resolve("me.pub.pem"));
        }
      }
    }
    assertEquals(7, ran.size(), ran.toString());
    for (String told :
        List.of(
            "probe: within 0.001 of what the exporter's program gave",
            "a draw's gradient reaches 6 of them",
            "signed by somebody whose key is in",
            "the bundle is sound",
            "it was imported")) {
      assertTrue(String.join("\n", ran).contains(told), () -> told + " is not in " + ran);
    }
    assertEquals(20, PolicyBundle.load(folder.resolve("BUNDLE")).spec().chunk().horizon());
  }

  private static String run(List<String> words) {
    StringWriter said = new StringWriter();
    PrintWriter print = new PrintWriter(said);
    int status =
        PolicyCommand.commandLine()
            .setOut(print)
            .setErr(print)
            .execute(words.toArray(String[]::new));
    assertEquals(0, status, said::toString);
    return said.toString();
  }
}
