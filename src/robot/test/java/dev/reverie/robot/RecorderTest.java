package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.McapReader;
import dev.reverie.rollout.Rollouts;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecorderTest {

  private static final Recorder.Topic TEXT =
      Recorder.Topic.of("/text", dev.reverie.msgs.std_msgs.String.TYPE);

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

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
    try (var recorder = new Recorder(folder, 1 << 20, () -> 42)) {
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

  @Test
  void whatDoesNotFitIntoTheQueueIsCounted() throws Exception {
    try (var recorder = new Recorder(folder, 100, () -> 42)) {
      recorder.begin("first", reason -> {});
      recorder.record(TEXT, new byte[200]);
      recorder.record(TEXT, text("small"));
      Recorder.Closed closed = end(recorder);
      assertEquals(1, recorder.dropped());
      assertEquals(1, messages(closed.bag()).size());
    }
  }

  @Test
  void aFullDiskEndsTheRecordingAndWhatWasRecordedStaysReadable() throws Exception {
    try (var disk = SmallDisk.mount(folder, 2 << 20)) {
      var recorder = new Recorder(folder, 64 << 20, () -> 42);
      var failed = new CompletableFuture<String>();
      recorder.begin("full", failed::complete);
      var random = new Random(1);
      for (int i = 0; i < 64; i++) {
        byte[] noise = new byte[1 << 16];
        random.nextBytes(noise);
        recorder.record(TEXT, noise);
      }
      String reason = failed.get(20, TimeUnit.SECONDS);
      Recorder.Closed closed = end(recorder);
      assertTrue(reason.contains("No space left on device"), reason);
      assertTrue(reason.contains("free space") && reason.contains(folder.toString()), reason);
      assertEquals(Optional.of(reason), closed.fault());
      disk.free();
      Rollouts.recover(closed.bag());
      int readable = messages(closed.bag()).size();
      assertTrue(readable >= 16, readable + " messages are readable");
      recorder.begin("next", r -> {});
      recorder.record(TEXT, text("goes on"));
      assertEquals(Optional.empty(), end(recorder).fault());
      recorder.close();
    }
  }
}
