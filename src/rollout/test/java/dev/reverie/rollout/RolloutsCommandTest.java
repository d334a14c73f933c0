package dev.reverie.rollout;

import static dev.reverie.rollout.Ran.run;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.mcap.McapMessage;
import dev.reverie.mcap.McapOptions;
import dev.reverie.mcap.McapReader;
import dev.reverie.mcap.McapSchema;
import dev.reverie.mcap.McapWriter;
import dev.reverie.msgs.reverie.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolloutsCommandTest {
  private final Path folder;

  RolloutsCommandTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void theListHasOneLineForEachEpisodeWhateverItsState() throws Exception {
    RecordedArm.episode(folder, "one", 3);
    Path two = RecordedArm.episode(folder.resolve("below"), "two", 3);
    Path broken = RecordedArm.episode(folder, "broken", 3);
    Files.write(broken.resolve("broken_0.mcap"), new byte[20]);
    assertEquals(0, run("label", two, "--outcome", "failure", "--by", "ada").code());
    Ran list = run("list", folder);
    assertEquals(0, list.code());
    assertEquals(5, list.out().lines().count(), list.out());
    assertTrue(list.out().contains("3 episodes: 1 success, 1 failure, 1 damaged"), list.out());
    Ran failures = run("list", folder, "--outcome", "failure", "--json");
    JsonNode json = new ObjectMapper().readTree(failures.out());
    assertEquals(1, json.size());
    assertEquals("two", json.get(0).get("episode_id").asText());
    assertEquals("ada", json.get(0).get("labeller").asText());
    assertEquals(3, json.get(0).get("commands").asInt());
    assertEquals(two.toString(), json.get(0).get("bag").asText());
  }

  @Test
  void anEpisodeThatIsBeingRecordedIsNotCalledDamaged() throws Exception {
    RecordedArm.episode(folder, "one", 3);
    Path cut = RecordedArm.episode(folder, "cut", 3);
    Path file = cut.resolve("cut_0.mcap");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 10));
    Files.createFile(cut.resolve(".lock")); // of a recorder that was killed
    RecordedArm arm = new RecordedArm(folder, "now", 8);
    try (arm) {
      for (String command : List.of("list", "verify", "recover")) {
        assertTrue(run(command, arm.bag()).out().contains("being recorded"), command);
        assertEquals(0, run(command, arm.bag()).code(), command);
      }
      arm.begin();
      arm.observe(0);
      arm.command(0, Command.POLICY);
      Ran list = run("list", folder);
      assertTrue(
          list.out().contains("3 episodes: 1 success, 1 being recorded, 1 damaged"), list.out());
      assertTrue(list.out().lines().anyMatch(line -> line.matches("now .* recording .*")));
      Ran damaged = run("list", folder, "--damaged", "--json");
      JsonNode json = new ObjectMapper().readTree(damaged.out());
      assertEquals(1, json.size(), damaged.out());
      assertEquals("cut", json.get(0).get("episode_id").asText());
      Ran verify = run("verify", folder);
      assertEquals(1, verify.code());
      assertTrue(
          verify.out().contains("1 of 3 episodes are whole, 1 being recorded"), verify.out());
      Ran recover = run("recover", folder);
      assertEquals(0, recover.code(), recover.out());
      assertTrue(recover.out().contains("1 whole, 1 made whole, 1 being recorded"), recover.out());
    }
    assertEquals(0, run("verify", arm.bag()).code());
    assertTrue(run("list", arm.bag()).out().contains("1 episode: 1 unlabelled"));
  }

  @Test
  void oneEpisodeIsNotCalledEpisodes() {
    RecordedArm.episode(folder, "one", 3);
    Ran list = run("list", folder);
    assertTrue(list.out().contains("1 episode: 1 success"), list.out());
  }

  @Test
  void showTellsWhatWasRecordedAndWhoSaidWhat() throws Exception {
    Path bag = RecordedArm.episode(folder, "one", 3);
    run("label", bag, "--outcome", "failure", "--by", "ada", "--reason", "too slow");
    Ran shown = run("show", bag);
    assertTrue(shown.out().contains("ended: success, says simulated_arm reached"), shown.out());
    assertTrue(shown.out().contains("labelled: failure, says ada too slow"), shown.out());
    JsonNode json = new ObjectMapper().readTree(run("show", bag, "--json").out());
    assertEquals(3, json.get("steps").asInt());
    assertEquals("48x48", json.get("cameras").get("camera").asText());
  }

  @Test
  void whatVerifyFindsRecoverRepairs() throws Exception {
    RecordedArm.episode(folder, "one", 3);
    Path two = RecordedArm.episode(folder, "two", 30);
    assertEquals("2 of 2 episodes are whole", run("verify", folder).out().strip());
    Path file = two.resolve("two_0.mcap");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 20));
    Ran verified = run("verify", folder);
    assertEquals(1, verified.code());
    assertTrue(verified.out().contains("1 of 2 episodes are whole"), verified.out());
    Ran recovered = run("recover", folder);
    assertEquals(0, recovered.code(), recovered.out());
    assertTrue(recovered.out().contains("messages recovered"), recovered.out());
    assertTrue(
        recovered.out().contains("1 whole, 1 made whole, 0 without an episode, 0 that cannot be"),
        recovered.out());
    assertEquals(0, run("verify", folder).code());
  }

  @Test
  void aTwinIsFound() throws Exception {
    Path one = RecordedArm.episode(folder, "one", 3);
    Path copy = Files.createDirectory(folder.resolve("copy"));
    for (String name : new String[] {"metadata.yaml", "one_0.mcap"}) {
      Files.copy(one.resolve(name), copy.resolve(name));
    }
    Ran verified = run("verify", folder);
    assertEquals(1, verified.code());
    assertTrue(verified.out().contains("same episode id as " + copy), verified.out());
    assertTrue(verified.out().contains("remove the copy"), verified.out());
  }

  @Test
  void mistakesAreNamed() {
    assertTrue(run("list", folder.resolve("nothing")).out().contains("there is no folder"));
    assertEquals(1, run("show", folder).code());
    assertEquals(2, run("label", folder, "--outcome", "perfect", "--by", "ada").code());
    assertEquals(2, run("list", folder, "--colour").code());
  }

  @Test
  void theListIsFilteredSortedAndCutAsAsked() throws Exception {
    for (int i = 0; i < 5; i++) {
      Path bag = RecordedArm.episode(folder, "2026112%dT101500000-0001".formatted(i), 3 + i);
      if (i % 2 == 0) {
        run("label", bag, "--outcome", "failure", "--by", "ada");
      }
    }
    Path copied = folder.resolve("20261123T101500000-0001");
    assertEquals(5, ids("list", folder).size());
    assertEquals(3, ids("list", folder, "--by", "ada").size());
    assertEquals(2, ids("list", folder, "--outcome", "success").size());
    assertEquals(5, ids("list", folder, "--outcome", "success", "--outcome", "failure").size());
    assertEquals(5, ids("list", folder, "--policy", "c0ffee", "--instruction", "red").size());
    assertEquals(0, ids("list", folder, "--source", "teleop").size());
    List<String> bySize = ids("list", folder, "--sort", "commands", "--reverse", "--limit", "2");
    assertEquals(List.of("20261124T101500000-0001", "20261123T101500000-0001"), bySize);
    // They were recorded today; the names are of other days, and count where a bag does not say.
    String today = LocalDate.now(ZoneId.systemDefault()).toString();
    assertEquals(5, ids("list", folder, "--since", today).size());
    assertEquals(5, ids("list", folder, "--until", today).size());
    assertEquals(0, ids("list", folder, "--until", "2020-01-01T00:00Z").size());
    Files.write(copied.resolve(copied.getFileName() + "_0.mcap"), new byte[20]);
    assertEquals(
        List.of("20261123T101500000-0001"),
        ids("list", folder, "--since", "2026-11-23", "--until", "2026-11-23", "--damaged"));
    assertEquals(1, ids("list", folder, "--outcome", "success").size()); // a damaged one tells none
    Ran wrong = run("list", folder, "--since", "yesterday");
    assertEquals(2, wrong.code());
    assertTrue(wrong.out().contains("2026-11-21T10:30"), wrong.out());
    assertEquals(1, run("list", folder, "--limit", "0").code());
  }

  private static List<String> ids(Object... args) throws Exception {
    Object[] all = Arrays.copyOf(args, args.length + 1);
    all[args.length] = "--json";
    List<String> ids = new ArrayList<>();
    new ObjectMapper()
        .readTree(run(all).out())
        .forEach(rollout -> ids.add(rollout.get("episode_id").asText()));
    return ids;
  }

  @Test
  void aLabelIsOneLineOfText() {
    Path bag = RecordedArm.episode(folder, "one", 3);
    for (String by : List.of("ada\nfake", "ada\r", "a\tb", "a".repeat(201))) {
      Ran refused = run("label", bag, "--outcome", "failure", "--by", by);
      assertEquals(1, refused.code(), by);
      assertTrue(refused.out().contains("the labeller is 'a"), refused.out());
      assertTrue(refused.out().contains("; give "), refused.out());
    }
    Ran refused = run("label", bag, "--outcome", "failure", "--by", "ada", "--reason", "a\nb");
    assertEquals(1, refused.code());
    assertTrue(refused.out().contains("the reason is 'a?b', with a line break"), refused.out());
    assertEquals("simulated_arm", Rollouts.summary(bag).outcome().labeller(), "as before");
  }

  @Test
  void whatABagSaysCannotMoveTheCursor() {
    Path bag = RecordedArm.episode(folder, "one", 3);
    Rollouts.label(bag, EpisodeOutcome.Kind.FAILURE, "ada\u001b[2J\nfake", "\r");
    for (Ran shown : new Ran[] {run("list", folder), run("show", bag)}) {
      assertTrue(shown.out().contains("ada?[2J?fake"), shown.out());
      assertEquals(-1, shown.out().indexOf('\u001b'));
    }
  }

  @Test
  void labelsThatAreGivenAtTheSameTimeAreAllThere() throws Exception {
    Path bag = RecordedArm.episode(folder, "one", 3);
    List<Callable<Integer>> labels = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String name = "person " + i;
      labels.add(() -> run("label", bag, "--outcome", "failure", "--by", name).code());
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<Integer> code : threads.invokeAll(labels)) {
        assertEquals(0, code.get());
      }
    }
    Ran shown = run("show", bag);
    for (int i = 0; i < 8; i++) {
      assertTrue(shown.out().contains("says person " + i), shown.out());
    }
    assertEquals(0, run("verify", folder).code());
  }

  @Test
  void aBagThatWasNotRecoveredIsNotLabelledAndTheOthersAre() throws Exception {
    Path one = RecordedArm.episode(folder, "one", 30);
    Path two = RecordedArm.episode(folder, "two", 3);
    Path file = one.resolve("one_0.mcap");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 20));
    Ran labelled = run("label", one, two, "--outcome", "failure", "--by", "ada");
    assertEquals(1, labelled.code());
    assertTrue(labelled.out().contains("reverie rollouts recover"), labelled.out());
    assertTrue(labelled.out().contains(two + ": failure, says ada"), labelled.out());
    assertEquals(0, run("recover", folder).code());
    assertEquals(0, run("label", one, "--outcome", "failure", "--by", "ada").code());
  }

  @Test
  void aFolderThatIsNoBagIsToldSoAndWhatInItMayBeOne() throws Exception {
    Map<String, String> files =
        Map.of(
            "notes.txt", "has no .mcap file: it is no bag",
            "run.bag", "'run.bag' is of ROS 1: convert it",
            "run.mcap.gz", "'run.mcap.gz' may be one: decompress it",
            "RUN.MCAP", "'RUN.MCAP' may be one: decompress it, or give it a name");
    RecordedArm.episode(folder.resolve("sound"), "one", 3);
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path none = Files.createDirectory(folder.resolve("of " + file.getKey()));
      Files.writeString(none.resolve(file.getKey()), "x");
      for (String command : List.of("verify", "recover", "show")) {
        Ran run = run(command, none);
        assertEquals(1, run.code(), command);
        assertTrue(run.out().contains(file.getValue()), run.out());
      }
      Ran both = run("verify", none, folder.resolve("sound"));
      assertTrue(both.out().contains("1 of 2 episodes are whole"), both.out());
    }
  }

  @Test
  void foldersWithSpacesQuotesAndLettersOfAnyAlphabetAreFine() throws Exception {
    Path named = folder.resolve("Grüße, it's 機械 (2)");
    Path bag = RecordedArm.episode(named, "one", 30);
    assertEquals(0, run("verify", named).code());
    assertEquals(0, run("label", bag, "--outcome", "failure", "--by", "Åsa").code());
    assertTrue(run("list", named).out().contains("Åsa"));
    JsonNode json = new ObjectMapper().readTree(run("list", named, "--json").out());
    assertEquals(bag.toString(), json.get(0).get("bag").asText());
    Path file = bag.resolve("one_0.mcap");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 20));
    String refusal = run("label", bag, "--outcome", "success", "--by", "Åsa").out().strip();
    String remedy = refusal.substring(refusal.indexOf("recover '") + "recover ".length());
    Process shell =
        new ProcessBuilder("sh", "-c", "printf %s " + remedy).redirectErrorStream(true).start();
    assertEquals(bag.toString(), new String(shell.getInputStream().readAllBytes(), UTF_8));
    assertEquals(0, run("recover", bag).code());
    assertEquals(0, run("verify", named).code());
  }

  @Test
  void aBagInWhichNoEpisodeIsLeftIsToldAndNotCalledWhole() throws Exception {
    RecordedArm.episode(folder, "sound", 3);
    Path bag = RecordedArm.episode(folder, "one", 3);
    Path file = bag.resolve("one_0.mcap");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 120)); // nothing but the header
    for (byte[] nothing : new byte[][] {Files.readAllBytes(file), {}}) { // killed at once
      Files.write(file, nothing);
      for (int i = 0; i < 2; i++) { // a second time there is nothing to do, and still no episode
        Ran recovered = run("recover", folder);
        assertEquals(1, recovered.code(), recovered.out());
        assertTrue(recovered.out().contains(bag + " is empty: nothing of"), recovered.out());
        assertTrue(
            recovered
                .out()
                .contains("1 whole, 0 made whole, 1 without an episode, 0 that cannot be"),
            recovered.out());
      }
    }
    assertEquals(
        "without an episode",
        new ObjectMapper()
            .readTree(run("recover", bag, "--json").out())
            .get(bag.toString())
            .get("state")
            .asText());
    Files.writeString(file, "something else");
    Ran other = run("recover", folder);
    assertEquals(1, other.code());
    assertTrue(other.out().contains("cannot be recovered"), other.out());
    assertTrue(other.out().contains("0 without an episode, 1 that cannot be"), other.out());
  }

  @Test
  void aBagWhoseBeginIsLostIsNotCalledWhole() throws Exception {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.chunk(0);
      for (int t = 0; t < 3; t++) {
        arm.observe(t);
        arm.command(t, Command.POLICY);
      }
      arm.end(EpisodeOutcome.Kind.SUCCESS, 3);
    }
    Path file = arm.bag().resolve("one_0.mcap");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 20));
    for (int i = 0; i < 2; i++) {
      Ran recovered = run("recover", folder);
      assertEquals(1, recovered.code(), recovered.out());
      assertTrue(recovered.out().contains("no BEGUN on"), recovered.out());
      assertTrue(recovered.out().contains("1 without an episode"), recovered.out());
    }
  }

  @Test
  void aBagOfAnotherRecorderIsMadeWholeWithoutAnEpisode() throws Exception {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    Path bag = folder.resolve("other");
    try (arm) {
      arm.observe(0);
      arm.observe(1);
    }
    Files.createDirectory(bag);
    Path file = bag.resolve("other_0.mcap");
    try (McapReader reader = McapReader.open(arm.bag().resolve("one_0.mcap"));
        McapWriter writer = McapWriter.create(file, McapOptions.ROS2)) {
      for (McapMessage message : reader.messages()) {
        McapSchema schema = reader.schema(message.channel()).orElseThrow();
        int type = writer.addSchema(schema.name(), schema.encoding(), schema.data());
        int channel = writer.addChannel(type, message.channel().topic(), "cdr", Map.of());
        writer.write(channel, 0, message.logNanos(), message.publishNanos(), message.data());
      }
    }
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 20));
    Ran recovered = run("recover", bag);
    assertEquals(0, recovered.code(), recovered.out());
    assertTrue(recovered.out().contains("0 whole, 1 made whole, 0 without"), recovered.out());
  }

  @Test
  void aBagWhoseMetadataIsAFolderIsReadAndMadeWhole() throws Exception {
    Path bag = RecordedArm.episode(folder, "one", 3);
    Path metadata = bag.resolve("metadata.yaml");
    Files.delete(metadata);
    Files.writeString(Files.createDirectory(metadata).resolve("note.txt"), "mine");
    assertTrue(run("list", folder).out().contains("1 episode: 1 success"));
    assertEquals(0, run("show", bag).code());
    Ran verify = run("verify", folder);
    assertEquals(1, verify.code());
    assertTrue(verify.out().contains("metadata.yaml is a folder; recovery"), verify.out());
    Ran label = run("label", bag, "--outcome", "failure", "--by", "ada");
    assertEquals(1, label.code());
    assertTrue(label.out().contains("run: reverie rollouts recover " + bag), label.out());
    Ran recover = run("recover", folder);
    assertEquals(0, recover.code(), recover.out());
    assertTrue(recover.out().contains("it stays as metadata.yaml.damaged"), recover.out());
    assertEquals("mine", Files.readString(bag.resolve("metadata.yaml.damaged/note.txt")));
    assertEquals(0, run("verify", folder).code());
    assertEquals(0, run("label", bag, "--outcome", "failure", "--by", "ada").code());
  }

  @Test
  void aFolderThatIsCalledLikeARecordingIsABagWhereOneIsInIt() throws Exception {
    RecordedArm.episode(folder, "run.mcap", 3); // as ros2 bag record -o run.mcap makes it
    Path other = RecordedArm.episode(folder, "other", 3);
    Files.createDirectory(other.resolve("copy.mcap"));
    assertTrue(run("list", folder).out().contains("2 episodes"), run("list", folder).out());
    assertEquals(0, run("show", folder.resolve("run.mcap")).code());
    assertEquals(0, run("verify", folder).code());
    assertEquals(0, run("recover", folder).code());
  }

  @Test
  void aFolderInPlaceOfARecordingIsRefusedByEachCommand() throws Exception {
    for (String name : List.of("x.mcap", "metadata.yaml")) {
      Path bag = Files.createDirectories(folder.resolve("bag " + name.length()));
      Path instead = Files.createDirectory(bag.resolve(name));
      for (String command : List.of("list", "show", "verify", "recover")) {
        for (Path given : List.of(bag, instead)) {
          Ran refused = run(command, given);
          assertEquals(1, refused.code(), command);
          assertTrue(refused.out().contains("'" + instead + "' is a folder"), refused.out());
          assertTrue(refused.out().contains("copy the bag again"), refused.out());
        }
      }
      Ran label = run("label", bag, "--outcome", "failure", "--by", "ada");
      assertEquals(1, label.code());
      assertTrue(label.out().contains(bag + " has no .mcap file"), label.out());
    }
  }
}
