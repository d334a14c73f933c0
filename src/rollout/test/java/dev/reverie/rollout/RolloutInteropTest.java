package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rollouts against rosbags and mcap_ros2 of PyPI, in both directions. */
@Prepared
class RolloutInteropTest {
  private final Path folder;

  RolloutInteropTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void otherReadersDecodeEveryMessageOfARollout() throws Exception {
    Path bag = RecordedArm.episode(folder, "one", 9);
    Rollouts.label(bag, EpisodeOutcome.Kind.FAILURE, "ada", "dropped");
    List<String> lines = Python.run("rollout/test/python/read_rollout.py", bag);
    assertEquals("rosbags\tcount\t" + (10 + 10 + 9 + 3 + 3), lines.getFirst());
    for (String reader : List.of("rosbags", "mcap")) {
      List<String> expected = new ArrayList<>();
      for (int t = 0; t <= 9; t++) {
        long stamp = RecordedArm.stamp(t);
        String hash = Sha256.of(RecordedArm.pixels(t, 48));
        expected.add(String.join("\t", reader, "image", "" + stamp, "48", "48", "rgb8", hash));
        double[] p = RecordedArm.positions(t);
        expected.add(
            String.join(
                "\t",
                reader,
                "joints",
                "" + stamp,
                "shoulder",
                "elbow",
                "wrist",
                number(p[0]),
                number(p[1]),
                number(p[2])));
        if (t < 9) {
          expected.add(
              String.join(
                  "\t",
                  reader,
                  "command",
                  "" + stamp,
                  "one",
                  "" + t,
                  "" + t / 4,
                  "" + t % 4,
                  "policy"));
        }
      }
      for (int event = 0; event < 3; event++) {
        expected.add(
            String.join(
                "\t",
                reader,
                "episode",
                "" + event,
                "one",
                "reach the red ball",
                "" + event,
                List.of("", "simulated_arm", "ada").get(event)));
      }
      assertEquals(
          expected.stream().sorted().toList(),
          lines.stream()
              .filter(line -> line.startsWith(reader + "\t"))
              .filter(line -> !line.contains("\tchunk\t") && !line.contains("\tcount\t"))
              .sorted()
              .toList());
      assertEquals(3, lines.stream().filter(line -> line.startsWith(reader + "\tchunk\t")).count());
    }
  }

  @Test
  void aRolloutOfAnotherWriterIsReadAsAnEpisode() throws Exception {
    Path bag = folder.resolve("from_python");
    Python.run(
        "rollout/test/python/write_rollout.py",
        Path.of(System.getProperty("reverie.root"), "msg"),
        bag);
    assertEquals(List.of(), Rollouts.verify(bag));
    Episode episode = Episode.read(bag);
    assertEquals("from_python", episode.id());
    assertEquals("9223372036854775813", Long.toUnsignedString(episode.seed()));
    assertTrue(episode.outcome().success());
    assertEquals(List.of("shoulder", "elbow"), episode.jointNames());
    assertEquals(5, episode.steps().size());
    assertArrayEquals(new double[] {3.25, 3.5}, episode.steps().get(3).jointPositions());
    assertArrayEquals(new float[] {0.75f, 0.875f}, episode.steps().get(3).action());
    assertEquals(5, RecordedArm.rgb(episode.last())[0]);
  }

  @Test
  void aCutOffRolloutOpensInOtherReadersAfterRecovery() throws Exception {
    Path bag = RecordedArm.episode(folder, "one", 30);
    Path file = bag.resolve("one_0.mcap");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 300));
    assertTrue(Rollouts.recover(bag).getFirst().contains("messages recovered"));
    List<String> lines = Python.run("rollout/test/python/read_rollout.py", bag);
    assertEquals("rosbags\tcount\t" + (31 + 31 + 30 + 8 + 2), lines.getFirst());
  }

  private static String number(double value) {
    String text = "%.12g".formatted(value);
    double rounded = Double.parseDouble(text);
    return rounded == (long) rounded
        ? (value == 0 && 1 / value < 0 ? "-0" : "" + (long) rounded)
        : "" + rounded;
  }
}
