package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.SafetyEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bag that was recorded before {@code limits} and {@code why} were appended. */
class EarlierVersionTest {
  private static final String SENTENCE = "position of elbow: 3.1000 to 2.8000 rad";

  private final Path bag;

  EarlierVersionTest(@TempDir Path folder) throws Exception {
    bag = Files.createDirectory(folder.resolve("earlier"));
    Path recorded = Path.of(Objects.requireNonNull(getClass().getResource("/earlier")).toURI());
    try (Stream<Path> files = Files.list(recorded)) {
      for (Path file : files.toList()) {
        Files.copy(file, bag.resolve(file.getFileName()));
      }
    }
  }

  @Test
  void itsEpisodeIsReadWithTheFieldsOfThenAndTheNewOnesEmpty() {
    Episode episode = Episode.read(bag);
    assertEquals(4, episode.steps().size());
    assertTrue(episode.outcome().success());
    Command limited = episode.steps().get(1).command();
    assertEquals(List.of(SENTENCE), limited.clamped());
    assertArrayEquals(new byte[0], limited.limits());
    assertEquals(Command.POLICY, limited.source());
    assertTrue(episode.steps().get(3).held());
  }

  @Test
  void itsMessagesDecodeForWhoReadsThemOneByOne() {
    BagMessages messages = BagMessages.open(bag);
    List<Command> commands = new ArrayList<>();
    messages.forEach(
        Set.of("/robot/command"), message -> commands.add(Command.TYPE.decode(message.data())));
    assertEquals(4, commands.size());
    List<SafetyEvent> events = new ArrayList<>();
    messages.forEach(
        Set.of("/robot/safety_event"),
        message -> events.add(SafetyEvent.TYPE.decode(message.data())));
    assertEquals(SENTENCE, events.getFirst().reason());
    assertEquals(new Hold(), events.getLast().why());
  }

  @Test
  void itCanBeVerifiedAndLabelled() {
    assertEquals(List.of(), Rollouts.verify(bag));
    Rollouts.label(bag, EpisodeOutcome.Kind.FAILURE, "ada", "it slipped");
    assertEquals(EpisodeOutcome.Kind.FAILURE, Episode.read(bag).outcome().kind());
    assertEquals(List.of(), Rollouts.verify(bag));
  }
}
