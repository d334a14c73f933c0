package dev.reverie.console;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.console.RunRow.Stage;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The files in resources are of a real {@code pretrain}, stopped in its second stage, and of a real
 * round of {@code ./reverie demo}, without weights and bags and with one film.
 */
@Prepared
class RunsTest {
  private static final Path SAMPLES =
      Path.of(System.getProperty("reverie.root"), "src/console/test/resources/rounds");

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path folder;

  /** The run of a trainer that was stopped, and a round that has ended, named by markup. */
  static void make(Path folder) throws Exception {
    Path _ = stopped(folder.resolve("models"));
    Path round = folder.resolve("rounds/<b>0001</b>");
    copy(SAMPLES.resolve("round"), round);
    Files.createDirectory(round.resolve("rollouts"));
    Path work = round.resolve("training");
    Files.createFile(work.resolve(".lock"));
    for (String stage : List.of("world_model", "reward_classifier", "joint_head", "grpo")) {
      Files.createFile(work.resolve(stage + ".safetensors"));
    }
    GroupFileTest.write(work.resolve("groups.jsonl"), 40);
    auditMoments(work.resolve("improve.json"));
    Path films = work.resolve("imagined/index.json");
    String told = Files.readString(films);
    Files.writeString(
        films,
        told.replace(
            "insert the peg into the red slot", "<img src=x onerror=document.title='run'>"));
  }

  /** Puts the audit from more moments into a report of before there was one. */
  private static void auditMoments(Path report) throws Exception {
    var told = (ObjectNode) MAPPER.readTree(report.toFile());
    ((ObjectNode) told.get("audit"))
        .putObject("moments")
        .put("starts", 152)
        .<ObjectNode>set(
            "imagined", MAPPER.valueToTree(Map.of("value", 0.41, "low", 0.33, "high", 0.49)))
        .<ObjectNode>set(
            "real", MAPPER.valueToTree(Map.of("value", 0.46, "low", 0.33, "high", 0.58)))
        .set("gap", MAPPER.valueToTree(Map.of("value", -0.05, "low", -0.13, "high", 0.03)));
    MAPPER.writeValue(report.toFile(), told.put("believed", false).put("collapsed", true));
  }

  private static Path stopped(Path work) throws Exception {
    copy(SAMPLES.resolve("pretrain"), work);
    Files.createDirectories(work.resolve("base"));
    Files.createFile(work.resolve(".lock"));
    return work;
  }

