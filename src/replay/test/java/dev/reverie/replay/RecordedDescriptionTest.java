package dev.reverie.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.rollout.BagMessages;
import dev.reverie.rollout.RolloutTopic;
import dev.reverie.rollout.RolloutWriter;
import dev.reverie.testing.Refusal;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedDescriptionTest {
  private static final String ROBOT = "<?xml version=\"1.0\"?><robot name=\"arm\"/>";

  @TempDir private Path folder;

  /** A bag of texts by topic. */
  private BagMessages bag(Map<String, String> texts) {
    var type = dev.reverie.msgs.std_msgs.String.TYPE;
    try (var writer = RolloutWriter.open(folder, "bag")) {
      texts.forEach(
          (topic, text) ->
              writer.write(
                  RolloutTopic.inBag(topic, type, true),
                  1,
                  1,
                  MemorySegment.ofArray(type.encode(new dev.reverie.msgs.std_msgs.String(text)))));
      return close(writer);
    }
  }

  private static BagMessages close(RolloutWriter writer) {
    writer.close();
    return BagMessages.open(writer.bag());
  }

  @Test
  void theTopicMayHaveAnyName() {
    BagMessages bag = bag(Map.of("/task", "pick", "/arm/urdf_fixed", ROBOT));
    assertEquals("/arm/urdf_fixed", RecordedDescription.topic(bag, "", ""));
  }

  @Test
  void ofSeveralTheUsualNameAndTheConfigurationAndThePersonCount() {
    BagMessages bag =
        bag(Map.of("/a/robot_description", ROBOT, "/fixed", ROBOT, "/b/robot_description", ROBOT));
    Refusal.of(
        ReplayException.class,
        () -> RecordedDescription.topic(bag, "", "{}"),
        "/a/robot_description",
        "/b/robot_description",
        "--topic robot_description=TOPIC");
    assertEquals(
        "/fixed", RecordedDescription.topic(bag, "", "{\"remapped\": {\"urdf\": \"/fixed\"}}"));
    assertEquals(
        "/b/robot_description", RecordedDescription.topic(bag, "/b/robot_description", ""));
    Refusal.of(
        ReplayException.class,
        () -> RecordedDescription.topic(bag, "/c", ""),
        "no topic '/c'",
        "/fixed");
  }

  @Test
  void aBagWithoutOneIsRefused() {
    BagMessages bag = bag(Map.of("/task", "pick"));
    Refusal.of(
        ReplayException.class,
        () -> RecordedDescription.topic(bag, "", ""),
        "no robot_description",
        "/task",
        "Record it too");
    Refusal.of(
        ReplayException.class,
        () -> new BagOptions(Map.of(), Map.of("camera", "/x"), BagOptions.NONE.alignment()),
        "--topic camera is not known",
        "--camera");
  }
}
