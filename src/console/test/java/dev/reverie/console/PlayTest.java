package dev.reverie.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.testing.Prepared;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Playing inside a world model over HTTP, by the trainer's real process. */
@Prepared
class PlayTest {
  private static TestConsole console(Duration idle) throws Exception {
    Path folder = TinyRound.rounds();
    return new TestConsole(
        "/nobody", Optional.of(folder.resolve("tiny/rollouts")), List.of(), folder, idle);
  }

  private static Browser.Answer ask(Browser page, String json) throws Exception {
    return page.post("api/play", json, "X-Reverie-Page", page.page);
  }

  private static JsonNode told(Browser page, String json) throws Exception {
    Browser.Answer answer = ask(page, json);
    assertEquals(200, answer.status(), answer.body().toString());
    return answer.body();
  }

  private static void refused(int status, String why, Browser.Answer answer) {
    assertEquals(status, answer.status(), answer.body().toString());
    String said = answer.body().path("refused").asText();
    assertTrue(said.contains(why), said);
  }

  /** Opens a run, and waits until it is loaded or refused. */
  private static Browser.Answer open(Browser page, String run) throws Exception {
    Browser.Answer answer = ask(page, "{\"do\":\"open\",\"run\":\"%s\"}".formatted(run));
    while (answer.status() == 200 && answer.body().has("loading")) {
      Thread.sleep(100);
      answer = ask(page, "{\"do\":\"look\"}");
    }
    return answer;
  }

  /** The process that plays. */
  private static ProcessHandle player() {
    return ProcessHandle.current()
        .children()
        .filter(child -> child.info().commandLine().orElse("").contains(" train play"))
        .findFirst()
        .orElseThrow();
  }

  private static void awaitEnd(ProcessHandle process) throws Exception {
    process.onExit().get(300, TimeUnit.SECONDS);
  }

  @Test
  void anOperatorSteersFromARecordedFrameAndNothingElseSuffersFromWhatIsWrong() throws Exception {
    try (var console = console(Play.IDLE);
        Browser ada = console.operator("ada");
        Browser ben = console.operator("ben");
        Browser vera = console.viewer("vera")) {
      JsonNode listed = told(vera, ada);
      assertEquals(
          "[\"rollouts\",\"demonstrations\",\"recorded\"]", listed.path("folders").toString());
      assertEquals("rollouts", listed.path("from").asText());
      String start = "{\"do\":\"start\",\"from\":\"%s\",\"rollout\":\"%s\",\"frame\":%s}";

      refused(403, "a viewer can ask for nothing", ask(vera, "{\"do\":\"open\",\"run\":\"tiny\"}"));
      refused(404, "there is no run 'gone'", ask(ada, "{\"do\":\"open\",\"run\":\"gone\"}"));
      refused(409, "no world model is open", ask(ada, start.formatted("rollouts", "r0", 0)));
      refused(422, "imagination needs a round that has ended", open(ada, "broken"));

      Browser.Answer opened = open(ada, "tiny");
      assertEquals(200, opened.status(), opened.body().toString());
      assertEquals("slide", opened.body().at("/ready/actions/0/name").asText());
      refused(409, "ada plays in tiny", ask(ben, "{\"do\":\"open\",\"run\":\"tiny\"}"));
      refused(409, "ada plays in tiny", ask(ben, "{\"do\":\"policy\"}"));

      JsonNode begun = told(ada, start.formatted("rollouts", "r0", 2));
      assertEquals(7, begun.path("frames").asInt());
      assertEquals(2, begun.at("/moments/0/step").asInt());
      assertTrue(begun.at("/moments/0/recorded/0/data").asText().length() > 20);
      JsonNode acted = told(ada, "{\"do\":\"act\",\"actions\":[[1,0],[1,0]]}");
      assertEquals(4, acted.at("/moments/1/step").asInt());
      double success = acted.at("/moments/1/success").asDouble(-1);
      assertTrue(success >= 0 && success <= 1, acted.toString());
      assertTrue(acted.at("/moments/1/apart").isNumber());
      assertEquals(4, told(ada, "{\"do\":\"policy\"}").path("moments").size());
      assertEquals(9, told(ada, start.formatted("recorded", "r1", 8)).path("frames").asInt());

      refused(422, "there is no frame 7", ask(ada, start.formatted("rollouts", "r0", 7)));
      refused(404, "there is no rollout 'r9'", ask(ada, start.formatted("rollouts", "r9", 0)));
      refused(404, "no folder of rollouts '../..'", ask(ada, start.formatted("../..", "r0", 0)));
      refused(422, "1 numbers", ask(ada, "{\"do\":\"act\",\"actions\":[[1]]}"));
      refused(422, "is 2.0; give -1 to 1", ask(ada, "{\"do\":\"act\",\"actions\":[[2,0]]}"));
      assertEquals(400, ask(ada, "{\"do\":\"act\",\"actions\":[[NaN,0]]}").status());
      assertEquals(400, ask(ada, "{\"do\":\"dance\"}").status());
      assertEquals(
          9, told(ada, "{\"do\":\"act\",\"actions\":[[0,0]]}").at("/moments/0/step").asInt());

      ProcessHandle killed = player();
      killed.destroyForcibly();
      awaitEnd(killed);
      refused(502, "the trainer has ended", ask(ada, "{\"do\":\"policy\"}"));
      refused(409, "no world model is open", ask(ada, "{\"do\":\"policy\"}"));
      assertEquals(200, ada.get("api/runs").status());

      ProcessHandle left;
      try (Browser cleo = console.operator("cleo")) {
        assertEquals(200, open(cleo, "tiny").status());
        left = player();
      }
      awaitEnd(left);
      refused(409, "no world model is open", ask(ada, "{\"do\":\"policy\"}"));
    }
  }

  private static JsonNode told(Browser viewer, Browser operator) throws Exception {
    Browser.Answer answer = viewer.get("api/play/rollouts?run=tiny&from=");
    while (answer.body().path("looking").asBoolean()) {
      answer = operator.get("api/play/rollouts?run=tiny&from=");
    }
    assertEquals(8, answer.body().path("rows").size(), answer.body().toString());
    Browser.Answer all = operator.get("api/rollouts");
    while (all.body().path("looking").asBoolean()) {
      all = operator.get("api/rollouts");
    }
    return answer.body();
  }

  @Test
  void aWorldModelThatNobodyPlaysInEnds() throws Exception {
    try (var console = console(Duration.ofSeconds(2));
        Browser ada = console.operator("ada")) {
      told(ada, "{\"do\":\"open\",\"run\":\"tiny\"}");
      awaitEnd(player());
      refused(409, "no world model is open", ask(ada, "{\"do\":\"policy\"}"));
    }
  }
}
