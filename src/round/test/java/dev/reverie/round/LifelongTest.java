package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Safetensors;
import dev.reverie.report.Page;
import dev.reverie.report.ReverieProcess;
import dev.reverie.rollout.EpisodeOutcome.Kind;
import dev.reverie.rollout.RolloutSummary;
import dev.reverie.rollout.Rollouts;
import dev.reverie.rollout.Sha256;
import dev.reverie.testing.PageCommands;
import dev.reverie.testing.Prepared;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds in miniature, with steps so large that practice makes a worse policy. */
@Prepared
class LifelongTest {
  private static final Path ROOT = Path.of(System.getProperty("reverie.root"));
  private static final Path MODELS = ROOT.resolve("models");
  private static final int EXPERT = 4;
  private static final int ROLLOUTS = 12;
  private static final int EPISODES = 8;
  private static final int WAITING = 4; // status of the command
  private static final int DIFFERENT = 3; // of policy diff

  private static final String TINY =
      """
      {"worldModel": {"alignSteps": 4, "batch": 8},
       "jointHead": {"steps": 10, "batch": 8},
       "classifier": {"steps": 200, "batch": 24},
       "gate": {"recall": 0, "replayedRecall": 0, "precision": 0, "falseAlarm": 1,
                "wrongInstruction": 1},
       "audit": {"stop": false, "gap": 1, "rollouts": 1},
       "grpo": {"iterations": 3, "groups": 4, "groupSize": 8, "saveEvery": 1,
                "learningRate": 0.03}}
      """;

  @TempDir static Path folder;
  private static Path settings;
  private static Path whole;

  @BeforeAll
  static void runOneRound() throws IOException {
    settings = Files.writeString(folder.resolve("settings.json"), TINY);
    whole = folder.resolve("whole");
    assertEquals(0, RoundCommand.commandLine().execute(arguments(whole, 1)));
  }

  private static String[] arguments(Path out, int rounds, String... more) {
    List<String> line =
        new ArrayList<>(List.of("round", "--out", out.toString(), "--models", MODELS.toString()));
    line.addAll(List.of("--rounds", "" + rounds, "--rollouts", "" + ROLLOUTS));
    line.addAll(List.of("--episodes", "" + EPISODES));
    line.addAll(List.of(more));
    if (!line.contains("--settings")) {
      line.addAll(List.of("--settings", settings.toString()));
    }
    if (!line.contains("--expert")) {
      line.addAll(List.of("--expert", "" + EXPERT));
    }
    return line.toArray(new String[0]);
  }

  @Test
  void aWorsePolicyIsNotTaken() throws IOException {
    LifelongState.Ended ended = state(whole).rounds().getFirst();
    Success improved = ended.improvedReal();
    assertTrue(improved != null && improved.successes() < ended.real().successes(), "" + ended);
    assertFalse(ended.taken());
    assertEquals(PolicyBundle.load(MODELS.resolve("base")).id(), ended.next());
    assertEquals(ROLLOUTS + 2 * EPISODES, ended.episodes());
    Path round = whole.resolve("rounds/0001");
    assertEquals(ended.next(), PolicyBundle.load(round.resolve("next/base")).id());
    assertTrue(Files.exists(round.resolve("report.html")));
    assertEquals(
        Files.readString(round.resolve("training/split.json")),
        Files.readString(round.resolve("next/split.json")),
        "the world model goes on with what it has learned from");
    String overview = Files.readString(whole.resolve("index.html"));
    assertTrue(overview.contains("round 1") && overview.contains("rounds/0001/report.html"));
  }

