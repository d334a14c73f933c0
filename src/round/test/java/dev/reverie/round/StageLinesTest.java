package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StageLinesTest {
  private final List<String> shown = new ArrayList<>();
  private long seconds;
  private final StageLines lines =
      new StageLines(() -> seconds * 1_000_000_000L, line -> shown.add(line.strip()));

  @Test
  void aStagesBeginAndEndAreShownAndALineEveryTenSecondsInBetween() {
    lines.accept("stage world_model begin");
    for (int step = 0; step <= 5; step++) {
      seconds = 4L * step;
      lines.accept("stage world_model %d/5 loss 0.0%d".formatted(step, step));
    }
    lines.accept("stage world_model end 20.1 s");
    assertEquals(List.of("world model", "world model 3/5 loss 0.03", "world model: 20.1 s"), shown);
  }

  @Test
  void linesThatTellOfNoStageStayInTheLog() {
    lines.accept("stage reading begin");
    lines.accept("628 episodes: 0 from the cache, 628 decoded; 0 skipped");
    lines.accept("stage fright");
    lines.accept("\tat dev.reverie.trainer.TrainCommand.main(TrainCommand.java:40)");
    assertEquals(List.of("reading"), shown);
  }
}
