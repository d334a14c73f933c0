package dev.reverie.trainer.imagination;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.trainer.imagination.Environment.Start;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupLogTest extends LibtorchTest {
  private static final List<Start> STARTS =
      List.of(new Start("first", 0, "lift \"red\""), new Start("second", 8, "lift blue"));

  private final Tensor success = Torch.of(new float[] {1, 0, 1, 1}, 2, 2);
  private final Tensor whole = Torch.of(new float[] {1, 1, 1, 1}, 2, 2);
  private final Tensor advantage = Torch.of(new float[] {0.70710677f, -0.70710677f, 0, 0}, 2, 2);
  private final Path folder;
  private final Path file;

  GroupLogTest(@TempDir Path folder) {
    this.folder = folder;
    file = folder.resolve("groups.jsonl");
  }

  @Test
  void aLineTellsWhereAGroupStartsHowItEndedAndWhatIsLearnedFromIt() throws IOException {
    GroupLog log = new GroupLog(folder, GroupLog.MOST_BYTES);
    log.write(0, 0, STARTS, success, whole, advantage);
    log.write(0, 1, STARTS, success, Torch.of(new float[] {1, 1, 0, 0.5f}, 2, 2), advantage);
    assertEquals(
        List.of(
            """
            {"step":0,"draw":0,"episode":"first","frame":0,"instruction":"lift \\"red\\"","success":[1,0],"advantage":[0.7071,-0.7071]}""",
            """
            {"step":0,"draw":0,"episode":"second","frame":8,"instruction":"lift blue","success":[1,1],"advantage":[0.0,0.0]}""",
            """
            {"step":0,"draw":1,"episode":"first","frame":0,"instruction":"lift \\"red\\"","success":[1,0],"advantage":[0.7071,-0.7071]}""",
            """
            {"step":0,"draw":1,"episode":"second","frame":8,"instruction":"lift blue","success":[1,1],"advantage":[0.0,0.0],"trusted":[0.0,0.5]}"""),
        Files.readAllLines(file));
  }

  @Test
  void aRunThatGoesOnWritesNoGroupTwice() throws IOException {
    GroupLog stopped = new GroupLog(folder, GroupLog.MOST_BYTES);
    for (int step = 0; step < 5; step++) {
      stopped.write(step, 0, STARTS, success, whole, advantage);
    }
    Files.writeString(file, "{\"step\": 1, \"epis", StandardOpenOption.APPEND); // a crash
    GroupLog again = new GroupLog(folder, GroupLog.MOST_BYTES);
    again.write(3, 0, STARTS, success, whole, advantage);
    again.write(4, 0, STARTS, success, whole, advantage);
    List<String> lines = Files.readAllLines(file);
    assertEquals(10, lines.size());
    for (int i = 0; i < lines.size(); i++) {
      assertTrue(lines.get(i).startsWith("{\"step\":%d,".formatted(i / 2)), lines.get(i));
    }
  }

  @Test
  void theFileIsBoundedAndKeepsTheNewestGroups() throws IOException {
    GroupLog log = new GroupLog(folder, 10_000);
    for (int step = 0; step < 500; step++) {
      log.write(step, 0, STARTS, success, whole, advantage);
      assertTrue(Files.size(file) <= 10_000);
    }
    List<String> lines = Files.readAllLines(file);
    assertTrue(lines.getLast().startsWith("{\"step\":499,"), lines.getLast());
    assertTrue(lines.size() > 30, lines.size() + " lines");
  }
}