  @Test
  void aRunThatIsKilledAgainAndAgainEndsAsOneThatIsNot() throws Exception {
    Path out = folder.resolve("killed");
    Path first = out.resolve("rounds/0001");
    Path second = out.resolve("rounds/0002");
    killWhen(out, 1, () -> Recorder.episodes(first.resolve("rollouts/new")).size() >= 3);
    killWhen(out, 1, () -> Files.exists(first.resolve("training/grpo.resume.safetensors")));
    killWhen(out, 2, () -> Files.exists(second.resolve("logs/trainer.log")));
    assertEquals(withoutIds(state(whole).rounds()), withoutIds(state(out).rounds()));
    for (String file :
        List.of(
            "training/world_model.safetensors",
            "training/reward_classifier.safetensors",
            "training/joint_head.safetensors",
            "bundles/improved/policy.safetensors")) {
      requireSameTensors(whole.resolve("rounds/0001").resolve(file), first.resolve(file));
    }
    assertEquals(0, RoundCommand.commandLine().execute(arguments(out, 1)), "nothing is left");

    assertEquals(
        ROLLOUTS + EPISODES,
        Rollouts.bags(second.resolve("rollouts/earlier")).size(),
        "the base's rollouts and its evaluation");
    assertEquals(
        EXPERT + EPISODES,
        Rollouts.bags(second.resolve("demonstrations")).size(),
        "the episodes of the policy that was not taken stand beside the demonstrations");
    assertEquals(
        state(out).rounds().getFirst().drifted() ? ROLLOUTS : 0,
        Recorder.episodes(second.resolve("rollouts/new")).size());
  }

  /**
   * Bags bear the time of day, and so does what their hashes stand in: the improved bundle's
   * lineage.
   */
  private static List<LifelongState.Ended> withoutIds(List<LifelongState.Ended> rounds) {
    return rounds.stream()
        .map(
            r ->
                new LifelongState.Ended(
                    r.number(),
                    r.base(),
                    "",
                    r.taken(),
                    r.real(),
                    r.improvedReal(),
                    r.gain(),
                    r.believed(),
                    r.drift(),
                    r.drifted(),
                    r.episodes()))
        .toList();
  }

  /** Compares numbers alone: a checkpoint also says which recordings it was made of. */
  private static void requireSameTensors(Path one, Path other) {
    assertEquals(hashes(one), hashes(other), () -> other + " has other numbers than " + one);
  }

  private static Map<String, String> hashes(Path file) {
    Map<String, String> hashes = new HashMap<>();
    Safetensors.open(file)
        .arrays()
        .forEach(
            (name, array) ->
                hashes.put(name, Sha256.of(array.data().toArray(ValueLayout.JAVA_BYTE))));
    return hashes;
  }

