package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  private final Path folder;

  SettingsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void aFileChangesOnlyWhatItNames() throws IOException {
    Settings settings = read("{\"grpo\": {\"iterations\": 7}, \"vae\": {\"steps\": 5}}");
    assertEquals(7, settings.grpo().iterations());
    assertEquals(5, settings.vae().steps());
    assertEquals(Settings.DEFAULT.worldModel(), settings.worldModel());
    assertEquals(Settings.DEFAULT.grpo().groups(), settings.grpo().groups());
  }

  @Test
  void anUnknownSettingIsNamedWithThoseThatThereAre() {
    Refusal.of(
        TrainerException.class,
        () -> read("{\"grpo\": {\"iteration\": 7}}"),
        "there is no setting 'grpo.iteration'; there are iterations, groups");
  }

  @Test
  void aValueThatMakesNoSenseIsRefused() {
    Refusal.of(
        TrainerException.class, () -> read("{\"grpo\": {\"groupSize\": 1}}"), "groupSize is 1");
  }

  @Test
  void aSettingOutOfRangeOrOfAnotherKindIsNamedAtAnyDepth() {
    refused("{\"grpo\": 3}", "grpo is 3, and must be an object");
    refused("[1]", "all of it is [1]");
    refused("{\"grpo\": {\"miniBatch\": 0}}", "grpo.miniBatch is 0");
    refused("{\"grpo\": {\"keyframe\": -1}}", "grpo.keyframe is -1; it must be 0 or more");
    refused("{\"grpo\": {\"ratio\": \"WORD\"}}", "grpo.ratio is \"WORD\"", "CHUNK");
    refused("{\"grpo\": {\"miniBatchOf\": \"STEPS\"}}", "grpo.miniBatchOf is", "ROLLOUTS");
    refused("{\"grpo\": {\"successLow\": 2}}", "grpo.successLow is 2.0; it must be in 0 to 1");
    refused("{\"grpo\": {\"cutSurplus\": 1}}", "grpo.cutSurplus is 1", "true or false");
    refused("{\"grpo\": {\"saveEvery\": 0}}", "grpo.saveEvery is 0");
    refused("{\"grpo\": {\"keyframeShare\": 7}}", "grpo.keyframeShare is 7.0");
    refused("{\"grpo\": {\"groups\": 1.5}}", "grpo.groups is 1.5");
    refused("{\"grpo\": {\"length\": \"WORD\"}}", "grpo.length is \"WORD\"", "TRAJECTORY");
    refused("{\"grpo\": {\"temperature\": null}}", "grpo.temperature is null");
    refused("{\"worldModel\": {\"taus\": [1, 0]}}", "worldModel.taus is [1.0, 0.0]");
    refused("{\"worldModel\": {\"taus\": [1, 0.5, 0.7]}}", "worldModel.taus");
    refused("{\"worldModel\": {\"width\": 30}}", "worldModel.width is 30");
    refused(
        "{\"worldModel\": {\"modulation\": \"ALL\"}}",
        "worldModel.modulation is \"ALL\", and must be one of [SOME_BLOCKS");
    refused(
        "{\"worldModel\": {\"backbone\": \"TRANSFORMER\", \"heads\": 5}}", "worldModel.heads is 5");
    refused("{\"policy\": {\"adapterRank\": -1}}", "policy.adapterRank is -1");
    refused(
        "{\"compute\": {\"precision\": \"FLOAT16\"}}", "compute.precision is FLOAT16", "BFLOAT16");
    refused("{\"compute\": {\"slice\": -1}}", "compute.slice is -1", "0, for whole batches");
    refused(
        "{\"policy\": {\"frozenPrecision\": \"FLOAT16\"}}", "policy.frozenPrecision is FLOAT16");
    refused("{\"policy\": {\"adapted\": [\"*\"]}}", "policy.adapted is [*]");
    refused("{\"policy\": {\"trained\": \"*\"}}", "policy.trained is \"*\"");
    refused("{\"rollouts\": {\"heldOutShare\": 1}}", "rollouts.heldOutShare is 1.0");
    refused("{\"worldModel\": {\"ensemble\": 0}}", "worldModel.ensemble is 0");
    refused(
        "{\"worldModel\": {\"joints\": true}}",
        "worldModel.joints is true",
        "set jointHead.kind, which is PICTURE, to DYNAMICS");
    refused("{\"worldModel\": {\"silhouette\": true}}", "worldModel.silhouette is true");
    refused(
        "{\"worldModel\": {\"joints\": true, \"memoryFrames\": 1}}",
        "worldModel.memoryFrames is 1",
        "2 or more where worldModel.joints is true");
    refused(
        "{\"grpo\": {\"keyframes\": \"DISAGREEMENT\"}}",
        "grpo.keyframes is DISAGREEMENT",
        "set worldModel.ensemble, which is 1, to 2 or more");
    String mix = "{\"grpo\": {\"keyframeMix\": [%s]}}";
    refused(
        mix.formatted("{\"rule\": \"STALL\", \"share\": 0.5}"),
        "grpo.keyframeMix is [{\"rule\": \"STALL\", \"share\": 0.5}]",
        "each once, with shares above 0 that add up to 1");
    refused(mix.formatted("{\"rule\": \"STALL\"}"), "keyframeMix[0] is {\"rule\"", "[rule, share]");
    refused(mix.formatted("\"STALL\""), "grpo.keyframeMix[0] is \"STALL\"", "an object with");
    refused(mix.formatted("{\"rule\": \"LUCK\", \"share\": 1}"), "keyframeMix[0].rule is", "STALL");
    refused(
        mix.formatted(
            "{\"rule\": \"STALL\", \"share\": 0.5}, {\"rule\": \"DISAGREEMENT\", \"share\": 0.5}"),
        "grpo.keyframeMix is",
        "set worldModel.ensemble, which is 1, to 2 or more");
    refused(
        "{\"imagination\": {\"trust\": \"HOPE\"}}",
        "imagination.trust is \"HOPE\", and must be one of [KEEP");
    refused("{\"worldModel\": {\"width\": 2147483640}}", "worldModel.width", "1 to 65536");
    refused("{\"worldModel\": {\"depth\": 2147483640}}", "worldModel.depth", "1 to 1000");
    refused("{\"vae\": {\"batch\": 2147483647}}", "vae.batch is 2147483647", "1 to 65536");
    refused("{\"vae\": {\"channels\": 1000000}}", "vae.channels is 1000000");
    refused("{\"grpo\": {\"temperature\": 1e300}}", "grpo.temperature is 1.0E300", "100 at most");
    refused("{\"grpo\": {\"groups\": 2147483647}}", "grpo.groups is 2147483647");
    refused("{\"classifier\": {\"stride\": -1}}", "classifier.stride is -1", "a clip a chunk");
    refused("{\"classifier\": {\"positiveShare\": 1}}", "classifier.positiveShare is 1.0");
    refused("{\"imagination\": {\"trustQuantile\": 1.5}}", "imagination.trustQuantile is 1.5");
  }

  @Test
  void whatStandsInAListOrBehindTheEndIsCheckedToo() throws IOException {
    refused("{\"grpo\": {\"iterations\": 3}} trailing", "it is no JSON");
    refused("{\"grpo\": {}}{\"grpo\": {}}", "more stands behind the end");
    refused("", "is empty");
    refused("null", "all of it is null");
    refused("{\"grpo\": {\"iterations\": 99999999999}}", "99999999999, and must be 2147483647 at");
    refused("{\"imagination\": {\"maxSteps\": -1}}", "imagination.maxSteps is -1;");
    refused("{\"worldModel\": {\"taus\": [1, null]}}", "worldModel.taus[1] is null", "a number");
    refused("{\"worldModel\": {\"taus\": [\"a\"]}}", "worldModel.taus[0] is \"a\"");
    refused("{\"policy\": {\"trained\": [1]}}", "policy.trained[0] is 1, and must be a text");
    refused("{\"policy\": {\"trained\": [null]}}", "policy.trained[0] is null");
    refused("{\"policy\": {\"trained\": [\"\"]}}", "policy.trained is []", "none of them empty");
    refused("{\"instructions\": {\"same\": [\"a\"]}}", "instructions.same[0] is \"a\"", "a list");
    refused("{\"instructions\": {\"same\": [[\"a\", 2]]}}", "instructions.same[0][1] is 2");
    refused("{\"audit\": {\"stop\": \"false\"}}", "audit.stop is \"false\"", "true or false");
    Refusal.of(
        TrainerException.class, () -> Settings.DEFAULT.read(folder), "cannot be read", "JSON file");
  }

  @Test
  void patchesThatDoNotFitThePicturesAreRefusedAtTheBeginning() throws IOException {
    Settings seven = read("{\"worldModel\": {\"backbone\": \"TRANSFORMER\", \"patch\": 7}}");
    Refusal.of(
        TrainerException.class, () -> seven.steps(Examples.spec()), "worldModel.patch is 7", "48");
  }

  private void refused(String json, String... with) {
    Refusal.of(TrainerException.class, () -> read(json), with);
  }

  private Settings read(String json) throws IOException {
    return Settings.DEFAULT.read(Files.writeString(folder.resolve("settings.json"), json));
  }

  /** A stage's file says its settings; those of before this one did not exist name the others. */
  @Test
  void settingsThatCameLaterAreNamedOnlyWhereTheyDiffer() throws IOException {
    assertTrue(Settings.DEFAULT.worldModel().toString().endsWith(", taus=[1.0, 0.5]]"));
    Settings changed = read("{\"worldModel\": {\"backbone\": \"TRANSFORMER\"}}");
    assertTrue(changed.worldModel().toString().endsWith("0.5], backbone=TRANSFORMER]"));
    Settings every = read("{\"worldModel\": {\"modulation\": \"EVERY_BLOCK\"}}");
    assertTrue(every.worldModel().toString().endsWith("0.5], modulation=EVERY_BLOCK]"));
    assertEquals(
        Settings.DEFAULT.worldModel().toString(),
        read("{\"worldModel\": {\"ensemble\": 2}}").worldModel().toString(),
        "a member is trained as the only one is");
  }

  @Test
  void aSettingThatStandsTwiceIsRefused() {
    refused("{\"grpo\": {\"iterations\": 7, \"iterations\": 8}}", "iterations");
    refused("{\"grpo\": {}, \"grpo\": {}}", "grpo");
  }

  @Test
  void presetsHaveThePapersValuesAndMayBeChanged() throws IOException {
    Settings wovr = Settings.Preset.WOVR.settings();
    assertTrue(wovr.worldModel().reference());
    assertEquals(5, wovr.worldModel().taus().size());
    assertEquals(3, wovr.grpo().dualClip());
    assertTrue(wovr.worldModel().crossAttention());
    assertEquals(1, wovr.classifier().stride());
    assertFalse(wovr.worldModel().alignDemonstrations());
    assertEquals(28, Settings.Preset.WMPO.settings().worldModel().depth());
    assertEquals(30, Settings.Preset.WMPO.settings().worldModel().taus().size());
    assertEquals(0.5, Settings.Preset.WMPO.settings().classifier().positiveShare());
    assertEquals(4, Settings.Preset.WMPO.settings().compute().slice());
    assertEquals(Settings.DEFAULT, Settings.Preset.DEMO.settings());
    assertEquals(10, Settings.Preset.LAB.settings().classifier().labelMargin());
    Path file = Files.writeString(folder.resolve("s.json"), "{\"grpo\": {\"groups\": 3}}");
    assertEquals(3, wovr.read(file).grpo().groups());
    assertEquals(3, wovr.read(file).grpo().dualClip());
  }
}
