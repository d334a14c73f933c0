package dev.reverie.console;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.SafetyEvent;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.policy.Preprocess;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.EpisodeHead;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeOutcome.Kind;
import dev.reverie.rollout.EpisodeWriter;
import dev.reverie.rollout.RolloutTopic;
import dev.reverie.testing.Prepared;
import java.io.RandomAccessFile;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recorded episode over HTTP: what it shows over time, and its pictures one at a time. */
@Prepared
class FilmTest {
  private static final long PERIOD = 100_000_000L;
  private static final int STEPS = 30;
  private static final int SIDE = 64;

  /** The picture of the second camera that is none. */
  private static final int NO_PICTURE = 20;

  @TempDir Path folder;

  /** A picture of one shade a step. */
  private static CameraImage picture(int t) {
    byte[] rgb = new byte[3 * SIDE * SIDE];
    Arrays.fill(rgb, (byte) (t * 8));
    return new CameraImage(SIDE, SIDE, rgb);
  }

  /** Records an episode of 3 s with two cameras, one of which is compressed. */
  static Path record(Path rollouts, String id) {
    return record(rollouts, id, "wave");
  }

  static Path record(Path rollouts, String id, String instruction) {
    return record(rollouts, id, instruction, Kind.SUCCESS);
  }

  static Path record(Path rollouts, String id, String instruction, Kind outcome) {
    byte[] png = PictureCoder.raw("wrist", 0, picture(3)).bytes();
    var head =
        new EpisodeHead(
            id, instruction, "policy", "ab12", 0, 0, List.of("shoulder", "elbow"), "", PERIOD);
    try (EpisodeWriter episode = EpisodeWriter.begin(rollouts, head, PERIOD, "{}")) {
      for (int t = 0; t < STEPS; t++) {
        long at = (t + 1) * PERIOD;
        double[] joints = {Math.sin(t * 0.2), Math.cos(t * 0.2)};
        if (t % 5 == 0) {
          episode.chunk(at, 5, new float[10]);
        }
        episode.observe(at, joints, Map.of("front", picture(t)));
        byte[] compressed = t == NO_PICTURE ? new byte[] {1, 2, 3} : png;
        episode.write(
            RolloutTopic.compressedImages("wrist"),
            at,
            new CompressedImage(new Header(Stamps.time(at), "wrist"), "png", compressed));
        episode.step(at, joints, new double[] {joints[0] + 0.1, joints[1]});
        if (t >= 10 && t < 13) {
          episode.write(RolloutTopic.SAFETY_EVENT, at, event(id, t, at));
        }
      }
      long end = (STEPS + 1) * PERIOD;
      episode.observe(end, new double[] {0, 0}, Map.of());
      episode.end(new EpisodeOutcome(outcome, end, "ada", "it waved"), end);
    }
    return rollouts.resolve(id);
  }

  private static SafetyEvent event(String id, int tick, long at) {
    return new SafetyEvent()
        .withHeader(new Header(Stamps.time(at), ""))
        .withEpisodeId(id)
        .withTick(tick)
        .withKind(SafetyEvent.CLAMPED)
        .withSource("policy")
        .withReason("shoulder: too fast");
  }

  private static String picture(String name, String camera, double ms) {
    return "api/rollouts/picture?name=%s&camera=%s&time=%s&width=960"
        .formatted(URLEncoder.encode(name, StandardCharsets.UTF_8), camera, ms);
  }

  private static void refused(int status, String why, Browser.Answer answer) {
    assertEquals(status, answer.status(), answer.body().toString());
    String told = answer.body().path("refused").asText();
    assertTrue(told.contains(why), told);
  }

  private Browser looker(TestConsole console) throws Exception {
    Browser browser = console.viewer("Vera");
    assertEquals(200, browser.get("api/rollouts").status());
    return browser;
  }

