package dev.reverie.lerobot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.Task;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.RecordedObservation;
import dev.reverie.rollout.Rollouts;
import dev.reverie.rollout.Step;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rollouts into a dataset and back. */
class RoundTripTest {
  /** The least likeness that a smooth picture of 64x48 keeps on its way through a video. */
  private static final double VIDEO_DB = 36;

  private static final DatasetWriter.FileLimits SMALL_FILES =
      new DatasetWriter.FileLimits(100, 100);

  private final Path folder;

  RoundTripTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void aRolloutComesBackFromADatasetOfPngsAsItWas() {
    Path rollouts = threeRollouts();
    export(rollouts, "dataset", false, DatasetWriter.FileLimits.LEROBOT);
    Import.Result result = importAll("dataset", "back");
    assertEquals(new Import.Result(3, 9 + 6 + 12, 0), result);
    compare(rollouts, 99);
  }

  @Test
  void aVideoKeepsPicturesWithin36DbAndAllNumbersAsTheyWere() {
    Path rollouts = threeRollouts();
    export(rollouts, "dataset", true, DatasetWriter.FileLimits.LEROBOT);
    importAll("dataset", "back");
    compare(rollouts, VIDEO_DB);
  }

  @Test
  void aDatasetOfManyFilesComesBackToo() throws Exception {
    Path rollouts = threeRollouts();
    for (boolean videos : List.of(true, false)) {
      String dataset = videos ? "videos" : "pngs";
      export(rollouts, dataset, videos, SMALL_FILES);
      List<String> files =
          Folders.hashes(folder.resolve(dataset)).keySet().stream()
              .filter(name -> name.contains("chunk-"))
              .toList();
      assertTrue(files.contains("data/chunk-000/file-002.parquet"), files.toString());
      assertEquals(
          videos,
          files.contains("videos/observation.images.wrist/chunk-000/file-002.mp4"),
          files.toString());
      importAll(dataset, "back from " + dataset);
    }
    compare(rollouts, folder.resolve("back from videos"), VIDEO_DB);
    compare(rollouts, folder.resolve("back from pngs"), 99);
  }

  @Test
  void theSameRolloutsGiveTheSameBytes() throws Exception {
    Path rollouts = threeRollouts();
    for (boolean videos : List.of(true, false)) {
      export(rollouts, "one" + videos, videos, DatasetWriter.FileLimits.LEROBOT);
      export(rollouts, "two" + videos, videos, DatasetWriter.FileLimits.LEROBOT);
      assertEquals(
          Folders.hashes(folder.resolve("one" + videos)),
          Folders.hashes(folder.resolve("two" + videos)));
    }
    assertNotEquals(
        Folders.hashes(folder.resolve("onetrue")), Folders.hashes(folder.resolve("onefalse")));
  }

  private Path threeRollouts() {
    Path rollouts = folder.resolve("rollouts with a space");
    RecordedArm.SMALL.record(rollouts, "a");
    RecordedArm.SMALL
        .withSteps(6)
        .withTask("über den Tisch, 手", EpisodeOutcome.Kind.FAILURE)
        .record(rollouts, "b");
    RecordedArm.SMALL
        .withSteps(12)
        .withTask("reach the red ball", EpisodeOutcome.Kind.UNLABELLED)
        .record(rollouts, "c");
    return rollouts;
  }

  private void export(
      Path rollouts, String dataset, boolean videos, DatasetWriter.FileLimits limits) {
    List<String> told = new ArrayList<>();
    Export.Result result =
        new Export(videos, 0, Set.of(), "", limits)
            .run(List.of(rollouts), folder.resolve(dataset), told::add);
    assertEquals(new Export.Result(3, 10 + 7 + 13, 0), result);
    assertEquals(List.of(), told);
  }

  private Import.Result importAll(String dataset, String rollouts) {
    List<String> told = new ArrayList<>();
    Import options =
        new Import(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            List.of(),
            Set.of(),
            Optional.empty(),
            new LinkedHashMap<>(),
            1,
            Optional.empty(),
            false);
    Import.Result result =
        options.run(folder.resolve(dataset), folder.resolve(rollouts), told::add);
    assertEquals(List.of(), told);
    return result;
  }

  private void compare(Path rollouts, double leastDb) {
    compare(rollouts, folder.resolve("back"), leastDb);
  }

  private void compare(Path rollouts, Path back, double leastDb) {
    List<Path> bags = Rollouts.bags(back);
    assertEquals(3, bags.size());
    for (Path bag : bags) {
      assertEquals(List.of(), Rollouts.verify(bag));
      Episode episode = Episode.read(bag);
      String configuration = EpisodeReader.open(bag, Alignment.DEFAULT).configuration();
      assertEquals(Optional.of(RecordedArm.TASK), Task.recorded(configuration, bag));
      Episode original = Episode.read(rollouts.resolve(episode.id()));
      assertEquals(original.instruction(), episode.instruction());
      assertEquals(original.source(), episode.source());
      assertEquals(original.policyId(), episode.policyId());
      assertEquals(original.temperature(), episode.temperature());
      assertEquals(original.seed(), episode.seed());
      assertEquals(original.outcome(), episode.outcome());
      assertEquals(original.cameras(), episode.cameras());
      assertEquals(original.jointNames(), episode.jointNames());
      assertEquals(original.steps().size(), episode.steps().size());
      for (int t = 0; t <= original.steps().size(); t++) {
        compare(original.observation(t), episode.observation(t), leastDb);
        if (t < original.steps().size()) {
          compare(original.steps().get(t), episode.steps().get(t));
        }
      }
    }
  }

  private static void compare(Step original, Step step) {
    assertEquals(original.held(), step.held());
    assertArrayEquals(original.action(), step.action());
    assertEquals(original.stampNanos(), step.stampNanos());
    assertArrayEquals(floats(original.command().positions()), floats(step.command().positions()));
    assertEquals(original.command().source(), step.command().source());
  }

  private static void compare(
      RecordedObservation original, RecordedObservation observation, double leastDb) {
    assertEquals(original.stampNanos(), observation.stampNanos());
    assertArrayEquals(floats(original.jointPositions()), floats(observation.jointPositions()));
    original
        .images()
        .forEach(
            (camera, image) -> {
              double db = psnr(image, Objects.requireNonNull(observation.images().get(camera)));
              assertTrue(db >= leastDb, () -> camera + ": " + db + " dB");
            });
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /** Peak signal to noise ratio, dB; 99 where the pictures are equal. */
  static double psnr(CameraImage one, CameraImage other) {
    assertEquals(one.width(), other.width());
    assertEquals(one.height(), other.height());
    double squares = 0;
    for (int i = 0; i < one.rgb().length; i++) {
      double difference = (one.rgb()[i] & 0xFF) - (other.rgb()[i] & 0xFF);
      squares += difference * difference;
    }
    return squares == 0 ? 99 : 10 * Math.log10(255.0 * 255.0 * one.rgb().length / squares);
  }
}
