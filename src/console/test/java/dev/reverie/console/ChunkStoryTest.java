package dev.reverie.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.console.ChunkStory.Playing;
import dev.reverie.console.ChunkStory.Rest;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.std_msgs.Header;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Messages as a robot node sends them; stamps are numbers of ticks. */
class ChunkStoryTest {
  private final ChunkStory story = new ChunkStory();

  private static Header at(int tick) {
    return new Header().withStamp(Stamps.time(100_000_000L * tick));
  }

  private void chunk(int tick, int index) {
    story.heard(chunkOf(tick, index).withObservationStamps(List.of(at(tick).stamp())), 0);
  }

  private static ActionChunk chunkOf(int tick, int index) {
    return new ActionChunk()
        .withHeader(at(tick))
        .withEpisodeId("e")
        .withIndex(index)
        .withSource(Command.POLICY)
        .withPeriod(Stamps.duration(100_000_000L))
        .withHorizon(4);
  }

  private void command(int tick, int chunk, int action, String source) {
    story.heard(
        new Command()
            .withHeader(at(tick))
            .withEpisodeId("e")
            .withTick(tick)
            .withChunk(chunk)
            .withAction(action)
            .withSource(source),
        0);
  }

  private void sent(int tick, int chunk, int action) {
    command(tick, chunk, action, Command.POLICY);
  }

  private Playing playing() {
    return story.playing(0).orElseThrow();
  }

  private static List<Long> ticks(Playing playing) {
    return playing.done().stream().map(command -> (long) command.tick()).toList();
  }

  private static String said(Optional<Rest> rest) {
    return rest.map(r -> r.chunk().index() + " from " + r.from()).orElse("none");
  }

  @Test
  void aChunkPlaysFromItsFirstActionToItsLastAndTheNextOneComes() {
    chunk(0, 0);
    assertEquals("none", said(playing().plays()));
    assertEquals("0 from 0", said(playing().next()));
    sent(0, 0, 0);
    sent(1, 0, 1);
    assertEquals("0 from 2", said(playing().plays()));
    assertEquals("none", said(playing().next()));
    assertEquals(List.of(0L, 1L), ticks(playing()));
    sent(2, 0, 2);
    chunk(2, 1); // of what tick 2 saw, which action 2 answered: its own first one is overtaken
    assertEquals("0 from 3", said(playing().plays()));
    assertEquals("1 from 1", said(playing().next()));
    sent(3, 0, 3);
    assertEquals("1 from 2", said(playing().next()));
    sent(4, 1, 2);
    assertEquals("1 from 3", said(playing().plays()));
    assertEquals(List.of(3L, 4L), ticks(playing())); // with where it took over
  }

  @Test
  void holdsCarryOutNothingAndNothingIsDrawnMeanwhile() {
    chunk(0, 0);
    sent(0, 0, 0);
    chunk(0, 1);
    command(1, 0, 0, Command.HOLD);
    assertTrue(story.playing(0).isEmpty());
    sent(2, 0, 1);
    assertEquals("0 from 2", said(playing().plays()));
    assertEquals("1 from 2", said(playing().next()));
    command(3, 2, 0, Command.TELEOP);
    assertTrue(story.playing(0).isEmpty(), "a person acts");
  }

  @Test
  void ofChunksThatAreMixedTheNewestIsShownByWhatCameAfterWhatItSaw() {
    chunk(0, 0);
    story.heard(chunkOf(0, 1).withHorizon(1), 0); // what they agreed on
    sent(0, 1, 0);
    chunk(1, 2);
    story.heard(chunkOf(1, 3).withHorizon(1), 0);
    sent(1, 3, 0);
    story.heard(chunkOf(2, 4).withHorizon(1), 0);
    sent(2, 4, 0);
    assertEquals("2 from 2", said(playing().plays()));
    assertEquals("none", said(playing().next()));
    assertEquals(List.of(0L, 1L, 2L), ticks(playing()));
  }

  @Test
  void aCommandOfAChunkThatIsNotHeardYetShowsNothing() {
    chunk(0, 0);
    sent(0, 0, 0);
    sent(1, 1, 0);
    assertTrue(story.playing(0).isEmpty());
    chunk(1, 1);
    assertEquals("1 from 1", said(playing().plays()));
  }

  @Test
  void nothingIsLeftOfAnEpisodeThatEndedOrWentSilent() {
    chunk(0, 0);
    sent(0, 0, 0);
    assertTrue(story.playing(900_000_000L).isPresent());
    assertTrue(story.playing(1_100_000_000L).isEmpty());
    story.ended();
    assertTrue(story.playing(0).isEmpty());
  }
}
