package dev.reverie.robot.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.rosbag2.Rosbag2;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.robot.record.KilledProcess.Progress;
import dev.reverie.rollout.AtomicFolder;
import dev.reverie.rollout.BagMessages;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.RolloutTopic;
import dev.reverie.rollout.Rollouts;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The recorder is killed at a random moment, its bag recovered and opened by other people's
 * readers. {@code -Dreverie.kills=500} does it more often.
 */
class KillTest {
  private static final int KILLS = Integer.getInteger("reverie.kills", 20);
  private static final int AT_A_TIME = 4;

  @TempDir Path folder;

  /**
   * The remains of one recording.
   *
   * @param read messages in the bag; -1 where it was killed before there was a file
   */
  private record Left(Path bag, long sent, long forced, long read, long oldestLostMillis) {}

  @Test
  @Prepared
  void whatWasForcedOutlivesTheRecorderAndOpensElsewhere() throws Exception {
    List<Left> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME)) {
      while (all.size() < KILLS) {
        List<Callable<Left>> kills = new ArrayList<>();
        for (int kill = all.size(); kill < Math.min(KILLS, all.size() + 20); kill++) {
          int number = kill;
          kills.add(() -> killed(number));
        }
        List<Left> some = new ArrayList<>();
        for (Future<Left> left : threads.invokeAll(kills)) {
          some.add(left.get());
        }
        openElsewhere(some);
        all.addAll(some);
      }
    }
    assertTrue(all.stream().mapToLong(Left::forced).sum() > 0, all.toString());
    List<Left> begun = all.stream().filter(left -> left.read >= 0).toList();
    long[] ages = begun.stream().mapToLong(Left::oldestLostMillis).sorted().toArray();
    System.out.printf(
        "%d kills: %d messages sent, %d of them forced, %d recovered; the oldest lost message was %d ms old (median), at most %d ms%n",
        KILLS,
        begun.stream().mapToLong(Left::sent).sum(),
        begun.stream().mapToLong(Left::forced).sum(),
        begun.stream().mapToLong(Left::read).sum(),
        ages[ages.length / 2],
        ages[ages.length - 1]);
  }

  /** Opens the bags by mcap and rosbags, then deletes them. */
  private void openElsewhere(List<Left> bags) throws Exception {
    Map<String, Long> expected = new TreeMap<>();
    for (Left left : bags) {
      if (left.read >= 0) {
        assertTrue(left.read >= left.forced, left.toString());
        expected.put(folder.relativize(left.bag).getName(0).toString(), left.read);
      }
    }
    Map<String, Long> mcap = new TreeMap<>();
    Map<String, Long> rosbags = new TreeMap<>();
    for (String line : Python.run("mcap/test/python/open_bags.py", folder)) {
      String[] parts = line.split("\t", -1);
      (parts[0].equals("mcap") ? mcap : rosbags).put(parts[1], Long.parseLong(parts[2]));
    }
    assertEquals(expected, mcap);
    assertEquals(expected, rosbags);
    for (Left left : bags) {
      AtomicFolder.delete(folder.resolve(folder.relativize(left.bag).getName(0)));
    }
  }

  private Left killed(int number) throws Exception {
    Path rollouts = Files.createDirectory(folder.resolve("kill_%04d".formatted(number)));
    Path file = folder.resolve("progress " + number);
    Process process = KilledProcess.start("record", rollouts, file);
    await(process, file);
    Thread.sleep(new Random().nextInt(2000));
    long killedMillis = System.currentTimeMillis();
    kill(process);
    Progress progress = Progress.read(file);
    Files.delete(file);
    Path bag = rollouts.resolve("killed");
    if (!Files.exists(bag.resolve("killed_0.mcap"))) {
      assertEquals(0, progress.forced());
      return new Left(bag, progress.sent(), 0, -1, 0);
    }
    Rollouts.recover(bag);
    assertEquals(List.of(), Rosbag2.problems(bag));
    assertEquals(List.of(), Rollouts.recover(bag)); // a second time there is nothing to do
    List<Long> read = new ArrayList<>();
    BagMessages messages = BagMessages.open(bag);
    messages.forEach(
        Set.of(KilledProcess.DATA.name()),
        message -> read.add(ByteBuffer.wrap(message.data()).getLong()));
    List<BagMessages.Message> begun = new ArrayList<>();
    messages.forEach(Set.of("/robot/episode"), begun::add);
    for (int i = 0; i < read.size(); i++) {
      assertEquals(i, read.get(i)); // all in order, and none missing before the last
    }
    long lost = read.size() < progress.sent() ? killedMillis - progress.millis(read.size()) : 0;
    int count = read.size() + begun.size();
    return new Left(bag, progress.sent(), progress.forced(), count, lost);
  }

  @Test
  void aLabelThatIsKilledLeavesTheBagAsItWasOrLabelled() throws Exception {
    for (int number = 0; number < Math.max(1, KILLS / 5); number++) {
      Path bag = recorded("episode_" + number);
      Path file = folder.resolve("progress " + number);
      Process process = KilledProcess.start("label", bag, file);
      await(process, file);
      Thread.sleep(new Random().nextInt(300));
      kill(process);
      long done = Progress.read(file).sent();
      Files.delete(file);
      Rollouts.recover(bag); // metadata.yaml may be older than the file
      assertEquals(List.of(), Rosbag2.problems(bag));
      List<String> labels = new ArrayList<>();
      BagMessages.open(bag)
          .forEach(
              Set.of("/robot/episode"),
              message -> labels.add(Episode.TYPE.decode(message.data()).outcome().labeller()));
      int told = labels.size() - 2; // begun and ended
      assertTrue(told == done || told == done + 1, told + " labels, " + done + " were said");
      assertEquals("label " + (told - 1), labels.getLast());
      Rollouts.label(bag, EpisodeOutcome.Kind.SUCCESS, "ada", "goes on");
      assertEquals("ada", Rollouts.summary(bag).outcome().labeller());
    }
  }

  private Path recorded(String id) {
    try (var recorder =
        Recorder.start(folder, 64 << 20, 0, () -> System.currentTimeMillis() * 1_000_000)) {
      recorder.begin(id, reason -> {});
      var topic = RolloutTopic.EPISODE.inBag();
      for (byte event : new byte[] {Episode.BEGUN, Episode.ENDED}) {
        var outcome = new Outcome().withOutcome(Outcome.SUCCESS).withLabeller("robot");
        recorder.recordVital(
            topic,
            Episode.TYPE.encode(
                new Episode().withEvent(event).withEpisodeId(id).withOutcome(outcome)));
      }
      byte[] data = new byte[1000];
      for (int i = 0; i < 200; i++) {
        ByteBuffer.wrap(data).putLong(i);
        recorder.record(KilledProcess.DATA, data.clone());
      }
      recorder.end(closed -> {});
      return recorder.bag(id);
    }
  }

  private static void await(Process process, Path progress) throws Exception {
    while (Progress.read(progress).sent() == 0) {
      assertTrue(process.isAlive(), "it ended by itself");
      Thread.sleep(2);
    }
  }

  private static void kill(Process process) throws InterruptedException, IOException {
    process.destroyForcibly().waitFor(); // SIGKILL
    assertEquals(137, process.exitValue());
  }
}