  /** Starts the command as a process and kills it, with SIGKILL, at a moment of its work. */
  private static void killWhen(Path out, int rounds, BooleanSupplier moment) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "@" + ROOT.resolve("setup/java/round.args"),
                "-cp",
                System.getProperty("java.class.path"),
                RoundCommand.class.getName()));
    command.addAll(List.of(arguments(out, rounds)));
    Path log = folder.resolve("killed.log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("REVERIE_PREPARED", ROOT.toString());
    Process process = builder.start();
    List<ProcessHandle> children = new ArrayList<>();
    try {
      while (!moment.getAsBoolean()) {
        assertTrue(process.isAlive(), () -> read(log));
        Thread.sleep(10);
      }
      process.descendants().forEach(children::add);
      process.destroyForcibly();
      assertEquals(137, process.waitFor(), () -> read(log));
      assertTrue(children.size() >= 2, children.toString()); // arm and robot at least
      for (ProcessHandle child : children) {
        child.onExit().get(120, TimeUnit.SECONDS);
      }
    } finally {
      children.forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** The commands of docs/lifelong-week.md, with what the simulated arm recorded. */
  @Test
  void aWeekOnARealArmWaitsForBagsOfItsPolicyAndGoesOnWhenTheyAreLabelled() throws IOException {
    Path bags = Files.createDirectories(folder.resolve("bags"));
    Path week = folder.resolve("week");
    Path mine = week.resolve("rounds/0001");
    Path round = whole.resolve("rounds/0001");
    String improved = Page.shortId(state(whole).rounds().getFirst().improved());
    List<RolloutSummary> ofBase = Recorder.episodes(round.resolve("rollouts/new"));
    List<RolloutSummary> ofImproved = Recorder.episodes(round.resolve("evaluation/improved"));
    copy(ofBase, bags);
    copy(ofImproved.subList(1, EPISODES), bags);
    Path unlabelled = bags.resolve(ofBase.getFirst().bag().getFileName());
    Rollouts.label(unlabelled, Kind.UNLABELLED, "test", "");

    List<List<String>> commands =
        PageCommands.of(
            PageCommands.page("lifelong-week.md"),
            Map.of(
                "rollouts", bags,
                "demos", whole.resolve("demonstrations"),
                "my_models", MODELS,
                "week", week));
    int evening = 0;
    for (List<String> command : commands.subList(1, commands.size())) {
      switch (command.getFirst()) {
        case "robot", "console", "doctor" -> {} // they need the arm, or somebody to end them
        case "round" -> {
          evening++;
          String told = said(evening == 3 ? 0 : WAITING, inSmall(command));
          switch (evening) {
            case 1 -> {
              requireTold(told, "for 1 more episodes of policy", "it has 11 (");
              requireTold(told, "1 are unlabelled: ./reverie rollouts label");
              requireTold(told, "7 do not count, since they are of policy " + improved);
              Rollouts.label(unlabelled, ofBase.getFirst().outcome().kind(), "test", "");
              // Training that has ended is not done again, and this one has seen the same
              // recordings.
              Folders.copy(round.resolve("training"), mine.resolve("training"));
              Folders.copy(round.resolve("bundles"), mine.resolve("bundles"));
            }
            case 2 -> {
              requireTold(told, "for 1 more episodes of policy " + improved);
              copy(ofImproved.subList(0, 1), bags);
            }
            default -> requireTold(told, "{bundle: '" + mine.resolve("next/base") + "'}");
          }
        }
        default -> run(command, command.contains("diff") ? DIFFERENT : 0);
      }
    }
    assertEquals(3, evening);
    requireTold(Files.readString(folder.resolve("week.log")), "1 episode: 1 unlabelled", improved);
    LifelongState.Ended ended = state(week).rounds().getFirst();
    assertEquals(ROLLOUTS, ended.real().episodes());
    Success after = ended.improvedReal();
    assertTrue(after != null && after.episodes() == EPISODES, "" + ended);
    assertEquals(ROLLOUTS + EPISODES, ended.episodes());
    assertFalse(ended.taken(), "the base goes on");
  }

  /** Returns a round's command with the numbers of this test. */
  private static String[] inSmall(List<String> command) {
    List<String> line = new ArrayList<>(command);
    Map.of("--rollouts", ROLLOUTS, "--episodes", EPISODES, "--rounds", 1, "--expert", EXPERT)
        .forEach(
            (option, number) -> {
              int at = line.indexOf(option);
              if (at < 0) {
                line.addAll(List.of(option, "" + number));
              } else {
                line.set(at + 1, "" + number);
              }
            });
    line.addAll(List.of("--settings", settings.toString()));
    return line.toArray(String[]::new);
  }

  private static void run(List<String> command, int status) {
    try (var process =
        ReverieProcess.logged(
            folder.resolve("week.log"), Map.of("OMP_NUM_THREADS", "1"), command)) {
      process.ended().join();
      assertTrue(process.endedWith(status), process::lastLines);
    }
  }

  private static void requireTold(String told, String... texts) {
    for (String text : texts) {
      assertTrue(told.contains(text), () -> "'%s' is not in: %s".formatted(text, told));
    }
  }

  private static void copy(List<RolloutSummary> episodes, Path to) {
    episodes.forEach(
        episode -> Folders.copy(episode.bag(), to.resolve(episode.bag().getFileName())));
  }

  /** Returns what the command says, which ends with this status. */
  private static String said(int status, String[] arguments) {
    PrintStream before = System.out;
    var said = new ByteArrayOutputStream();
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      assertEquals(status, RoundCommand.commandLine().execute(arguments));
    } finally {
      System.setOut(before);
    }
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aRunIsNotGoneOnWithAsAnotherOne() throws IOException {
    requireRefused("as its --seed", arguments(whole, 2, "--seed", "2"));
    requireRefused("as its --expert", arguments(whole, 2, "--expert", "5"));
    Path demonstrations = whole.resolve("demonstrations");
    Path bags = Files.createDirectories(folder.resolve("none"));
    String[] real = {"--bags", "" + bags, "--demonstrations", "" + demonstrations};
    requireRefused("as its arm", arguments(whole, 2, real));
    Path other = Files.writeString(folder.resolve("other.json"), "{}");
    requireRefused("grpo.iterations was ", arguments(whole, 2, "--settings", "" + other));
    requireRefused("as its --preset", arguments(whole, 2, "--preset", "lab"));
    try (FileChannel held = Folders.lock(whole)) {
      assertTrue(held.isOpen());
      requireRefused("another command is at work", arguments(whole, 2));
    }
    Path damaged = folder.resolve("damaged");
    Folders.lock(damaged).close();
    Files.writeString(damaged.resolve("state.json"), "{\"format\": 1, \"rounds\"");
    requireRefused("is not the state of a run", arguments(damaged, 2));
    Files.writeString(damaged.resolve("state.json"), "{\"format\": 1}");
    requireRefused("it has no 'run'", arguments(damaged, 2));
    for (String[] state :
        new String[][] {
          {"null", "it is no group of keys"},
          {"", "it is empty"},
          {"{\"format\": 1, \"run\": tr", "it is cut off, or no JSON"},
          {"{\"format\": 1, \"run\": {}, \"rounds\": [{}]}", "'run' has no 'arm'"},
          {
            "{\"format\": 1, \"run\": {}, \"rounds\": [null]}",
            "one of its 'rounds' is no group of keys"
          },
        }) {
      Files.writeString(damaged.resolve("state.json"), state[0]);
      requireRefused(state[1] + "; restore it", arguments(damaged, 2));
    }
    Files.writeString(damaged.resolve("state.json"), "{\"format\": 2}");
    requireRefused("has the format 2", arguments(damaged, 2));
  }

  @Test
  void whatCannotWorkIsRefusedBeforeAnythingIsRecorded() throws IOException {
    Path out = folder.resolve("refused");
    Path none = folder.resolve("nowhere");
    String demonstrations = "" + whole.resolve("demonstrations");
    for (String node : new String[] {"no such node!", "", "/", "/7", "/a//b", "a__b", "/robot/"}) {
      requireRefused("--node is '" + node + "'", arguments(out, 1, "--node", node));
    }
    requireRefused("give --demonstrations", arguments(out, 1, "--bags", "" + folder));
    requireRefused(
        "there is no folder " + none,
        arguments(out, 1, "--bags", "" + none, "--demonstrations", demonstrations));
    requireRefused(
        "no labelled recording in " + none, arguments(out, 1, "--demonstrations", "" + none));
    requireRefused("--rounds is 0", arguments(out, 0));
    requireRefused("--drift is 2.0", arguments(out, 1, "--drift", "2"));
    requireRefused("--expert is 0", arguments(out, 1, "--expert", "0"));
    requireRefused("--seed is -1", arguments(out, 1, "--seed", "-1"));
    requireRefused("not empty", arguments(whole.resolve("rounds/0001"), 1));
    Path words = Files.writeString(folder.resolve("words.json"), "words");
    requireRefused("is not JSON", arguments(out, 1, "--settings", "" + words));
    Path unknown = Files.writeString(folder.resolve("unknown.json"), "{\"grpo\": {\"speed\": 1}}");
    requireRefused("grpo.speed", arguments(out, 1, "--settings", "" + unknown));
    requireRefused("--preset", arguments(out, 1, "--preset", "laboratory"));
    assertFalse(Files.exists(out.resolve("state.json")));
    assertFalse(Files.exists(out.resolve("demonstrations")));
  }

  private static void requireRefused(String why, String[] arguments) {
    PrintStream before = System.err;
    var said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      assertEquals(1, RoundCommand.commandLine().execute(arguments));
    } finally {
      System.setErr(before);
    }
    String text = said.toString(StandardCharsets.UTF_8);
    assertTrue(text.contains(why), text);
    assertFalse(text.contains("\tat "), text);
  }

  private static LifelongState state(Path run) {
    return LifelongState.read(run.resolve("state.json")).orElseThrow();
  }
}
