package dev.reverie.robot.sense;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.mcap.McapReader;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.robot.record.Recorder;
import dev.reverie.rollout.RolloutTopic;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstMessagesTest {
  private static final Rosbag2Topic TEXT =
      RolloutTopic.inBag("/text", dev.reverie.msgs.std_msgs.String.TYPE, false);
  private static final SensorSnapshot NOTHING =
      new SensorSnapshot(
          new JointSample(0, new double[0], List.of(), Optional.empty(), 0), List.of());

  @TempDir Path folder;

  private static byte[] text(String value) {
    return dev.reverie.msgs.std_msgs.String.TYPE.encode(
        new dev.reverie.msgs.std_msgs.String(value));
  }

  /** Records an episode in which a message comes; returns all that its bag holds. */
  private static List<String> episode(
      Recorder recorder, FirstMessages beginnings, String id, String during) throws Exception {
    recorder.begin(id, reason -> {});
    beginnings.record(NOTHING);
    recorder.record(TEXT, text(during));
    beginnings.between(TEXT, text(during));
    var closed = new CompletableFuture<Recorder.Closed>();
    recorder.end(closed::complete);
    Path bag = closed.get(20, TimeUnit.SECONDS).bag();
    List<String> found = new ArrayList<>();
    try (var reader = McapReader.open(bag.resolve(bag.getFileName() + "_0.mcap"))) {
      reader
          .messages()
          .forEach(
              message ->
                  found.add(
                      dev.reverie.msgs.std_msgs.String.TYPE
                          .decode(message.data().toArray(ValueLayout.JAVA_BYTE))
                          .data()));
    }
    return found;
  }

  @Test
  void whatHappensBetweenTwoEpisodesStandsOnceAtTheBeginOfTheSecond() throws Exception {
    try (var recorder = Recorder.start(folder, 1 << 20, 0, () -> 42)) {
      var beginnings = new FirstMessages(recorder);
      beginnings.between(TEXT, text("before"));
      assertEquals(List.of("before", "one"), episode(recorder, beginnings, "first", "one"));
      beginnings.between(TEXT, text("swapped"));
      beginnings.between(TEXT, text("asked"));
      assertEquals(
          List.of("swapped", "asked", "two"), episode(recorder, beginnings, "second", "two"));
      assertEquals(List.of("three"), episode(recorder, beginnings, "third", "three"));
    }
  }
}
