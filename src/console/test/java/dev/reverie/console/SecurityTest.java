package dev.reverie.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.console.Browser.Answer;
import dev.reverie.testing.Prepared;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Asks for what each role may see and do; no robot node is there. */
@Prepared
class SecurityTest {
  private static TestConsole console;
  private static String url;

  @BeforeAll
  static void start() {
    console = new TestConsole("/nobody");
    url = console.console.url();
  }

  @AfterAll
  static void end() {
    console.close();
  }

  private static void assertRefused(int status, String why, Answer answer) {
    assertEquals(status, answer.status(), answer.body().toString());
    assertTrue(answer.body().path("refused").asText().contains(why), answer.body().toString());
  }

  @Test
  void aWrongTokenOpensNothing() throws Exception {
    try (var browser = new Browser(url)) {
      assertRefused(401, "the token is wrong", browser.signIn("guess", "Ada"));
      assertEquals("", browser.cookie);
      assertEquals("", browser.get("api/me").body().get("person").asText());
      assertRefused(401, "sign in first", browser.ask("{\"ask\":\"stop\"}"));
      assertRefused(401, "sign in first", browser.get("api/live"));
      assertRefused(
          400, "what programs are called", browser.signIn(TestConsole.TOKENS.operator(), "robot"));
    }
  }

  @Test
  void theCookieIsOutOfReachOfScriptsAndOfOtherSites() throws Exception {
    try (var browser = new Browser(url)) {
      String set =
          browser
              .signIn(TestConsole.TOKENS.operator(), "Ada")
              .whole()
              .headers()
              .firstValue("Set-Cookie")
              .orElseThrow();
      assertTrue(set.contains("HttpOnly") && set.contains("SameSite=Strict"), set);
    }
  }

  @Test
  void anotherOriginGetsNothing() throws Exception {
    try (var browser = console.operator("Ada")) {
      for (String other : List.of("http://evil.example", "null", "https://127.0.0.1:1", "")) {
        browser.origin = other.isEmpty() ? "http://localhost" : other;
        assertRefused(403, "not of this console", browser.ask("{\"ask\":\"stop\"}"));
        assertRefused(
            403, "not of this console", browser.signIn(TestConsole.TOKENS.viewer(), "Eve"));
        assertRefused(403, "not of this console", browser.get("api/live"));
      }
    }
  }

