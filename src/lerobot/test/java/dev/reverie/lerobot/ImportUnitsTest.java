package dev.reverie.lerobot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.importer.JointUnit;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.Rollouts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Imports a dataset in units that are told, or are not. */
class ImportUnitsTest extends ImportOfOneDataset {
  ImportUnitsTest(@TempDir Path folder) {
    super(folder);
  }

  @Test
  void theUnitOfADatasetThatDoesNotTellItIsAskedFor() throws Exception {
    Options options = options();
    options.unit = Optional.empty();
    assertRefused(
        options,
        "of robot_type 'so101_follower' does not tell the unit of its joints",
        "degrees or -100 to 100",
        "--unit deg",
        "--joint-unit elbow_flex=-100..100:LOWER..UPPER (-7.5 to 0)");
    options.jointUnits = Map.of("shoulder_pan", "-100..100:-1.5..1.5", "elbow_flex", "deg");
    run(options);
    Episode episode = Episode.read(Rollouts.bags(folder.resolve("rollouts")).get(1));
    double[] parts = {10 + 1.5, -0.75};
    double[] expected = {parts[0] * 0.015, Math.toRadians(parts[1])};
    assertArrayEquals(expected, episode.observation(1).jointPositions(), 1e-6);
  }

  @Test
  void numbersWithinATurnAreTakenAsRadAndThatIsTold() throws Exception {
    writeExtremes("[-0.75, 0.0]", "[1.25, 6.25]");
    Options options = options();
    options.unit = Optional.empty();
    try (var reader = new DatasetReader(dataset)) {
      JointUnits units = ImportPlan.of(reader, options.build()).units();
      assertEquals(List.of(JointUnit.RAD, JointUnit.RAD), units.each());
    }
    options.clamp = true;
    // these statistics lie, and the data say so
    assertRefused(options, "has 13.00 for 'shoulder_pan'", "give --unit deg");
    assertTrue(
        told.getFirst().contains("taken as rad, since none of their numbers (-0.75 to 6.25)"),
        told::toString);
  }

  @Test
  void withoutStatisticsTheDataSayWhatTheNumbersAre() throws Exception {
    Files.delete(dataset.resolve("meta/stats.json"));
    Options options = options();
    options.unit = Optional.empty();
    assertRefused(options, "--joint-unit elbow_flex=-100..100:LOWER..UPPER (-7.5 to 0)");
  }

  @Test
  void oneNumberBeyondATurnAsksForTheUnitOfAll() throws Exception {
    writeExtremes("[-0.75, 0.0]", "[1.25, 6.5]");
    Options options = options();
    options.unit = Optional.empty();
    assertRefused(options, "does not tell the unit of its joints", "(-0.75 to 1.25)");
  }

  private void writeExtremes(String least, String greatest) throws Exception {
    Files.writeString(
        dataset.resolve("meta/stats.json"),
        "{\"observation.state\": {\"min\": %s, \"max\": %s}}".formatted(least, greatest));
  }

  @Test
  void theUnitOfAGripperIsAskedForByItself() throws Exception {
    Options options = options();
    options.joints = List.of("shoulder_pan", "gripper");
    assertRefused(
        options,
        "does not tell the unit of a gripper",
        "--joint-unit gripper=0..100:LOWER..UPPER (-7.5 to 0)");
    options.jointUnits = Map.of("gripper", "0..1:0..0.04");
    assertRefused(options, "has -7.500 for 'gripper'", "give the range that it has");
    options.jointUnits = Map.of("grip", "deg");
    assertRefused(options, "--joint-unit names 'grip'", "'gripper'");
    options.jointUnits = Map.of("gripper", "percent");
    assertRefused(options, "--joint-unit gripper is 'percent'", "FROM..TO:LOWER..UPPER");
    options.jointUnits = Map.of("gripper", "deg");
    options.continuous = Set.of("wrist");
    assertRefused(options, "--continuous names 'wrist'", "nearest");
  }

  @Test
  void partsOfARangeAreNotTakenForDegrees() throws Exception {
    Path stats = dataset.resolve("meta/stats.json");
    String text = Files.readString(stats);
    int state = text.indexOf("\"observation.state\"");
    int max = text.indexOf("\"max\"", state);
    String parts =
        text.substring(0, max) + text.substring(max).replaceFirst("\\[\\s*[-0-9.]+,", "[100.0,");
    Files.writeString(stats, parts);
    Options options = options();
    assertRefused(options, "[shoulder_pan] reach exactly 100", "--joint-unit shoulder_pan=deg");
    options.jointUnits = Map.of("shoulder_pan", "deg");
    run(options);
  }
}