  private static void copy(Path from, Path to) throws Exception {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }
  }

  private static Stage stage(RunRow run, String name) {
    return run.stages().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  private static RunRow.Curves vaeOf(RunRow.About about) {
    return requireNonNull(about.curves().get("vae"));
  }

  private static RunRow only(RunIndex index) {
    assertEquals(1, index.list().runs().size());
    return index.list().runs().getFirst();
  }

  private static void append(Path file, String text) throws Exception {
    Files.writeString(file, text, StandardOpenOption.APPEND);
  }

  @Test
  void aTrainerThatIsGoneBeforeItsEndIsSaidToBe() throws Exception {
    Path _ = stopped(folder.resolve("models"));
    RunRow run = only(new RunIndex(folder));
    assertEquals(
        "models pretrain stopped", "%s %s %s".formatted(run.name(), run.kind(), run.state()));
    assertEquals(new Stage("policy", "done", 1500, 1500, 517.345111741, 0), stage(run, "policy"));
    assertEquals(new Stage("vae", "stopped", 581, 2000, -1, -1), stage(run, "vae"));
    assertEquals(new Stage("world_model", "open", 0, 1800, -1, -1), stage(run, "world_model"));
    assertEquals(List.of(), run.faults());
  }

  @Test
  void aTrainerAtWorkIsFollowedAndWhatItIsJustWritingIsNotThereYet() throws Exception {
    Path work = stopped(folder.resolve("models"));
    RunIndex index = new RunIndex(folder);
    try (FileChannel trainer = FileChannel.open(work.resolve(".lock"), StandardOpenOption.WRITE)) {
      assertTrue(trainer.lock().isValid());
      RunRow run = only(index);
      assertEquals("running", run.state());
      assertEquals(581, stage(run, "vae").done());
      Path curves = work.resolve("vae.jsonl");
      long written = Files.getLastModifiedTime(curves).toMillis();
      append(curves, "{\"stage\":\"vae\",\"step\":600,\"loss\":0.03}\n{\"stage\":\"vae\",\"st");
      Files.setLastModifiedTime(curves, FileTime.fromMillis(written + 10_000));
      Stage vae = stage(only(index), "vae");
      assertEquals("running 601", vae.state() + " " + vae.done());
      assertTrue(vae.leftS() > 0, "an estimate: " + vae.leftS());
      Files.writeString(work.resolve("pretrain.json"), "{\"torn");
      assertEquals("running", only(index).state());
      String why = only(index).faults().getFirst();
      assertTrue(why.contains("pretrain.json is cut off"), why);
      RunRow.About about = index.about("models");
      assertEquals(600, vaeOf(about).steps().getLast());
      List<?> errors = requireNonNull(vaeOf(about).values().get("squared_error"));
      assertEquals(null, errors.getLast(), "a gap, where a line has no such figure");
    }
    assertEquals("stopped", only(index).state());
  }

  @Test
  void aTrainerThatIsKilledWhileItIsLookedAtIsSaidToHaveStopped() throws Exception {
    Path work = stopped(folder.resolve("models"));
    String lock =
        "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX);"
            + " print('at work', flush=True); sys.stdin.read()";
    Process trainer =
        new ProcessBuilder(Python.interpreter(), "-c", lock, work.resolve(".lock").toString())
            .start();
    try (var console = new TestConsole("/nobody", List.of(), folder);
        var browser = console.viewer("Vera")) {
      assertEquals("at work", trainer.inputReader().readLine());
      assertEquals("running", browser.get("api/runs").body().at("/runs/0/state").asText());
      trainer.destroyForcibly().waitFor();
      var killed = browser.get("api/runs").body();
      assertEquals("stopped", killed.at("/runs/0/state").asText());
      assertEquals(
          "stopped 581",
          killed.at("/runs/0/stages/1/state").asText()
              + " "
              + killed.at("/runs/0/stages/1/done").asInt());
    } finally {
      trainer.destroyForcibly();
    }
  }

  @Test
  void aRoundTellsWhatCameOfItAndFilmsAreServedFromThereAlone() throws Exception {
    make(folder);
    Files.writeString(folder.resolve("secret.png"), "secret");
    append(
        folder.resolve("rounds/<b>0001</b>/training/grpo.jsonl"),
        "{\"stage\":\"grpo\",\"step\":40,\"entropy\":\"NaN\"}\n");
    try (var console = new TestConsole("/nobody", List.of(), folder);
        var browser = console.viewer("Vera");
        var nobody = new Browser(console.console.url())) {
      var runs = browser.get("api/runs").body().get("runs");
      assertEquals(2, runs.size(), runs.toString());
      var round = runs.get(0).get("kind").asText().equals("round") ? runs.get(0) : runs.get(1);
      assertEquals("ended", round.get("state").asText());
      assertEquals(382, round.at("/result/improved/real/successes").asInt());
      assertEquals(-0.09134615384615384, round.at("/report/audit/gap/value").asDouble());
      assertTrue(round.at("/report/settings").isMissingNode(), "it is long, and stands elsewhere");
      assertEquals("world_model", round.at("/stages/0/name").asText());
      assertEquals(139.104366589, round.at("/stages/0/seconds").asDouble());
      String name = "name=rounds%2F%3Cb%3E0001%3C%2Fb%3E";
      var about = browser.get("api/run?" + name).body();
      assertEquals(41, about.at("/curves/grpo/steps").size());
      assertEquals(0.5703125, about.at("/curves/grpo/values/imagined_success/0").asDouble());
      assertTrue(about.at("/curves/grpo/values/entropy/40").isNull(), "it is no number");
      assertTrue(about.at("/audits/improved/believed").asBoolean());
      assertEquals("01.webp", about.at("/films/episodes/0/film").asText());
      var groups = browser.get("api/groups?" + name + "&step=7").body();
      assertEquals(7, groups.at("/groups/0/step").asInt(), groups.toString());
      assertEquals(400, browser.get("api/groups?" + name + "&from=-1").status());
      assertEquals(401, nobody.get("api/groups?" + name).status());
      for (String file : List.of("01.webp", "01.png")) {
        var film = browser.get("api/film?" + name + "&file=" + file);
        String type = film.whole().headers().firstValue("Content-Type").orElse("");
        assertEquals("image/" + file.substring(3), type);
      }
      for (String other :
          List.of("..%2Fsettings.json", "..%2F..%2F..%2F..%2Fsecret.png", "99.png", "index.json")) {
        assertEquals(404, browser.get("api/film?" + name + "&file=" + other).status(), other);
      }
      assertEquals(404, browser.get("api/run?name=..").status());
      assertEquals(401, nobody.get("api/runs").status());
      assertEquals(401, nobody.get("api/film?" + name + "&file=01.png").status());
    }
  }

  @Test
  void whatIsDoneWithoutAReportIsNotSaidToBeStopped() throws Exception {
    Path work = stopped(folder.resolve("models"));
    Files.delete(work.resolve("vae.jsonl"));
    RunIndex index = new RunIndex(folder);
    assertEquals("partial", only(index).state(), "a stage was run alone, or it ended between two");
    Path baseline = folder.resolve("baseline");
    Files.move(work, baseline);
    Files.move(baseline.resolve("policy.jsonl"), baseline.resolve("dpo.jsonl"));
    assertEquals("stopped", only(index).state());
    assertEquals(300, stage(only(index), "dpo").total());
    Files.createFile(baseline.resolve("dpo.safetensors"));
    assertEquals("improve ended", only(index).kind() + " " + only(index).state());
  }

  @Test
  void aRoundHasNotEndedWithItsTraining() throws Exception {
    make(folder);
    Files.delete(folder.resolve("rounds/<b>0001</b>/round.json"));
    List<String> states =
        new RunIndex(folder)
            .list().runs().stream().map(run -> run.kind() + " " + run.state()).sorted().toList();
    assertEquals(List.of("pretrain stopped", "round trained"), states);
  }

  @Test
  void aFolderThatIsARunItselfIsShownAsWell() throws Exception {
    Path _ = stopped(folder);
    try (var console = new TestConsole("/nobody", List.of(), folder);
        var browser = console.viewer("Vera")) {
      assertEquals("", browser.get("api/runs").body().at("/runs/0/name").asText("none"));
      assertEquals(580, browser.get("api/run?name=").body().at("/curves/vae/steps/29").asInt());
      assertEquals(0, browser.get("api/groups?name=").body().path("lines").asInt(-1));
    }
  }

  @Test
  void whereNothingIsTheListIsEmpty() {
    var index = new RunIndex(folder.resolve("gone"));
    assertEquals(List.of(), index.list().runs());
    assertThrows(Refusal.class, () -> index.about("models"));
  }
}
