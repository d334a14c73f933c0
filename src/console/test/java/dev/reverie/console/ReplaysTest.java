package dev.reverie.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.arm.PlanarArm;
import dev.reverie.robot.RunningRobot;
import dev.reverie.testing.Prepared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recorded episodes given to two policies over HTTP, by the real process. */
@Prepared
class ReplaysTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  /** Skips a test where the command is not built. */
  static void assumeBuilt() {
    assumeTrue(
        Files.exists(Path.of(System.getProperty("reverie.root"), "src/replay/target/replay.jar")),
        "replay is not built; mvn -pl src/replay -am -DskipTests package");
  }

  /** Runs an episode for a second, and labels it; returns when the console lists it. */
  static void record(Browser page, int wanted) throws Exception {
    page.await("there", told -> told.at("/robot/there").asBoolean());
    assertTrue(page.ask(LiveTest.RUN).body().path("ok").asBoolean());
    page.await("some ticks", told -> told.at("/tick/tick").asLong() > 8);
    String label = "{\"ask\":\"label\",\"episodeId\":\"\",\"outcome\":\"success\",\"note\":\"\"}";
    assertTrue(page.ask(label).body().path("ok").asBoolean());
    while (names(page).size() < wanted) {
      Thread.sleep(200);
    }
  }

  private static List<String> names(Browser page) throws Exception {
    List<String> names = new ArrayList<>();
    for (JsonNode row : page.get("api/rollouts").body().path("rows")) {
      if (row.path("problem").asText().isEmpty() && !row.path("recording").asBoolean()) {
        names.add(row.path("name").asText());
      }
    }
    return names;
  }

  private static Browser.Answer ask(Browser page, Object what) throws Exception {
    return page.post("api/replay", JSON.writeValueAsString(what), "X-Reverie-Page", page.page);
  }

  private static Map<String, Object> start(String policy, String against, List<String> rollouts) {
    return Map.of("do", "start", "policy", policy, "against", against, "rollouts", rollouts);
  }

  private static void refused(int status, String why, Browser.Answer answer) {
    assertEquals(status, answer.status(), answer.body().toString());
    String told = answer.body().path("refused").asText();
    assertTrue(told.contains(why), told);
  }

  /** Waits until the replay does not run any more. */
  private static JsonNode ended(Browser page) throws Exception {
    JsonNode told = page.get("api/replay").body();
    while (told.path("state").asText().equals("running")) {
      Thread.sleep(200);
      told = page.get("api/replay").body();
    }
    return told;
  }

  private static ProcessHandle replaying() {
    return ProcessHandle.current()
        .children()
        .filter(child -> child.info().commandLine().orElse("").contains("replay"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void twoPoliciesAreComparedOnRecordedEpisodesAndNothingElseSuffersFromWhatIsWrong()
      throws Exception {
    assumeBuilt();
    PoliciesTest.Family family = PoliciesTest.Family.make(folder.resolve("policies"));
    Path rollouts = folder.resolve("rollouts");
    String base = PoliciesTest.Family.id(family.base());
    String better = PoliciesTest.Family.id(family.better());
    try (var robot = new RunningRobot(family.base(), rollouts, PoliciesTest.PATIENT);
        var console =
            new TestConsole(
                robot.arm.node.namespace() + "/robot",
                Optional.of(rollouts),
                List.of(folder.resolve("policies")),
                folder.resolve("no-rounds-yet"));
        Browser ada = console.operator("Ada");
        Browser ben = console.operator("Ben");
        Browser vera = console.viewer("Vera")) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(20);
      record(ada, 1);
      List<String> names = names(ada);
      assertEquals("none", vera.get("api/replay").body().path("state").asText());

      refused(403, "a viewer can ask for nothing", ask(vera, start(better, base, names)));
      refused(400, "both are the same policy", ask(ada, start(base, base, names)));
      refused(400, "0 recorded episodes; give 1 to 200", ask(ada, start(better, base, List.of())));
      refused(404, "no rollout '../x'", ask(ada, start(better, base, List.of("../x"))));
      refused(404, "no bundle of the policy 'ab'", ask(ada, start("ab", base, names)));
      refused(409, "nothing is replayed", ask(ada, Map.of("do", "stop")));
      refused(404, "no replay has ended here", vera.get("api/replay/report"));
      assertEquals(401, new Browser(console.console.url()).get("api/replay").status());

      assertEquals(200, ask(ada, start(better, base, names)).status());
      refused(409, "Ada has episodes replayed already", ask(ben, start(better, base, names)));
      assertEquals(200, ask(ben, Map.of("do", "stop")).status());
      assertEquals("stopped", ended(vera).path("state").asText());

      assertEquals(200, ask(ada, start(better, base, names)).status());
      replaying().destroyForcibly();
      JsonNode killed = ended(vera);
      assertEquals("failed", killed.path("state").asText(), killed.toString());
      assertTrue(killed.path("said").asText().contains("has ended"), killed.toString());

      assertEquals(200, ask(ada, start(better, base, names)).status());
      JsonNode told = ended(vera);
      assertEquals("ended", told.path("state").asText(), told.toString());
      assertEquals("Ada", told.path("by").asText());
      assertEquals(1, told.path("done").asInt());
      Browser.Answer report = vera.get("api/replay/report");
      assertEquals(1, report.body().at("/counts/episodes").asInt(), report.body().toString());
      assertEquals(better, report.body().at("/policy/id").asText());
      List<String> measures = report.body().get("measures").findValuesAsText("name");
      assertTrue(measures.contains("limits.ticks_limited"), measures.toString());
      Browser.Answer page = vera.get("api/replay/page");
      assertTrue(page.whole().body().contains("<h1>Replay of 1 episodes</h1>"));
      String policy = page.whole().headers().firstValue("Content-Security-Policy").orElseThrow();
      assertTrue(policy.endsWith("; sandbox") && !policy.contains("script-src"), policy);
    }
  }
}