  @Test
  void anEpisodeIsToldOverTime() throws Exception {
    record(folder.resolve("rollouts/monday"), "one");
    try (var console = new TestConsole(folder.resolve("rollouts"));
        var browser = looker(console)) {
      JsonNode film = browser.get("api/rollouts/film?name=monday%2Fone").body();
      assertEquals(3000, film.get("durationMs").asDouble());
      assertEquals("front", film.at("/cameras/0/name").asText());
      assertEquals("wrist", film.at("/cameras/1/name").asText());
      assertEquals(STEPS, film.at("/cameras/0/times").size());
      assertEquals(100, film.at("/cameras/0/times/1").asDouble());
      assertEquals("elbow", film.at("/joints/1").asText());
      assertEquals(STEPS, film.get("curves").size());
      assertEquals(Math.sin(0.4) + 0.1, film.at("/curves/2/sent/0").asDouble(), 1e-12);
      assertEquals(Math.cos(0.4), film.at("/curves/2/measured/1").asDouble(), 1e-12);
      assertEquals(6, film.get("chunks").size());
      List<String> events =
          film.get("events")
              .valueStream()
              .map(e -> "%s %s %s".formatted(e.get("kind").asText(), e.get("ms"), e.get("text")))
              .toList();
      assertEquals(
          List.of(
              "BEGUN 0.0 \"wave\"",
              "CLAMPED 1000.0 \"shoulder: too fast\"",
              "ENDED 3000.0 \"success: it waved\""),
          events);
      assertEquals(3, film.at("/events/1/times").asInt());
      assertEquals(1200, film.at("/events/1/untilMs").asDouble());
    }
  }

  @Test
  void thePictureOfATimeIsTheLastOneUntilThen() throws Exception {
    record(folder.resolve("rollouts"), "one");
    try (var console = new TestConsole(folder.resolve("rollouts"));
        var browser = looker(console)) {
      for (double ms : new double[] {0, 700, 799.9, 9000}) {
        int t = (int) Math.min(STEPS - 1, ms / 100);
        HttpResponse<byte[]> told = browser.bytes(picture("one", "front", ms));
        assertEquals("image/png", told.headers().firstValue("Content-Type").orElse(""));
        assertArrayEquals(picture(t).rgb(), Preprocess.decode(told.body()).rgb(), "at " + ms);
      }
      HttpResponse<byte[]> wrist = browser.bytes(picture("one", "wrist", 0));
      assertArrayEquals(picture(3).rgb(), Preprocess.decode(wrist.body()).rgb());
      HttpResponse<byte[]> small =
          browser.bytes(picture("one", "front", 0).replace("width=960", "width=16"));
      assertEquals(16, Preprocess.decode(small.body()).width());
    }
  }

  @Test
  void whatCannotBeShownIsSaidAndTheRestIsShown() throws Exception {
    Path bag = record(folder.resolve("rollouts"), "one");
    try (var console = new TestConsole(folder.resolve("rollouts"));
        var browser = looker(console)) {
      refused(
          422, "this picture of 'wrist'", browser.get(picture("one", "wrist", NO_PICTURE * 100)));
      assertEquals(200, browser.get(picture("one", "wrist", NO_PICTURE * 100 + 100)).status());
      refused(404, "no camera 'side'", browser.get(picture("one", "side", 0)));
      refused(404, "no rollout '../one'", browser.get(picture("../one", "front", 0)));
      refused(400, "time is 'NaN'", browser.get(picture("one", "front", Double.NaN)));
      refused(400, "has no 'camera'", browser.get("api/rollouts/picture?name=one"));
      browser.cookie = "";
      refused(401, "sign in first", browser.get(picture("one", "front", 0)));
      refused(401, "sign in first", browser.get("api/rollouts/film?name=one"));
    }
    try (var console = new TestConsole(folder.resolve("rollouts"));
        var browser = looker(console)) {
      assertEquals(200, browser.get(picture("one", "front", 0)).status());
      try (Stream<Path> files = Files.list(bag)) {
        Path file = files.filter(f -> f.toString().endsWith(".mcap")).findFirst().orElseThrow();
        try (var cut = new RandomAccessFile(file.toFile(), "rw")) {
          cut.setLength(cut.length() / 10);
        }
      }
      refused(409, "is damaged", browser.get(picture("one", "front", 1000)));
      try (Stream<Path> files = Files.walk(bag)) {
        files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
      }
      refused(409, "is not there", browser.get(picture("one", "front", 1000)));
      assertEquals(200, browser.get("app.css").status());
    }
  }

  @Test
  void whatIsTooManyIsThinnedEvenly() {
    var few = new Thinned<Integer>(5);
    IntStream.range(0, 100).forEach(few::add);
    List<Integer> kept = few.list();
    assertTrue(kept.size() >= 3 && kept.size() <= 5, kept.toString());
    assertEquals(0, kept.getFirst());
    int stride = kept.get(1);
    for (int i = 0; i < kept.size(); i++) {
      assertEquals(i * stride, kept.get(i));
    }
    assertTrue(kept.getLast() + stride >= 100, kept.toString());
  }
}
