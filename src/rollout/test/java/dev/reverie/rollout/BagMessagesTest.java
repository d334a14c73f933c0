package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.sensor_msgs.JointState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BagMessagesTest {
  private final Path folder;

  BagMessagesTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void messagesComeInTheirOrderAsTheyWereRecorded() {
    BagMessages bag = BagMessages.open(RecordedArm.episode(folder, "one", 3));
    assertEquals("sensor_msgs/msg/JointState", bag.types().get("/joint_states"));
    List<BagMessages.Message> messages = new ArrayList<>();
    bag.forEach(Set.of("/joint_states"), messages::add);
    assertEquals(4, messages.size());
    for (int t = 0; t < 4; t++) {
      assertEquals(RecordedArm.stamp(t), messages.get(t).logNanos());
      assertArrayEquals(
          RecordedArm.positions(t), JointState.TYPE.decode(messages.get(t).data()).position());
    }
  }

  @Test
  void anEpisodeCanBeReadWithoutItsPictures() {
    Path bag = RecordedArm.episode(folder, "one", 5);
    Episode episode = EpisodeReader.open(bag, Alignment.DEFAULT).readWithoutPictures();
    assertEquals(5, episode.steps().size());
    assertTrue(episode.steps().getFirst().images().isEmpty());
    assertArrayEquals(RecordedArm.positions(5), episode.last().jointPositions());
  }

  @Test
  void whatIsNoBagIsRefused() {
    assertThrows(EpisodeException.class, () -> BagMessages.open(folder.resolve("nothing")));
  }
}
