package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Safetensors;
import dev.reverie.rollout.Rollouts;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.model.TrainedPart;
import dev.reverie.trainer.nn.LibtorchTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FinishedRoundTest extends LibtorchTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PRETRAIN =
      "pretrain --demonstrations D/demonstrations --out D/models";
  private static final String IMPROVE =
      "train improve --rollouts D/rollouts --demonstrations D/demonstrations --base D/models/base"
          + " --models D/models --work D/work --seed 3";
  private static final String AUDIT =
      "train audit --models D/models --work D/work --out D/audit.json --seed 3 --bundle";

  private final Path folder;
  private final RunCommands commands;

  FinishedRoundTest(@TempDir Path folder) {
    this.folder = folder;
    commands = new RunCommands(folder);
  }

  @Test
  void isTakenForNothingThatItWasNotMadeOf() throws IOException {
    Path settings = Files.writeString(folder.resolve("settings.json"), WmpoTest.TINY);
    Path task = Files.writeString(folder.resolve("task.json"), TrainCommandTest.TASK);
    commands.write("demonstrations", "d", 6, "");
    String pretrain = PRETRAIN + " --seed 3 --settings " + settings;
    commands.run(0, pretrain + " --task " + task);
    Path crop =
        Files.writeString(
            folder.resolve("crop.json"),
            TrainCommandTest.TASK.replace("\"width\": 1,", "\"width\": 0.5,"));
    theModelsOfAnotherRunAreRefusedBeforeABagIsRead(pretrain, task, crop);
    commands.refused(pretrain + " --image-tolerance 0.5 --task " + task, "belongs to another run");
    settings("other.json", "\"vae\": {\"steps\": 30", "\"vae\": {\"steps\": 31");
    commands.refused(
        PRETRAIN + " --seed 3 --settings D/other.json --task " + task,
        "vae.steps was 30 and is 31",
        "made anew: vae, world_model.");

    String base = commands.bundle("models/base").id();
    commands.write("rollouts", "r", 8, base);
    String improve = IMPROVE + " --settings " + settings;
    commands.run(0, improve + " --out D/improved");
    everyStageSaysItsSettings();
    otherSettingsAreToldAtTheStart();

    commands.refused(
        AUDIT + " D/models/base --bags D/rollouts", "is one that the round was trained on");
    String improved = commands.bundle("improved").id();
    commands.write("fresh", "f", 6, improved);
    String audit = AUDIT + " D/improved --bags D/fresh";
    commands.run(0, audit);
    changed(round -> round.putObject("settings").putObject("audit").put("control", 50.0));
    commands.run(3, audit);
    assertTrue(JSON.readTree(folder.resolve("audit.json").toFile()).at("/collapsed").asBoolean());
    changed(round -> round.remove("reward_classifier"));
    commands.refused(audit, "does not tell the threshold");
    Files.writeString(folder.resolve("work/improve.json"), "{\"seed\": 3,");
    commands.refused(audit, "cannot be read as JSON");

    Path moved = Rollouts.bags(folder.resolve("rollouts")).getFirst();
    Files.move(moved, folder.resolve("demonstrations/z-" + moved.getFileName()));
    commands.refused(improve + " --out D/again", "belongs to another run");
  }

  private void theModelsOfAnotherRunAreRefusedBeforeABagIsRead(
      String pretrain, Path task, Path crop) throws IOException {
    commands.write("others", "o", 6, "");
    for (Path bag : Rollouts.bags(folder.resolve("others"))) {
      try (Stream<Path> files = Files.list(bag)) {
        Path file = files.filter(f -> f.toString().endsWith(".mcap")).findFirst().orElseThrow();
        Files.write(file, new byte[20]); // else this would be what is refused
      }
    }
    String others = pretrain.replace("D/demonstrations", "D/others") + " --task ";
    commands.refused(others + crop, "was made for");
    commands.refused(others + task, "of the 6 recordings that it was made of 6 are not in");
    commands.refused(others.replace("--seed 3", "--seed 4") + task, "belongs to another run");
  }

  /** Holds what is compared at the start against what the results say; nothing is missing. */
  private void everyStageSaysItsSettings() throws IOException {
    BundleSpec spec = commands.bundle("models/base").spec();
    Settings settings = Settings.DEFAULT.read(folder.resolve("settings.json"));
    int stages = 0;
    for (StageInputs stage : StageInputs.ofRound(settings, spec)) {
      Path file = folder.resolve("work/%s.safetensors".formatted(stage.stage()));
      if (Files.exists(file)) {
        String about = Safetensors.open(file).metadata().getOrDefault("about", "");
        String rest = about.replaceFirst("Config\\[.*?\\] of ", "of ");
        for (Object part : stage.settings()) {
          boolean usual = part.equals(TrainedPart.DEFAULT) || part instanceof Steps;
          if (part instanceof Record && !usual) {
            assertTrue(about.contains(part.toString()), part + " in " + about);
            rest = rest.replace(part.toString(), "");
          }
        }
        rest = rest.replaceAll("(Alignment|Rewarded)\\[.*?\\]", "");
        assertFalse(rest.contains("["), rest);
        stages++;
      }
    }
    assertEquals(4, stages);
  }

  private void otherSettingsAreToldAtTheStart() throws IOException {
    byte[] before = Files.readAllBytes(folder.resolve("work/settings.json"));
    settings("other.json", "\"alignSteps\": 5", "\"alignSteps\": 6, \"ensemble\": 2");
    commands.refused(
        IMPROVE + " --settings D/other.json --out D/again",
        "worldModel.alignSteps was 5 and is 6",
        "worldModel.ensemble was 1 and is 2",
        "made anew: world_model, reward_classifier, grpo.",
        "--remake");
    assertArrayEquals(before, Files.readAllBytes(folder.resolve("work/settings.json")));

    settings("other.json", "{\"recall\": 0,", "{\"recall\": 0, \"threshold\": 0.7,");
    commands.refused(
        IMPROVE + " --settings D/other.json --out D/again",
        "gate.threshold was 0.6 and is 0.7",
        "made anew: grpo.");

    Files.delete(folder.resolve("work/grpo.safetensors"));
    String reward = IMPROVE.replace("improve", "reward") + " --settings D/other.json";
    settings("other.json", "\"iterations\": 2", "\"iterations\": 3");
    commands.run(0, reward); // practice is not there any more

    byte[] worldModel = result("world_model");
    byte[] classifier = result("reward_classifier");
    settings("other.json", "\"steps\": 60", "\"steps\": 61");
    commands.run(0, reward + " --remake");
    assertArrayEquals(worldModel, result("world_model"));
    assertFalse(Arrays.equals(classifier, result("reward_classifier")));
    settings("other.json", "\"steps\": 60", "\"steps\": 60");
    commands.run(0, reward + " --remake");
    assertArrayEquals(classifier, result("reward_classifier"));
  }

  private byte[] result(String stage) throws IOException {
    return Files.readAllBytes(folder.resolve("work/%s.safetensors".formatted(stage)));
  }

  private void settings(String name, String old, String now) throws IOException {
    assertTrue(WmpoTest.TINY.contains(old), old);
    Files.writeString(folder.resolve(name), WmpoTest.TINY.replace(old, now));
  }

  private void changed(Consumer<ObjectNode> change) throws IOException {
    Path file = folder.resolve("work/improve.json");
    ObjectNode round = (ObjectNode) JSON.readTree(file.toFile());
    change.accept(round);
    JSON.writeValue(file.toFile(), round);
  }
}