  @Test
  void aNameThatPointsHereIsNotTheConsole() throws Exception {
    int port = URI.create(url).getPort();
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      OutputStream out = socket.getOutputStream();
      out.write(
          "GET / HTTP/1.1\r\nHost: evil.example:%d\r\nConnection: close\r\n\r\n"
              .formatted(port)
              .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answer.startsWith("HTTP/1.1 421"), answer);
      assertTrue(answer.contains("not called 'evil.example'"), answer);
    }
  }

  @Test
  void aViewerCommandsNothing() throws Exception {
    try (var browser = console.viewer("Vera")) {
      for (String ask : List.of("stop", "reset_stop", "go_live")) {
        assertRefused(403, "a viewer can ask", browser.ask("{\"ask\":\"%s\"}".formatted(ask)));
      }
      String label = "{\"name\":\"a\",\"outcome\":\"success\",\"note\":\"\"}";
      assertRefused(
          403, "a viewer", browser.post("api/rollouts", label, "X-Reverie-Page", browser.page));
      browser.await("a state", state -> state.get("people").toString().contains("Vera"));
    }
  }

  @Test
  void onlyAPageThatIsOpenAndShowsTheArmAsks() throws Exception {
    try (var browser = console.operator("Ada");
        var other = console.operator("Bob")) {
      String key = browser.page;
      browser.page = "";
      assertRefused(409, "load it anew", browser.ask("{\"ask\":\"reset_stop\"}"));
      browser.page = other.page;
      assertRefused(409, "load it anew", browser.ask("{\"ask\":\"reset_stop\"}"));
      browser.page = key;
      assertRefused(503, "no robot node /nobody", browser.ask("{\"ask\":\"reset_stop\"}"));
      browser.tells = false; // it hangs
      Thread.sleep(4500);
      assertRefused(409, "does not show the arm as it is", browser.ask("{\"ask\":\"reset_stop\"}"));
      assertRefused(503, "no robot node", browser.ask("{\"ask\":\"stop\"}"));
    }
  }

  @Test
  void whatIsNoRequestIsRefused() throws Exception {
    try (var browser = console.operator("Ada")) {
      assertRefused(400, "dance", browser.ask("{\"ask\":\"dance\"}"));
      assertRefused(400, "", browser.ask("{\"ask\":\"stop\",\"more\":1}"));
      assertRefused(400, "", browser.ask("{\"ask\":\"label\",\"outcome\":\"success\"}"));
      assertRefused(400, "", browser.ask("[".repeat(9000)));
      assertRefused(
          400,
          "give one line",
          browser.ask(
              "{\"ask\":\"run\",\"instruction\":\"a\\nb\",\"timeLimitS\":1,\"temperature\":0,\"seed\":1,\"teleop\":false}"));
      assertRefused(
          400,
          "give one of",
          browser.ask(
              "{\"ask\":\"label\",\"episodeId\":\"\",\"outcome\":\"great\",\"note\":\"\"}"));
      assertRefused(413, "longer than", browser.ask(" ".repeat(20_000)));
      assertRefused(404, "nothing at", browser.post("api/other", "{}"));
      assertRefused(404, "nothing at", browser.get("page/../Tokens.class"));
      assertRefused(404, "nothing at", browser.get("%2e%2e/LivePage.class".replace("%", "x")));
      HttpRequest.Builder form =
          browser
              .request("api/ask", "X-Reverie-Page", browser.page)
              .header("Content-Type", "text/plain")
              .POST(HttpRequest.BodyPublishers.ofString("{\"ask\":\"stop\"}"));
      assertRefused(415, "application/json", browser.send(form));
      browser.say("no json");
      assertEquals(1008, browser.closed.take());
    }
  }

  @Test
  void thePageAllowsNoScriptButItsOwn() throws Exception {
    try (var browser = new Browser(url)) {
      Answer page = browser.get("");
      String policy = page.whole().headers().firstValue("Content-Security-Policy").orElseThrow();
      assertTrue(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"));
      assertFalse(policy.contains("unsafe"), policy);
      String html = page.whole().body();
      assertFalse(html.matches("(?s).*<script(?![^>]*\\bsrc=\"/)[^>]*>.*"), html);
      assertFalse(html.contains("http://") || html.contains("https://"), html);
      for (String file : List.of("main.js", "app.css", "icon.svg")) {
        assertEquals(200, browser.get(file).status(), file);
      }
    }
  }

  @Test
  void twoHundredRequestsAtOnceAreAllAnswered() throws Exception {
    try (var browser = console.operator("Ada");
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<String> paths = List.of("app.css", "api/me", "api/runs", "api/policies", "api/replay");
      List<Callable<Integer>> all = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        String path = paths.get(i % paths.size());
        all.add(() -> browser.get(path).status());
      }
      for (Future<Integer> one : threads.invokeAll(all)) {
        assertEquals(200, one.get());
      }
      browser.states.clear();
      browser.await("another state", _ -> true);
    }
  }

  @Test
  void noMorePagesThanFitAreOpened() throws Exception {
    List<Browser> open = new ArrayList<>();
    try {
      for (int i = 0; i < LivePages.MOST; i++) {
        open.add(console.viewer("V" + i));
      }
      try (var one = new Browser(url)) {
        one.signIn(TestConsole.TOKENS.viewer(), "Late");
        assertThrows(ExecutionException.class, one::openPage);
      }
    } finally {
      open.forEach(Browser::close);
    }
    try (var after = console.operator("Ada")) {
      after.await("few people", state -> state.get("people").size() < 3);
    }
  }
}
