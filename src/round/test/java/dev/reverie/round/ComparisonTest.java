package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.round.ComparisonState.Setting;
import dev.reverie.testing.Refusal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ComparisonTest {
  private static final Recorder.Recorded A = new Recorder.Recorded(Path.of("a"), "1");
  private static final Recorder.Recorded B = new Recorder.Recorded(Path.of("b"), "2");
  private static final Setting SETTING = new Setting("1", "2", "", "", 1, 3);

  @TempDir Path folder;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  /** An arm on which a policy succeeds or not by its name and the pair. */
  private static final class Table implements TrialArm {
    private final List<String> runs = new ArrayList<>();
    private int left = Integer.MAX_VALUE;
    private int inVain;

    @Override
    public Attempt run(int trial, int pair, Recorder.Recorded policy) {
      if (left-- == 0) {
        throw new RoundException("stopped");
      }
      if (inVain-- > 0) {
        return new LeftOut(
            inVain == 1 ? Why.ABORTED : Why.NOT_ITS_OWN, "o" + inVain, Path.of("bag"), "no");
      }
      runs.add(pair + policy.bundle().toString());
      boolean won = policy.equals(B) ? pair % 4 != 3 : pair % 4 == 0;
      return new Counted(new EpisodeResult("e" + trial, Path.of("bag"), won, 9, "table: " + won));
    }

    @Override
    public void close() {}
  }

  private Comparison comparison(Setting setting, int pairs) {
    var out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    return new Comparison(new Console(out, false), A, B, setting, pairs, folder);
  }

  @Test
  void itEndsAsSoonAsOneIsSurelyBetter() {
    var arm = new Table();
    Comparison comparison = comparison(SETTING, 100);
    comparison.run(arm);
    // Pairs 1 and 2 of each four are won by B alone: the eighth such pair is that of number 14.
    assertEquals(2 * 15, arm.runs.size());
    assertFalse(comparison.goesOn());
    assertEquals("B is better (evidence 28.4 of 20)", comparison.told().getLast());
    assertEquals("A 0.267 [0.109, 0.520] (4 of 15)  a", comparison.told().get(0));
    assertEquals("B 0.800 [0.548, 0.930] (12 of 15)  b", comparison.told().get(1));
  }

  @Test
  void whoLooksOnIsNotToldWhichActsAndTheOrderChanges() {
    var arm = new Table();
    comparison(SETTING, 100).run(arm);
    List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(arm.runs.size(), lines.size());
    for (String line : lines) {
      assertTrue(line.matches("   \\d+: (success|failure) \\(table: (true|false)\\)"), line);
    }
    List<String> firsts = new ArrayList<>();
    for (int i = 0; i < arm.runs.size(); i += 2) {
      String first = arm.runs.get(i);
      String second = arm.runs.get(i + 1);
      assertEquals(
          first.substring(0, first.length() - 1), second.substring(0, second.length() - 1));
      firsts.add(first.substring(first.length() - 1));
    }
    assertTrue(firsts.contains("a") && firsts.contains("b"), firsts.toString());
  }

  @Test
  void aStoppedComparisonGoesOnAsIfItHadNotBeenStopped() {
    var whole = new Table();
    comparison(SETTING, 100).run(whole);
    Path file = folder.resolve(Comparison.FILE);
    assertTrue(file.toFile().delete());

    var stopped = new Table();
    stopped.left = 7;
    Comparison first = comparison(SETTING, 100);
    assertThrows(RoundException.class, () -> first.run(stopped));
    var rest = new Table();
    comparison(SETTING, 100).run(rest);
    List<String> both = new ArrayList<>(stopped.runs);
    both.addAll(rest.runs);
    assertEquals(whole.runs, both);
  }

  @Test
  void anotherSettingOrADamagedFileIsRefused() throws Exception {
    var stopped = new Table();
    stopped.left = 1;
    Comparison first = comparison(SETTING, 100);
    assertThrows(RoundException.class, () -> first.run(stopped));
    var other = new Setting("1", "3", "", "", 1, 3);
    String said = message(() -> comparison(other, 100));
    assertTrue(said.contains("b=3") && said.contains("another --out"), said);

    Path file = folder.resolve(Comparison.FILE);
    String text = Files.readString(file);
    Files.writeString(file, text.substring(0, text.length() / 2));
    said = message(() -> comparison(SETTING, 100));
    assertTrue(said.contains(Comparison.FILE) && said.contains("ends too early"), said);
    Files.writeString(file, "{}");
    said = message(() -> comparison(SETTING, 100));
    assertTrue(said.contains("no 'setting'"), said);
  }

  private static String message(Runnable refused) {
    return String.valueOf(assertThrows(RoundException.class, refused::run).getMessage());
  }

  @Test
  void whatDoesNotCountIsRunAgainButNotForEver() {
    var arm = new Table();
    arm.inVain = 3;
    Comparison comparison = comparison(SETTING, 100);
    comparison.run(arm);
    assertEquals(30, arm.runs.size());
    List<String> told = comparison(SETTING, 100).told(); // as one that goes on reads it
    assertEquals(comparison.told(), told);
    assertEquals(
        "left out and run again: 1 that were aborted or do not count, 2 in which a person took over or another policy acted",
        told.get(told.size() - 2));
    assertTrue(folder.resolve(Comparison.FILE).toFile().delete());
    arm.inVain = 5;
    Comparison again = comparison(SETTING, 100);
    assertTrue(message(() -> again.run(arm)).contains("5 episodes in a row"));
  }

  @Test
  void fewPairsThatCannotTellAreNotRun() {
    var arm = new Table();
    Comparison comparison = comparison(SETTING, 7);
    comparison.run(arm);
    assertEquals(0, arm.runs.size());
    assertTrue(comparison.told().getLast().contains("7 pairs cannot tell"));
  }

  @Test
  void fewerPairsThanCanTellAreRefused() {
    var command = new EvaluateCommand();
    for (int pairs : new int[] {0, 1, 7, 10_001}) {
      var _ =
          new CommandLine(command)
              .parseArgs("a", "b", "--out", folder.resolve("few").toString(), "--pairs=" + pairs);
      Refusal.of(RoundException.class, command::call, "--pairs is %d; give 8 to".formatted(pairs));
    }
    assertTrue(Files.notExists(folder.resolve("few")));
    assertTrue(PairedTest.BEGIN.open(PairedTest.LEAST));
    assertFalse(PairedTest.BEGIN.open(PairedTest.LEAST - 1));
  }
}
