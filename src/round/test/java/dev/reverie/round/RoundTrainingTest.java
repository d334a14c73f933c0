package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The world model that a round goes on from, where earlier versions have left one. */
class RoundTrainingTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Path out;
  private final Path left;
  private final Path first;
  private final RoundTraining training;

  RoundTrainingTest(@TempDir Path folder) throws IOException {
    out = folder.resolve("rounds/0002");
    left = Files.createDirectories(folder.resolve("rounds/0001/next"));
    first = Files.createDirectories(folder.resolve("models"));
    training =
        new RoundTraining(
            out,
            folder.resolve("cache"),
            1,
            new TrainerSettings(Optional.empty(), Optional.empty()),
            new Console(new PrintStream(said, true, StandardCharsets.UTF_8), false),
            (_, _) -> {});
  }

  @Test
  void aWorldModelThatTellsWhatItHasLearnedFromIsGoneOnWith() throws IOException {
    Files.writeString(left.resolve("split.json"), "{}");
    assertEquals(left, training.beginning(left, first));
    assertEquals("", said.toString(StandardCharsets.UTF_8));
  }

  @Test
  void oneThatDoesNotIsAlignedAnewFromTheFirstAndThatIsSaid() throws IOException {
    assertEquals(first, training.beginning(left, first));
    String told = said.toString(StandardCharsets.UTF_8);
    assertTrue(told.contains("an earlier version left " + left + ", without the split.json"), told);
    assertTrue(told.contains("no audit of it could be believed"), told);
    work("world_model.resume.safetensors", "");
    work("split.json", "{\"bySeed\": false}"); // as this version leaves it before any stage
    assertEquals(first, training.beginning(left, first), "a stopped round goes on with the same");
  }

  @Test
  void aTrainingThatAnEarlierVersionBeganGoesOnWithWhatItBeganWith() throws IOException {
    work("world_model.safetensors", "");
    assertEquals(left, training.beginning(left, first));
    work("split.json", "{\"bySeed\": true}"); // left when this version went on with it
    assertEquals(left, training.beginning(left, first));
  }

  private void work(String file, String text) throws IOException {
    Files.writeString(Files.createDirectories(out.resolve("training")).resolve(file), text);
  }
}
