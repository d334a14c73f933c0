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
    for (int step = 0; step <= 5; step++) {
      seconds = 4L * step;
      lines.accept("world_model      %d/5  loss 0.0%d  %d s left".formatted(step, step, 20 - step));
    }
    assertEquals(
        List.of(
            "world model 0/5 loss 0.00, 20 s left",
            "world model 3/5 loss 0.03, 17 s left",
            "world model 5/5 loss 0.05, 15 s left"),
        shown);
  }

  @Test
  void aStageThatComesTwiceIsShownTwiceAndOtherLinesStayInTheLog() {
    lines.accept("reading          1/2  out/demo/demonstrations  ");
    lines.accept("reading          2/2  out/demo/demonstrations  3 s");
    lines.accept("628 episodes: 0 from the cache, 628 decoded; 0 skipped");
    lines.accept("reading          1/8  out/demo/rollouts  ");
    lines.accept("\tat dev.reverie.trainer.TrainCommand.main(TrainCommand.java:40)");
    assertEquals(
        List.of(
            "reading 1/2 out/demo/demonstrations",
            "reading 2/2 out/demo/demonstrations, 3 s",
            "reading 1/8 out/demo/rollouts"),
        shown);
  }
}
