package dev.reverie.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.console.GroupFile.Page;
import dev.reverie.testing.Refusal;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines as the trainer's GroupLog writes them, whole and broken. */
class GroupFileTest {
  private static final int GROUPS = 16;
  private static final int SIZE = 8;

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("groups.jsonl");
  }

  /** Writes the groups of so many iterations, which succeed more and more. */
  static void write(Path file, int iterations) throws Exception {
    List<String> lines = new ArrayList<>();
    for (int step = 0; step < iterations; step++) {
      for (int group = 0; group < GROUPS; group++) {
        int succeed = Math.min(SIZE, (group * 5 + step) % (SIZE + 2));
        lines.add(line(step, group, succeed));
      }
    }
    Files.write(file, lines);
  }

  /** A group of which the first rollouts succeed; advantages are (success - mean) / deviation. */
  private static String line(int step, int group, int succeed) {
    double mean = succeed / (double) SIZE;
    double deviation = Math.sqrt(SIZE / (SIZE - 1.0) * mean * (1 - mean));
    List<Integer> success = IntStream.range(0, SIZE).mapToObj(k -> k < succeed ? 1 : 0).toList();
    List<String> advantage =
        success.stream()
            .map(one -> deviation == 0 ? 0 : (one - mean) / deviation)
            .map(one -> String.format(Locale.ROOT, "%.4f", one))
            .toList();
    String trusted = group == 3 ? ",\"trusted\":[1,1,0.5,1,1,1,1,0]" : "";
    return ("{\"step\":%d,\"draw\":%d,\"episode\":\"20261130T1000000%02d-0001\",\"frame\":%d,"
            + "\"instruction\":\"insert the peg into the red slot\",\"success\":%s,\"advantage\":%s%s}")
        .formatted(step, group / 8, group, 4 * group, success, advantage, trusted)
        .replace(" ,", ",");
  }

  private Page page(int from, int step) {
    return GroupFile.read(file, from, step, false);
  }

  @Test
  void theNewestAreShownAndAnyLineOrIterationIsReached() throws Exception {
    write(file, 5);
    Page last = page(-1, -1);
    assertEquals(
        "80 56 0 4",
        "%d %d %d %d".formatted(last.lines(), last.from(), last.firstStep(), last.lastStep()));
    assertEquals(GroupFile.PAGE, last.groups().size());
    assertEquals(79, last.groups().getLast().line());
    Page third = page(-1, 2);
    assertEquals(32, third.from());
    GroupFile.Group group = third.groups().get(3);
    assertEquals("2 0 12", "%d %d %d".formatted(group.step(), group.draw(), group.frame()));
    assertEquals(List.of(1, 1, 1, 1, 1, 1, 1, 0), group.success());
    assertEquals(
        List.of(0.3536, 0.3536, 0.3536, 0.3536, 0.3536, 0.3536, 0.3536, -2.4749),
        group.advantage());
    assertEquals(List.of(1.0, 1.0, 0.5, 1.0, 1.0, 1.0, 1.0, 0.0), group.trusted());
    assertEquals(7, page(7, -1).from());
    assertEquals(56, page(Integer.MAX_VALUE, -1).from());
    assertEquals(56, page(-1, 99).from(), "beyond the last iteration are the newest");
    assertEquals(List.of(), last.bad());
  }

  @Test
  void linesThatTellNoGroupAreNamedAndTheOthersAreShown() throws Exception {
    String whole = line(3, 0, 4);
    Files.write(
        file,
        List.of(
            whole,
            "",
            whole.substring(0, 40),
            whole.replace("\"step\":3", "\"step\":-3"),
            whole.replace("[1, 1, 1, 1, 0, 0, 0, 0]", "[1, 1, 1]"),
            whole.replace("[1, 1, 1, 1, 0, 0, 0, 0]", "[1, 1, 1, 1, 0, 0, 0, 0.5]"),
            whole.replace("0.9354", "1e999"),
            "\"" + "x".repeat(100_000) + "\"",
            "[".repeat(5000),
            whole));
    Page read = page(-1, -1);
    assertEquals(
        "10 0 3 3",
        "%d %d %d %d".formatted(read.lines(), read.from(), read.firstStep(), read.lastStep()));
    assertEquals(List.of(0, 9), read.groups().stream().map(GroupFile.Group::line).toList());
    List<String> why = read.bad().stream().map(one -> one.line() + " " + one.why()).toList();
    assertEquals(8, why.size());
    assertTrue(why.get(0).startsWith("1 its 'success' is no list"), why.get(0));
    assertTrue(why.get(1).startsWith("2 it is cut off, or no JSON: {\"step\":3,"), why.get(1));
    assertTrue(why.get(2).startsWith("3 its 'step' is no number from 0"), why.get(2));
    assertTrue(
        why.get(3).startsWith("4 it tells how 3 rollouts ended, and the advantages of 8"),
        why.get(3));
    assertTrue(why.get(4).startsWith("5 its 'success' has another number than 0 or 1"), why.get(4));
    assertTrue(why.get(5).startsWith("6 its 'advantage' has"), why.get(5));
    assertTrue(why.get(6).startsWith("7 it is longer than 65536 bytes"), why.get(6));
    assertTrue(why.get(7).startsWith("8 it is cut off, or no JSON: [[["), why.get(7));
    assertTrue(why.stream().allMatch(one -> one.length() < 200), why.toString());
  }

  @Test
  void theLineThatIsJustWrittenIsNotThereYetAndOneThatStaysSoIsCutOff() throws Exception {
    write(file, 1);
    Files.writeString(file, "{\"step\":1,\"dr", StandardOpenOption.APPEND);
    Page running = GroupFile.read(file, -1, -1, true);
    assertEquals("16 0", running.lines() + " " + running.bad().size());
    Page stopped = page(-1, -1);
    assertEquals("17 16", stopped.lines() + " " + stopped.bad().getFirst().line());
  }

  @Test
  void whatIsNoFileOfATrainerIsRefusedOrNone() throws Exception {
    assertEquals(0, page(-1, -1).lines());
    Files.createFile(file);
    assertEquals(0, page(-1, -1).lines());
    try (var huge = new RandomAccessFile(file.toFile(), "rw")) {
      huge.setLength(65L << 20);
    }
    Refusal.of(dev.reverie.console.Refusal.class, () -> page(-1, -1), "has more than 64 MiB");
    Files.delete(file);
    Files.createDirectory(file);
    Refusal.of(dev.reverie.console.Refusal.class, () -> page(-1, -1), "cannot be read");
  }
}
