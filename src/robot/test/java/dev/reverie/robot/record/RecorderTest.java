package dev.reverie.robot.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.McapReader;
import dev.reverie.mcap.rosbag2.Rosbag2;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.RolloutTopic;
import dev.reverie.rollout.Rollouts;
import dev.reverie.testing.SmallDisk;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class RecorderTest {
  private static final Rosbag2Topic TEXT =
      RolloutTopic.inBag("/text", dev.reverie.msgs.std_msgs.String.TYPE, false);

  @TempDir Path folder;

  private static Recorder.Closed end(Recorder recorder) throws Exception {
    var closed = new CompletableFuture<Recorder.Closed>();
    recorder.end(closed::complete);
    return closed.get(20, TimeUnit.SECONDS);
  }

  private static byte[] text(String value) {
    return dev.reverie.msgs.std_msgs.String.TYPE.encode(
        new dev.reverie.msgs.std_msgs.String(value));
  }

  private static List<byte[]> messages(Path bag) {
    List<byte[]> messages = new ArrayList<>();
    try (var reader = McapReader.open(bag.resolve(bag.getFileName() + "_0.mcap"))) {
      reader.messages().forEach(m -> messages.add(m.data().toArray(ValueLayout.JAVA_BYTE)));
    }
    return messages;
  }

  @Test
  void messagesBetweenBeginAndEndStandInTheBagAsTheyCame() throws Exception {
    try (var recorder = Recorder.start(folder, 1 << 20, () -> 42)) {
      recorder.record(TEXT, text("before"));
      recorder.begin("first", reason -> {});
      recorder.record(TEXT, text("one"));
      recorder.record(TEXT, text("two"));
      Recorder.Closed closed = end(recorder);
      recorder.record(TEXT, text("after"));
      assertEquals(Optional.empty(), closed.fault());
      List<byte[]> messages = messages(closed.bag());
      assertEquals(2, messages.size());
      assertEquals("one", dev.reverie.msgs.std_msgs.String.TYPE.decode(messages.get(0)).data());
    }
  }

  private static byte[] noise(Random random, int length) {
    byte[] noise = new byte[length];
    random.nextBytes(noise);
    return noise;
  }

  @Test
  void whatDoesNotFitIntoTheQueueIsCountedAndToldAndTheEndFindsItsPlace() throws Exception {
    try (var recorder = Recorder.start(folder, 100, 0, () -> 42)) {
      var told = new ArrayList<String>();
      recorder.begin("first", told::add);
      recorder.record(TEXT, new byte[200]);
      recorder.record(TEXT, new byte[200]);
      recorder.record(TEXT, text("small"));
      recorder.recordVital(TEXT, text("an end that is longer than all that is left".repeat(10)));
      Recorder.Closed closed = end(recorder);
      assertEquals(2, recorder.dropped());
      assertEquals(1, told.size(), told.toString());
      assertTrue(told.getFirst().contains("too slow"), told.toString());
      assertEquals(told.getFirst(), recorder.fault());
      assertEquals(2, messages(closed.bag()).size());
      recorder.begin("second", told::add);
      assertEquals("", recorder.fault());
      end(recorder);
    }
  }

  @Test
  void onAFullDiskTheBagEndsEarlyAndIsWhole() throws Exception {
    try (var disk = SmallDisk.mount(folder, 8 << 20);
        var recorder = Recorder.start(folder, 64 << 20, 3 << 20, () -> 42)) {
      var failed = new CompletableFuture<String>();
      recorder.begin("full", failed::complete);
      var random = new Random(1);
      int sent = 0;
      while (!failed.isDone()) {
        recorder.record(TEXT, noise(random, 1 << 16));
        sent++;
        Thread.sleep(1);
      }
      assertTrue(failed.get().contains("is full; make room"), failed.get());
      assertTrue(failed.get().contains(folder.toString()), failed.get());
      recorder.record(TEXT, noise(random, 1 << 16)); // of no use any more
      recorder.recordVital(TEXT, text("the end"));
      Recorder.Closed closed = end(recorder);
      assertEquals(Optional.of(failed.get()), closed.fault());
      assertEquals(List.of(), Rosbag2.problems(closed.bag()));
      List<byte[]> read = messages(closed.bag());
      assertEquals("the end", decoded(read.getLast()));
      assertEquals(sent + 2, read.size() + recorder.dropped()); // nothing is lost uncounted
      assertTrue(read.size() >= 5 * 16, read.size() + " messages fit on the disk");

      var refused = new CompletableFuture<String>();
      recorder.begin("next", refused::complete);
      assertTrue(refused.get(20, TimeUnit.SECONDS).contains("can be set aside"), refused.get());
      end(recorder);
      disk.free();
      recorder.begin("goes_on", reason -> {});
      recorder.record(TEXT, text("goes on"));
      assertEquals(Optional.empty(), end(recorder).fault());
    }
  }

  @Test
  void aShortEpisodeThatEndsOnAFullDiskKeepsAllThatWasRecorded() throws Exception {
    try (var disk = SmallDisk.mount(folder, 6 << 20);
        var recorder = Recorder.start(folder, 64 << 20, 3 << 20, () -> 42)) {
      var failed = new CompletableFuture<String>();
      recorder.begin("short", failed::complete);
      var random = new Random(2);
      recorder.record(TEXT, noise(random, 900_000)); // stays in memory: less than a chunk
      Files.write(folder.resolve("somebody's"), noise(random, (3 << 20) - 200_000));
      recorder.recordVital(TEXT, text("the end"));
      Recorder.Closed closed = end(recorder);
      assertTrue(closed.fault().orElse("").contains("is full"), closed.toString());
      assertEquals(2, messages(closed.bag()).size());
      assertEquals(List.of(), Rosbag2.problems(closed.bag()));
      disk.free();
    }
  }

  @Test
  void withoutAReserveAFullDiskEndsTheRecordingAndWhatWasRecordedStaysReadable() throws Exception {
    try (var disk = SmallDisk.mount(folder, 2 << 20)) {
      var recorder = Recorder.start(folder, 64 << 20, 0, () -> 42);
      var failed = new CompletableFuture<String>();
      recorder.begin("full", failed::complete);
      var random = new Random(1);
      List<byte[]> sent = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        sent.add(noise(random, 1 << 16));
        recorder.record(TEXT, sent.getLast());
      }
      String reason = failed.get(20, TimeUnit.SECONDS);
      Recorder.Closed closed = end(recorder);
      assertTrue(reason.contains("No space left on device"), reason);
      assertTrue(reason.contains("free space") && reason.contains(folder.toString()), reason);
      assertEquals(Optional.of(reason), closed.fault());
      disk.free();
      Rollouts.recover(closed.bag());
      List<byte[]> readable = messages(closed.bag());
      assertTrue(readable.size() >= 16, readable.size() + " messages are readable");
      for (int i = 0; i < readable.size(); i++) {
        assertArrayEquals(sent.get(i), readable.get(i), "the first ones, none left out");
      }
      long uncounted = 64 - readable.size() - recorder.dropped();
      assertTrue(uncounted >= 0 && uncounted <= 16, uncounted + ": not the chunk in memory");
      recorder.close();
    }
  }

  @Test
  void onADiskThatCannotBeWrittenWholeBagsAreReadAndNothingElseIsTried() throws Exception {
    try (var disk = SmallDisk.mount(folder, 8 << 20)) {
      Path bag;
      Path damaged;
      try (var recorder = Recorder.start(folder, 64 << 20, 0, () -> 42)) {
        bag = episode(recorder, "whole");
        damaged = episode(recorder, "damaged");
      }
      Path file = damaged.resolve("damaged_0.mcap");
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(bytes, bytes.length - 20));
      disk.makeReadOnly();
      assertEquals(List.of(), Rollouts.recover(bag));
      assertEquals("", Rollouts.summary(bag).problem());
      for (Executable step :
          List.<Executable>of(
              () -> Rollouts.recover(damaged),
              () -> Rollouts.label(bag, EpisodeOutcome.Kind.SUCCESS, "ada", ""))) {
        String message = String.valueOf(assertThrows(EpisodeException.class, step).getMessage());
        assertTrue(message.contains("Read-only file system"), message);
        assertTrue(message.contains("make its folder writable"), message);
      }
      var recorder = Recorder.start(folder, 64 << 20, 0, () -> 42);
      var failed = new CompletableFuture<String>();
      recorder.begin("next", failed::complete);
      assertTrue(failed.get(20, TimeUnit.SECONDS).contains("Read-only file system"), failed.get());
      recorder.close();
      disk.free();
      assertTrue(Rollouts.recover(damaged).size() > 1);
    }
  }

  private static Path episode(Recorder recorder, String id) throws Exception {
    recorder.begin(id, reason -> {});
    var topic = RolloutTopic.EPISODE.inBag();
    recorder.recordVital(topic, Episode.TYPE.encode(new Episode().withEpisodeId(id)));
    return end(recorder).bag();
  }

  @Test
  void aTopicForLatecomersIsOfferedToThemByWhoPlaysTheBag() throws Exception {
    try (var recorder = Recorder.start(folder, 1 << 20, 0, () -> 42)) {
      String metadata = Files.readString(episode(recorder, "one").resolve("metadata.yaml"));
      assertTrue(metadata.contains("durability: transient_local"), metadata);
    }
  }

  private static String decoded(byte[] message) {
    return dev.reverie.msgs.std_msgs.String.TYPE.decode(message).data();
  }
}
