package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.Rollouts;
import dev.reverie.trainer.data.Bags;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.nn.LibtorchTest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TrainCommandTest extends LibtorchTest {
  static final List<String> JOINTS = List.of("slide", "lift");
  static final String TASK =
      """
      {"cameras": [{"name": "camera", "width": 48, "height": 48, "rectify": false,
                    "crop": {"x": 0, "y": 0, "width": 1, "height": 1}}],
       "joint_names": ["slide", "lift"],
       "action_space": {"kind": "joint_deltas", "joints": ["slide", "lift"],
                        "scale_rad": [0.1, 0.1]},
       "chunk": {"horizon": 4, "period_s": 0.1},
       "head": {"kind": "tokens", "bins": 5}}
      """;

  /** Enough for groups of which not all end alike. */
  static final String LONGER =
      WmpoTest.TINY
          .replace("\"steps\": 60", "\"steps\": 200")
          .replace("\"steps\": 30", "\"steps\": 200")
          .replace("\"alignSteps\": 5", "\"alignSteps\": 150")
          .replace("\"groups\": 4", "\"groups\": 16");

  private final Path folder;
  private final StringWriter errors = new StringWriter();

  TrainCommandTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void demonstrationsBecomeModelsAndRolloutsAChildOfTheBasePolicy() throws IOException {
    Path settings = Files.writeString(folder.resolve("settings.json"), WmpoTest.TINY);
    Path task = Files.writeString(folder.resolve("task.json"), TASK);
    PolicyBundle base = pretrained(task, settings);
    assertEquals(List.of("go", "right"), base.spec().language().words());
    Bags.write(folder.resolve("rollouts"), Examples.episodes("r", 8, base.id()), JOINTS, 4);
    String camera = base.spec().cameras().getFirst().name();
    assertEquals(Set.of(camera), base.pictures().keySet());

    run(
        0,
        "train improve --rollouts D/rollouts --demonstrations D/demonstrations --base"
            + " D/models/base --models D/models --work D/work --out D/improved --seed 3"
            + " --settings %s",
        settings);
    PolicyBundle improved = PolicyBundle.load(folder.resolve("improved"));
    assertEquals(base.id(), improved.spec().lineage().parent());
    assertEquals(8, improved.spec().lineage().rollouts().size());
    assertEquals(new BundleSpec.Measured(4, 8), improved.spec().lineage().measured());
    assertEquals(base.pictures(), improved.pictures());
    JsonNode report = new ObjectMapper().readTree(folder.resolve("work/improve.json").toFile());
    assertTrue(report.at("/imagined/before").isNumber());
    assertTrue(report.at("/imagined/after").isNumber());
    assertEquals(improved.id(), report.at("/improved").asText());
    assertEquals(4, report.at("/rollouts/successes").asInt());
    assertTrue(report.at("/seconds/grpo").asDouble() > 0);
    double without = report.at("/practice/groups_without_gradient").asDouble();
    assertTrue(without >= 0 && without < 1, report.toString());
    assertTrue(report.at("/practice/distrusted_update").isNumber());
    assertTrue(report.at("/audit/gap/low").isNumber());
    assertEquals(14, report.at("/read/decoded").asInt());
    assertEquals(0, report.at("/skipped").size());
    assertTrue(Files.isDirectory(folder.resolve("work/cache")));

    run(
        1,
        "train improve --rollouts D/rollouts --demonstrations D/demonstrations --base"
            + " D/models/base --models D/models --work D/work --out D/again --seed 4 --settings %s",
        settings);
    assertTrue(errors.toString().contains("belongs to another run"), errors.toString());
    assertTrue(Files.notExists(folder.resolve("again")));

    Bags.write(folder.resolve("fresh"), Examples.episodes("f", 6, improved.id()), JOINTS, 4);
    String audit = "train audit --models D/models --work D/work --out D/audit.json --seed 3";
    run(0, audit + " --bags D/fresh --bundle D/improved --starts 4");
    JsonNode audited = new ObjectMapper().readTree(folder.resolve("audit.json").toFile());
    assertEquals(4, audited.at("/audit/starts").asInt());
    assertEquals(8, audited.at("/audit/rollouts").asInt());
    assertEquals(0.5, audited.at("/audit/real/value").asDouble());
    assertTrue(audited.at("/believed").asBoolean());
    assertTrue(audited.at("/reward/byDepth").size() > 0);
    run(1, audit + " --bags D/fresh --bundle D/improved --starts 1");
    assertTrue(errors.toString().contains("an audit tells how sure it is from 2 on"));
    Bags.write(folder.resolve("of-a-person"), Examples.episodes("p", 2), JOINTS, 4);
    run(1, audit + " --bags D/of-a-person --bundle D/improved");
    assertTrue(errors.toString().contains("alone, a person acted in it"), errors.toString());
    run(1, audit + " --bags D/rollouts --bundle D/improved");
    assertTrue(errors.toString().contains("give the bags of the policy that is audited"));

    String judge = "train judge --models D/models --work D/work --out D/judged.json";
    run(0, judge + " --bags D/fresh --bundle D/improved");
    JsonNode judged = new ObjectMapper().readTree(folder.resolve("judged.json").toFile());
    assertEquals(6, judged.at("/episodes").size());
    double threshold = judged.at("/threshold").asDouble();
    assertTrue(threshold > 0 && threshold < 1, judged.toString());
    for (JsonNode episode : judged.at("/episodes")) {
      double probability = episode.at("/probability").asDouble();
      assertTrue(probability > 0 && probability < 1, episode.toString());
      assertEquals(probability > threshold, episode.at("/success").asBoolean());
    }

    for (String baseline : List.of("clone-successes", "clone-by-advantage", "dpo")) {
      run(
          0,
          "train %s --rollouts D/rollouts --demonstrations D/demonstrations --base D/models/base"
              + " --models D/models --work D/baseline --out D/%s --settings %s",
          baseline,
          baseline,
          settings);
      PolicyBundle other = PolicyBundle.load(folder.resolve(baseline));
      assertEquals(base.id(), other.spec().lineage().parent());
      assertNotEquals(base.id(), other.id());
    }

    imagine(folder.resolve("rollouts"));
    JsonNode imagined = new ObjectMapper().readTree(folder.resolve("imagined.json").toFile());
    assertEquals(improved.id(), imagined.at("/bundle").asText());
    assertEquals(8, imagined.at("/episodes").size());
    for (JsonNode episode : imagined.at("/episodes")) {
      assertEquals(1, episode.at("/beginning/rollouts").asInt());
      int keyframes = episode.at("/keyframes/rollouts").asInt();
      assertTrue(keyframes >= 1 && keyframes <= 2, episode.toString());
      assertTrue(episode.at("/keyframes/successes").asInt() <= keyframes, episode.toString());
    }
    assertEquals(6, imagined.at("/learned_from").asInt(), "2 of 8 are held out");
    long learned = 0;
    for (JsonNode episode : imagined.at("/episodes")) {
      learned += episode.path("learned_from").asBoolean() ? 1 : 0;
    }
    assertEquals(6, learned);
    byte[] first = Files.readAllBytes(folder.resolve("imagined.json"));
    imagine(folder.resolve("rollouts"));
    assertArrayEquals(first, Files.readAllBytes(folder.resolve("imagined.json")), "same seed");
  }

  @Test
  void aPolicyOfTwoCamerasIsPretrainedAndImproved() throws IOException {
    Path settings = Files.writeString(folder.resolve("settings.json"), LONGER);
    String side = TASK.substring(TASK.indexOf('{', 1), TASK.indexOf(']'));
    side =
        side.replace("\"camera\"", "\"side\"").replace("48, \"height\": 48", "24, \"height\": 32");
    Path task =
        Files.writeString(
            folder.resolve("task.json"), TASK.replaceFirst("}}]", "}}, " + side + "]"));
    Canvas canvas = Canvas.of(Examples.TWO_CAMERAS);
    Bags.write(
        folder.resolve("demonstrations"),
        Examples.episodes("d", 6, "", canvas),
        JOINTS,
        4,
        "",
        canvas);
    run(
        0,
        "pretrain --demonstrations D/demonstrations --out D/models --seed 3 --task %s --settings"
            + " %s",
        task,
        settings);
    PolicyBundle base = PolicyBundle.load(folder.resolve("models/base"));
    assertEquals(Examples.TWO_CAMERAS, base.spec().cameras());
    assertEquals(Set.of("camera", "side"), base.pictures().keySet());
    Bags.write(
        folder.resolve("rollouts"),
        Examples.episodes("r", 8, base.id(), canvas),
        JOINTS,
        4,
        "",
        canvas);
    run(
        0,
        "train improve --rollouts D/rollouts --demonstrations D/demonstrations --base D/models/base"
            + " --models D/models --work D/work --out D/improved --seed 3 --settings %s",
        settings);
    PolicyBundle improved = PolicyBundle.load(folder.resolve("improved"));
    assertEquals(base.spec().cameras(), improved.spec().cameras());
    assertNotEquals(base.id(), improved.id());

    run(
        0,
        "pretrain --demonstrations D/demonstrations --out D/one --camera side --task %s --settings"
            + " %s",
        task,
        settings);
    PolicyBundle one = PolicyBundle.load(folder.resolve("one/base"));
    assertEquals(List.of(Examples.TWO_CAMERAS.getLast()), one.spec().cameras());
  }

  @Test
  void ofALongChunkAFewActionsAreCarriedOut() throws IOException {
    round(100, "{\"executed\": 4, \"window\": 2}");
    JsonNode report = new ObjectMapper().readTree(folder.resolve("work/improve.json").toFile());
    assertEquals(0, report.at("/settings/imagination/delay").asInt(), "as measured");
    Bags.write(
        folder.resolve("fresh"),
        Examples.episodes("f", 6, PolicyBundle.load(folder.resolve("improved")).id()),
        JOINTS,
        4);
    run(
        0,
        "train audit --models D/models --work D/work --out D/audit.json --bags D/fresh --bundle"
            + " D/improved");
    imagine(folder.resolve("fresh"));
  }

  @Test
  void aPolicyMayGiveOneActionAtATimeAndSeeLate() throws IOException {
    round(1, "{}");
    run(
        1,
        "train dpo --rollouts D/rollouts --demonstrations D/demonstrations --base D/models/base"
            + " --models D/models --work D/late --out D/late-out --settings %s",
        Files.writeString(folder.resolve("late.json"), "{\"imagination\": {\"delay\": 1}}"));
    assertTrue(errors.toString().contains("imagination.executed"), errors.toString());
    assertTrue(errors.toString().contains("reverie train dpo: "), errors.toString());
  }

  @Test
  void aPolicyThatIsGivenLearnsFromTheDemonstrationsOrAPartOfItDoes() throws IOException {
    Path task = Files.writeString(folder.resolve("task.json"), TASK);
    run(0, "train untrained --task %s --instruction go_right --out D/untrained", task);
    PolicyBundle given = TokenizerPolicy.of(PolicyBundle.load(folder.resolve("untrained")));
    given.save(folder.resolve("given"));
    Bags.write(folder.resolve("demonstrations"), Examples.episodes("d", 6), JOINTS, 4);
    Path all = Files.writeString(folder.resolve("all.json"), WmpoTest.TINY);
    Path part =
        Files.writeString(
            folder.resolve("part.json"),
            WmpoTest.TINY.replaceFirst("\\{", "{\"policy\": {\"trained\": [\"logits.*\"]}, "));
    String command =
        "pretrain --policy D/given --demonstrations D/demonstrations --out D/%s --settings %s";
    for (Path settings : List.of(all, part)) {
      String name = settings.getFileName().toString();
      run(0, command, name + "-models", settings);
      PolicyBundle base = PolicyBundle.load(folder.resolve(name + "-models/base"));
      assertEquals(given.id(), base.spec().lineage().parent());
      assertEquals(settings.equals(part), same(given, base, "hidden.weight"));
      assertFalse(same(given, base, "logits.weight"));
      assertTrue(Files.exists(folder.resolve(name + "-models/world_model.safetensors")));
    }
    run(0, command, "all.json-models", all); // is done
    run(
        1,
        "pretrain --demonstrations D/demonstrations --out D/all.json-models --task %s --settings"
            + " %s",
        task,
        all);
    assertTrue(errors.toString().contains("and the policy " + given.id()), errors.toString());
    run(1, command + " --task %s", "other", all, task);
    assertTrue(errors.toString().contains("leave them out"), errors.toString());
  }

  private static boolean same(PolicyBundle one, PolicyBundle other, String weights) {
    return Arrays.equals(bytes(one, weights), bytes(other, weights));
  }

  private static byte[] bytes(PolicyBundle policy, String weights) {
    return Objects.requireNonNull(policy.weights().get(weights))
        .data()
        .toArray(ValueLayout.JAVA_BYTE);
  }

  private PolicyBundle pretrained(Path task, Path settings) throws IOException {
    Bags.write(folder.resolve("demonstrations"), Examples.episodes("d", 6), JOINTS, 4);
    run(
        0,
        "pretrain --demonstrations D/demonstrations --out D/models --seed 3 --task %s --settings"
            + " %s",
        task,
        settings);
    return PolicyBundle.load(folder.resolve("models/base"));
  }

  /** Pretrains and improves a policy whose chunks are of this length. */
  private void round(int chunk, String imagination) throws IOException {
    Path settings =
        Files.writeString(
            folder.resolve("settings.json"),
            LONGER.replaceFirst("\\{", "{\"imagination\": " + imagination + ", "));
    Path task =
        Files.writeString(
            folder.resolve("task.json"), TASK.replace("\"horizon\": 4", "\"horizon\": " + chunk));
    PolicyBundle base = pretrained(task, settings);
    assertEquals(chunk, base.spec().chunk().horizon());
    Bags.write(folder.resolve("rollouts"), Examples.episodes("r", 8, base.id()), JOINTS, 4);
    run(
        0,
        "train improve --rollouts D/rollouts --demonstrations D/demonstrations --base D/models/base"
            + " --models D/models --work D/work --out D/improved --seed 3 --settings %s",
        settings);
    assertNotEquals(base.id(), PolicyBundle.load(folder.resolve("improved")).id());
  }

  @Test
  void withoutATaskFileImportedBagsSayWhatThePolicySeesAndMoves() throws IOException {
    Path settings = Files.writeString(folder.resolve("settings.json"), WmpoTest.TINY);
    String task = TASK.replaceFirst(",\\s*\"head\".*}}", "}");
    String imported =
        """
        {"imported_from": {"format": "rosbag2", "bag": "lab", "mapping": "mapping.yaml",
                           "arm": "two", "begin_nanos": 1, "end_nanos": 2},
         "task": %s, "cameras": {"camera": "/camera/image_raw"},
         "arm": {"name": "two", "joints": ["slide", "lift"],
                 "cameras": {"camera": {"width": 48, "height": 48}}}}
        """
            .formatted(task);
    Bags.write(folder.resolve("demonstrations"), Examples.episodes("d", 3), JOINTS, 4, imported);
    run(0, "pretrain --demonstrations D/demonstrations --out D/models --settings %s", settings);
    BundleSpec spec = PolicyBundle.load(folder.resolve("models/base")).spec();
    assertEquals(JOINTS, spec.jointNames());
    assertEquals(List.of(new BundleSpec.Camera("camera", 48, 48)), spec.cameras());
    assertEquals(4, spec.chunk().horizon());
    assertEquals(0.1, spec.chunk().periodS());
  }

  @Test
  void runsMayShareACache() throws IOException {
    Path settings = Files.writeString(folder.resolve("settings.json"), WmpoTest.TINY);
    Path task = Files.writeString(folder.resolve("task.json"), TASK);
    Bags.write(folder.resolve("demonstrations"), Examples.episodes("d", 3), JOINTS, 4);
    for (String run : List.of("one", "two --verify-cache")) {
      run(
          0,
          "pretrain --demonstrations D/demonstrations --cache D/shared --task %s --settings %s"
              + " --out D/"
              + run,
          task,
          settings);
    }
    ObjectMapper json = new ObjectMapper();
    assertEquals(
        3, json.readTree(folder.resolve("one/pretrain.json").toFile()).at("/read/decoded").asInt());
    assertEquals(
        3,
        json.readTree(folder.resolve("two/pretrain.json").toFile()).at("/read/from_cache").asInt());
    assertEquals(
        -1,
        Files.mismatch(
            folder.resolve("one/world_model.safetensors"),
            folder.resolve("two/world_model.safetensors")));
    assertTrue(Files.notExists(folder.resolve("two/cache")));
  }

  @Test
  void aFolderThatARunWorksInIsRefused() throws IOException {
    Path task = Files.writeString(folder.resolve("task.json"), TASK);
    try (RunFolder models =
        RunFolder.take(folder.resolve("models"), Settings.DEFAULT, StageInputs::onArm, false)) {
      run(1, "pretrain --demonstrations D/nothing --out D/models --task %s", task);
      assertTrue(errors.toString().contains("another run is at work in"), errors.toString());
      models.keep();
    }
    assertTrue(Files.exists(folder.resolve("models/settings.json")));
  }

  @Test
  void memoryThatIsNotThereIsToldWithItsRemedy() throws IOException {
    Path settings =
        Files.writeString(folder.resolve("settings.json"), "{\"worldModel\": {\"width\": 65536}}");
    Path task = Files.writeString(folder.resolve("task.json"), TASK);
    Bags.write(folder.resolve("demonstrations"), Examples.episodes("d", 3), JOINTS, 4);
    String pretrain = "pretrain --demonstrations D/demonstrations --out D/models --task %s";
    run(1, pretrain + " --settings %s", task, settings);
    assertTrue(errors.toString().contains("out of memory: "), errors.toString());
    assertTrue(errors.toString().contains("networks smaller"), errors.toString());
  }

  @Test
  void threeRolloutsAreRefusedWithWhatIsMissing() throws IOException {
    Path settings = Files.writeString(folder.resolve("settings.json"), WmpoTest.TINY);
    Path task = Files.writeString(folder.resolve("task.json"), TASK);
    Bags.write(folder.resolve("demonstrations"), Examples.episodes("d", 3), JOINTS, 4);
    String common = " --demonstrations D/demonstrations --settings %s";
    run(0, "pretrain --out D/models --task %s" + common, task, settings);
    String base = PolicyBundle.load(folder.resolve("models/base")).id();
    Bags.write(folder.resolve("rollouts"), Examples.episodes("r", 3, base), JOINTS, 4);
    String improve =
        "train improve --rollouts D/rollouts --base D/models/base --models D/models --work D/work"
            + " --out D/improved";
    run(1, improve + common, settings);
    assertTrue(
        errors.toString().contains("2 of 3 rollouts are successes; successes are compared"),
        errors.toString());
    assertTrue(Files.notExists(folder.resolve("improved")));
  }

  @Test
  void aMissingFolderIsNamed() {
    run(1, "pretrain --demonstrations D/nothing --out D/models");
    assertTrue(errors.toString().contains("nothing"), errors.toString());
  }

  @Test
  void anUntrainedPolicyUnderstandsTheInstructionsGiven() {
    run(0, "train untrained --instruction Go-left --instruction right --out D/new");
    PolicyBundle bundle = PolicyBundle.load(folder.resolve("new"));
    assertEquals(List.of("go", "left", "right"), bundle.spec().language().words());
  }

  private void imagine(Path rollouts) throws IOException {
    Path bags = folder.resolve("bags.txt");
    Files.write(bags, Rollouts.bags(rollouts).stream().map(Path::toString).toList());
    run(
        0,
        "train imagine --bags D/bags.txt --bundle D/improved --models D/models --work D/work --out"
            + " D/imagined.json --seed 3");
  }

  private void run(int status, String line, Object... arguments) {
    CommandLine command = TrainCommand.commandLine();
    command.setErr(new PrintWriter(errors, true));
    String[] words = line.formatted(arguments).replace("D/", folder + "/").split(" ");
    assertEquals(status, command.execute(words), errors::toString);
  }
}
