package dev.reverie.trainer.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.Piece;
import dev.reverie.rollout.Step;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedChunksTest extends LibtorchTest {
  private static final String POLICY = "a".repeat(64);

  private static RecordedChunks.Asked asked(boolean told) {
    return new RecordedChunks.Asked(POLICY, 1, Examples.HORIZON, 2, told);
  }

  /** The same whose first chunk took over at its second action. */
  private static Episode ahead(Episode episode) {
    Piece first = episode.pieces().getFirst();
    List<Step> steps =
        first.steps().stream()
            .map(
                step ->
                    new Step(
                        step.observation(),
                        step.action(),
                        step.command().withAction(step.command().action() + 1)))
            .toList();
    return new Episode(
        episode.id(),
        episode.bag(),
        episode.instruction(),
        episode.source(),
        episode.policyId(),
        episode.temperature(),
        episode.seed(),
        episode.outcome(),
        episode.cameras(),
        episode.jointNames(),
        List.of(new Piece(steps, first.last(), first.unseen())),
        episode.alone(),
        episode.gaps(),
        episode.chunks());
  }

  @Test
  void aChunkOfAPolicyThatWasToldOfActionsIsRefused(@TempDir Path folder) throws Exception {
    Dataset data = Examples.episodes("r", 1, POLICY);
    Bags.write(folder, data, List.of("slide", "lift"), Examples.HORIZON);
    Map<String, Episode> recorded = new HashMap<>();
    Map<String, Episode> late = new HashMap<>();
    try (Stream<Path> bags = Files.list(folder)) {
      bags.forEach(
          bag -> {
            Episode episode = EpisodeReader.open(bag, Alignment.DEFAULT).readWithoutPictures();
            recorded.put(episode.id(), episode);
            late.put(episode.id(), ahead(episode));
          });
    }
    var chunks = RecordedChunks.of(data, recorded, asked(true));
    assertEquals(0, chunks.first().sum().item_long(), "all of its own");
    assertEquals(
        chunks.first().size(0),
        RecordedChunks.of(data, late, asked(false)).first().sum().item_long());
    Refusal.of(
        TrainerException.class,
        () -> RecordedChunks.of(data, late, asked(true)),
        "the policy was told of 1 actions when it made chunk 0",
        "lock_step:=true");
  }
}
