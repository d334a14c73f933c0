package dev.reverie.trainer.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Tokenizer;
import dev.reverie.rollout.EpisodeOutcome.Kind;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingsTest extends LibtorchTest {
  private final BundleSpec spec = Examples.spec();
  private final Path folder;

  RecordingsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void episodesComeBackAsTheyWereRecorded() {
    Dataset made = Examples.episodes("e", 3);
    Bags.write(folder, made, spec.jointNames(), Examples.HORIZON);
    Dataset read = read(spec);
    assertEquals(List.of("e0", "e1", "e2"), read.ids());
    assertEquals(List.of("go right"), read.texts());
    assertArrayEquals(new long[] {1, 3}, Torch.longs(read.tokens()));
    assertArrayEquals(new long[] {6, 8, 6}, Torch.longs(read.steps()));
    assertArrayEquals(new long[] {1, 0, 1}, Torch.longs(read.success()));
    assertArrayEquals(Torch.bytes(made.frames().all()), Torch.bytes(read.frames().all()));
    assertArrayEquals(Torch.floats(made.actions()), Torch.floats(read.actions()));
    assertArrayEquals(Torch.floats(made.joints()), Torch.floats(read.joints()), 1e-6f);
  }

  @Test
  void aFolderMayHaveAnyName() {
    new RecordingsTest(folder.resolve("it's 機械, größer (2)")).episodesComeBackAsTheyWereRecorded();
  }

  @Test
  void compressedPicturesAreReadAsTheRobotReadsThem() throws IOException {
    Dataset made = Examples.episodes("e", 2);
    Bags.write(folder.resolve("raw"), made, spec.jointNames(), Examples.HORIZON);
    Bags.compress(folder.resolve("raw/e0"), folder.resolve("png"));
    Bags.compress(folder.resolve("raw/e1"), folder.resolve("png"));
    Dataset read = open(spec, folder.resolve("png")).data(spec).getFirst().data();
    assertArrayEquals(Torch.bytes(made.frames().all()), Torch.bytes(read.frames().all()));
  }

  @Test
  void anEpisodeWithAGapIsAsManyAsItHasPieces() {
    Dataset made = Examples.episodes("e", 2);
    Path raw = folder.resolve("raw");
    Bags.write(raw, made, spec.jointNames(), Examples.HORIZON);
    Bags.blind(raw.resolve("e0"), folder.resolve("blind"), 3); // of 6 steps
    Bags.blind(raw.resolve("e1"), folder.resolve("blind")); // of none
    for (int times = 0; times < 2; times++) { // decoded, then from the cache
      Dataset read = open(spec, folder.resolve("blind")).data(spec).getFirst().data();
      assertEquals(List.of("e0#1", "e0#2", "e1"), read.ids());
      assertArrayEquals(new long[] {2, 2, 8}, Torch.longs(read.steps()));
      assertArrayEquals(new long[] {3, 2, 8}, Torch.longs(read.acted()));
      assertArrayEquals(new long[] {3, 2, 8}, Torch.longs(read.acting().steps()));
      assertArrayEquals(
          new long[] {2, 8, 3},
          Torch.longs(read.subset(Torch.of(new long[] {1, 2, 0}, 3)).acting().steps()));
      float[] actions = Torch.floats(made.actions().select(0, 0).narrow(0, 0, 3));
      assertArrayEquals(actions, Torch.floats(read.actions().select(0, 0).narrow(0, 0, 3)));
      float[] after = Torch.floats(made.actions().select(0, 0).narrow(0, 4, 2));
      assertArrayEquals(after, Torch.floats(read.actions().select(0, 1).narrow(0, 0, 2)));
      assertEquals(3 + 2 + 8, windows(read.acting()));
      assertEquals(2 + 2 + 8, windows(read));
      assertArrayEquals(new long[] {0, 1, 0}, Torch.longs(read.success()));
      for (int t = 0; t < 3; t++) {
        byte[] first = Torch.bytes(made.frames().at(t).select(0, 0));
        assertArrayEquals(first, Torch.bytes(read.frames().at(t).select(0, 0)));
        byte[] second = Torch.bytes(made.frames().at(t + 4).select(0, 0));
        assertArrayEquals(second, Torch.bytes(read.frames().at(t).select(0, 1)));
      }
      float[] joints = Torch.floats(made.joints().select(0, 0).narrow(0, 4, 3));
      assertArrayEquals(joints, Torch.floats(read.joints().select(0, 1).narrow(0, 0, 3)), 1e-6f);
    }
  }

  @Test
  void anObservationBetweenTwoMissingPicturesTeachesItsActionAndNothingElse() {
    Dataset made = Examples.episodes("e", 2);
    Path raw = folder.resolve("raw");
    Bags.write(raw, made, spec.jointNames(), Examples.HORIZON);
    Bags.blind(raw.resolve("e0"), folder.resolve("blind"), 2, 4); // of 6 steps
    Bags.blind(raw.resolve("e1"), folder.resolve("blind"));
    for (int times = 0; times < 2; times++) { // decoded, then from the cache
      Recordings.Folder read = open(spec, folder.resolve("blind")).data(spec).getFirst();
      Dataset all = read.data();
      assertEquals(List.of("e0#1", "e0#2", "e0#3", "e1"), all.ids());
      assertArrayEquals(new long[] {0, 1, 1, 8}, Torch.longs(all.steps()));
      assertArrayEquals(new long[] {1, 2, 1, 8}, Torch.longs(all.acted()));
      assertArrayEquals(new long[] {0, 0, 1, 0}, Torch.longs(all.success()));
      assertArrayEquals(
          Torch.bytes(made.frames().at(3).select(0, 0)),
          Torch.bytes(all.frames().at(0).select(0, 0)));
      assertArrayEquals(
          Torch.floats(made.joints().select(0, 0).select(0, 3)),
          Torch.floats(all.joints().select(0, 0).select(0, 0)),
          1e-6f);
      assertArrayEquals(
          Torch.floats(made.actions().select(0, 0).select(0, 3)),
          Torch.floats(all.actions().select(0, 0).select(0, 0)));
      assertEquals(1 + 2 + 1 + 8, windows(all.acting()));
      assertEquals(1 + 1 + 8, windows(all));
      assertEquals(1 + 2 + 2 + 9, all.livingFrames().numel());
      assertEquals(List.of("e0#2", "e0#3", "e1"), read.withSteps().data().ids());
    }
    Dataset frames =
        Recordings.open(
                List.of(folder.resolve("blind")), cache(EpisodeDecoder.ofFrames(spec)), () -> false)
            .data(spec)
            .getFirst()
            .data();
    assertEquals(List.of("e0#1", "e0#2", "e1"), frames.ids(), "an action is not asked for here");
  }

  private static long windows(Dataset data) {
    return new Transitions(data, data.joints(), 1).windows().size(0);
  }

  @Test
  void whereNothingIsMissingNothingIsLearnedOtherwise() {
    Dataset made = Examples.episodes("e", 2);
    Bags.write(folder, made, spec.jointNames(), Examples.HORIZON);
    Dataset read = open(spec, folder).data(spec).getFirst().data();
    assertSame(read, read.acting());
    Dataset part = read.subset(Torch.of(new long[] {1}, 1));
    assertSame(part, part.acting());
    Dataset both = Dataset.concat(read.range(0, 1), part);
    assertSame(both, both.acting());
  }

  @Test
  void whatCannotBeLearnedFromIsNamedAndSkipped() throws IOException {
    Dataset made = Examples.episodes("e", 4);
    Bags.write(folder, made, 0, 6, Kind.SUCCESS, "go right", spec.jointNames(), 4);
    Bags.write(folder, made, 1, 8, Kind.UNLABELLED, "go right", spec.jointNames(), 4);
    Bags.write(folder, made, 2, 6, Kind.ABORTED, "go right", spec.jointNames(), 4);
    Bags.write(folder, made, 3, 8, Kind.FAILURE, "go right", spec.jointNames(), 4);
    Path broken = folder.resolve("e3/e3_0.mcap");
    byte[] bytes = Files.readAllBytes(broken);
    Files.write(broken, Arrays.copyOf(bytes, bytes.length / 8)); // a full disk, say

    Recordings recordings = open(spec, folder);
    Dataset read = recordings.data(spec).getFirst().data();
    assertEquals(List.of("e0"), read.ids());
    SortedSet<String> skipped = new TreeSet<>();
    recordings.skipped().forEach(s -> skipped.add(String.valueOf(s.bag().getFileName())));
    assertEquals(new TreeSet<>(List.of("e1", "e2", "e3")), skipped);
    assertTrue(recordings.skipped().toString().contains("label it"));
    assertTrue(recordings.skipped().toString().contains("aborted"));
  }

  @Test
  void aFolderWithoutUsableEpisodesIsRefusedWithAReason() {
    Dataset made = Examples.episodes("e", 1);
    Bags.write(folder, made, 0, 6, Kind.SUCCESS, "fly away", spec.jointNames(), 4);
    Refusal.of(TrainerException.class, () -> read(spec), "'fly'");
  }

  @Test
  void aCameraOrJointThatThePolicyNeedsIsMissed() {
    Dataset made = Examples.episodes("e", 1);
    Bags.write(folder, made, 0, 6, Kind.SUCCESS, "go right", List.of("slide", "turn"), 4);
    Refusal.of(TrainerException.class, () -> read(spec), "the policy needs [slide, lift]");
    BundleSpec other = with(new BundleSpec.Camera("wrist", 48, 48));
    Refusal.of(TrainerException.class, () -> read(other), "'wrist' is asked for");
  }

  @Test
  void picturesAreRectifiedWithTheCalibrationInTheBag() {
    Dataset made = Examples.episodes("e", 1);
    Bags.write(folder, made, spec.jointNames(), 4);
    Dataset read = read(with(new BundleSpec.Camera("camera", 48, 48, true, BundleSpec.Crop.NONE)));
    assertArrayEquals(Torch.bytes(made.frames().all()), Torch.bytes(read.frames().all()));
  }

  @Test
  void theCalibrationsThatTheBagsTellAreKnownOnceEach() {
    Bags.write(folder, Examples.episodes("e", 3), spec.jointNames(), 4);
    var known = open(spec, folder).calibrations(spec.cameras());
    assertEquals(List.of("camera"), List.copyOf(known.keySet()));
    assertEquals(1, known.getOrDefault("camera", List.of()).size());
    assertEquals(Map.of(), open(spec, folder).calibrations(List.of()));
  }

  @Test
  void rolloutsOfAnotherArmAreRefusedOrTold() {
    Path before = folder.resolve("before");
    Path after = folder.resolve("after");
    Bags.write(before, Examples.episodes("d", 2), spec.jointNames(), 4);
    Bags.write(after, Examples.episodes("a", 2), spec.jointNames(), 4);
    Bags.rebuild(after.resolve("a0"), folder.resolve("rebuilt"));
    OtherArms others = open(spec, before, folder.resolve("rebuilt")).otherArms(spec.cameras());
    assertEquals(1, others.arms());
    assertEquals(0, open(spec, before, after).otherArms(spec.cameras()).arms());
    Refusal.of(
        TrainerException.class,
        () -> others.told(Split.Config.DEFAULT),
        "1 of 1 rollouts tell by their URDF of another arm",
        "set rollouts.otherArms to USE");
    var use = new Split.Config(0.2, Split.Others.REFUSE, Split.Others.USE, Split.Others.USE);
    assertEquals(1, others.told(use).size());
  }

  @Test
  void rolloutsOfAnotherLensAreToldOrRefused() {
    Path before = folder.resolve("before");
    Path alike = folder.resolve("alike");
    Path zoomed = folder.resolve("zoomed");
    Bags.write(before, Examples.episodes("d", 2), spec.jointNames(), 4);
    Bags.write(alike, Examples.episodes("a", 2), spec.jointNames(), 4);
    Bags.write(zoomed, Examples.episodes("z", 1), spec.jointNames(), 4);
    Bags.zoom(alike.resolve("a0"), zoomed);
    assertEquals(Map.of(), open(spec, before, alike).otherArms(spec.cameras()).lenses());
    OtherArms others = open(spec, before, zoomed).otherArms(spec.cameras());
    assertEquals(Map.of("camera", 1), others.lenses());
    var seen = new BundleSpec.Camera("camera", 48, 48, true, BundleSpec.Crop.NONE);
    assertEquals(Map.of(), open(spec, before, zoomed).otherArms(List.of(seen)).lenses());
    List<String> said = others.told(Split.Config.DEFAULT);
    assertTrue(said.getFirst().startsWith("in 1 of 2 rollouts the camera 'camera' had another"));
    var refuse =
        new Split.Config(0.2, Split.Others.REFUSE, Split.Others.REFUSE, Split.Others.REFUSE);
    Refusal.of(
        TrainerException.class, () -> others.told(refuse), "set rollouts.otherLenses to USE");
    assertEquals(Split.Config.DEFAULT.toString(), refuse.toString(), "no stage depends on it");
  }

  @Test
  void whatTheWorldModelCannotImagineIsRefusedAtTheStart() {
    BundleSpec odd = with(new BundleSpec.Camera("camera", 50, 48));
    Refusal.of(TrainerException.class, () -> EpisodeDecoder.of(odd), "50x48");
    Refusal.of(TrainerException.class, () -> EpisodeDecoder.of(with()), "no camera");
  }

  @Test
  void onlyAnEpisodeInWhichAPolicyAloneActedIsItsOwn() {
    Path made = folder.resolve("made");
    Bags.write(made, Examples.episodes("e", 4, "own"), spec.jointNames(), 4);
    Path bags = folder.resolve("bags");
    Bags.delay(made.resolve("e0"), bags); // a success
    Bags.delay(made.resolve("e1"), bags);
    Bags.takeOver(made.resolve("e2"), bags);
    Bags.swap(made.resolve("e3"), bags, "other");
    Recordings recordings = open(spec, bags);
    assertEquals(new BundleSpec.Measured(1, 2), recordings.measured("own"));
    assertEquals(new BundleSpec.Measured(0, 0), recordings.measured("nobody"));
    Dataset data = recordings.data(spec).getFirst().data();
    assertEquals(List.of("own", "own", "", "other"), data.policies());
    Refusal.of(
        TrainerException.class,
        () -> Split.requireOwn(data, "own", Split.Config.DEFAULT),
        "2 of 4 rollouts",
        "a person",
        "other");
  }

  @Test
  void theDelayOfThePolicyIsMeasured() {
    Path early = folder.resolve("early");
    Bags.write(early, Examples.episodes("e", 2), spec.jointNames(), 4);
    assertEquals(OptionalInt.of(0), open(spec, early).timing().delay());
    Path late = folder.resolve("late");
    for (String id : List.of("e0", "e1")) {
      Bags.delay(early.resolve(id), late);
    }
    assertEquals(OptionalInt.of(1), open(spec, late).timing().delay());
    assertEquals(OptionalInt.of(1), open(spec, late).timing().delay(), "from the cache");
    Path blended = folder.resolve("blended");
    for (String id : List.of("e0", "e1")) {
      Bags.blend(early.resolve(id), blended);
    }
    assertEquals(OptionalInt.of(1), open(spec, blended).timing().delay());
    Path one = folder.resolve("one");
    Bags.write(one, Examples.episodes("e", 1), spec.jointNames(), 8);
    assertEquals(OptionalInt.empty(), open(spec, one).timing().delay());
  }

  @Test
  void theActionsThatAreCarriedOutOfAChunkAreMeasured() {
    Path whole = folder.resolve("whole");
    Bags.write(whole, Examples.episodes("e", 2), spec.jointNames(), 4);
    assertEquals(OptionalInt.of(4), open(spec, whole).timing().executed());
    Path blended = folder.resolve("blended");
    Bags.blend(whole.resolve("e0"), blended);
    assertEquals(OptionalInt.empty(), open(spec, blended).timing().executed());
    Path one = folder.resolve("one");
    Bags.write(one, Examples.episodes("e", 1), spec.jointNames(), 8);
    assertEquals(OptionalInt.empty(), open(spec, one).timing().executed());
  }

  @Test
  void aFolderWithoutEpisodesIsRefused() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    Refusal.of(TrainerException.class, () -> open(spec, empty), "record and label some first");
  }

  @Test
  void oneBrokenBagAmongManyLeavesTheOthers() throws IOException {
    Bags.write(folder, Examples.episodes("e", 20), spec.jointNames(), 4);
    Path broken = folder.resolve("e7/e7_0.mcap");
    byte[] bytes = Files.readAllBytes(broken);
    Files.write(broken, Arrays.copyOf(bytes, bytes.length / 8));
    Recordings recordings = open(spec, folder);
    assertEquals(19, recordings.data(spec).getFirst().data().episodes());
    assertEquals(1, recordings.skipped().size());
    assertEquals(folder.resolve("e7"), recordings.skipped().getFirst().bag());
    assertTrue(recordings.skipped().toString().contains("is damaged"));
  }

  @Test
  void anEpisodeThatIsThereTwiceCountsOnce() {
    Dataset made = Examples.episodes("e", 2);
    Bags.write(folder.resolve("a"), made, spec.jointNames(), 4);
    Bags.write(folder.resolve("b"), made, 0, 6, Kind.FAILURE, "go right", spec.jointNames(), 4);
    Recordings recordings = open(spec, folder);
    assertEquals(List.of("e0", "e1"), recordings.data(spec).getFirst().data().ids());
    assertEquals(folder.resolve("b/e0"), recordings.skipped().getFirst().bag());
    assertTrue(recordings.skipped().toString().contains("/a/e0; remove the copy"));
  }

  @Test
  void aReportSaysWhatWasReadAndWhatWasSkipped() {
    Dataset made = Examples.episodes("e", 2);
    Bags.write(folder, made, 0, 6, Kind.SUCCESS, "go right", spec.jointNames(), 4);
    Bags.write(folder, made, 1, 8, Kind.ABORTED, "go right", spec.jointNames(), 4);
    assertEquals(
        "{\"read\":{\"from_cache\":0,\"decoded\":1},\"skipped\":[{\"bag\":\"%s/e1\",\"reason\":\"it was aborted\"}]}"
            .formatted(folder),
        report(open(spec, folder)));
    assertEquals(
        "{\"read\":{\"from_cache\":1,\"decoded\":0},\"skipped\":[{\"bag\":\"%s/e1\",\"reason\":\"it was aborted\"}]}"
            .formatted(folder),
        report(open(spec, folder)));
  }

  @Test
  void whoIsStoppedWhileReadingGoesOnWithWhatWasDecoded() {
    Bags.write(folder, Examples.episodes("e", 3), spec.jointNames(), 4);
    EpisodeCache cache = cache(spec);
    Refusal.of(
        TrainerException.class,
        () -> Recordings.open(List.of(folder), cache, () -> true),
        "stopped");
    assertTrue(cache(spec).open(folder.resolve("e0")).cached());
  }

  private static String report(Recordings recordings) {
    ObjectNode report = new ObjectMapper().createObjectNode();
    recordings.data(Examples.spec());
    recordings.put(report);
    return report.toString();
  }

  private Dataset read(BundleSpec spec) {
    return open(spec, folder).data(spec).getFirst().data();
  }

  private Recordings open(BundleSpec spec, Path... folders) {
    return Recordings.open(List.of(folders), cache(spec), () -> false);
  }

  private EpisodeCache cache(BundleSpec spec) {
    return cache(EpisodeDecoder.of(spec));
  }

  private EpisodeCache cache(EpisodeDecoder decoder) {
    return new EpisodeCache(
        new EpisodeCache.Config(folder.resolve(".cache"), false), decoder, line -> {});
  }

  private BundleSpec with(BundleSpec.Camera... cameras) {
    return new BundleSpec(
        List.of(cameras),
        spec.jointNames(),
        spec.actionSpace(),
        spec.chunk(),
        spec.head(),
        spec.language(),
        List.of(),
        BundleSpec.Lineage.NONE);
  }

  @Test
  void severalFoldersShareOneInstructionTable() {
    Dataset made = Examples.episodes("e", 2);
    Path a = folder.resolve("a");
    Path b = folder.resolve("b");
    Bags.write(a, made, 0, 6, Kind.SUCCESS, "go right", spec.jointNames(), 4);
    Bags.write(b, made, 1, 8, Kind.FAILURE, "go left", spec.jointNames(), 4);
    List<Recordings.Folder> read = open(spec, a, b).data(spec);
    assertEquals(List.of("go left", "go right"), read.getFirst().data().texts());
    assertArrayEquals(new long[] {1}, Torch.longs(read.getFirst().data().instruction()));
    assertArrayEquals(new long[] {0}, Torch.longs(read.getLast().data().instruction()));
    assertEquals(64, read.getFirst().hashes().getFirst().length());
  }

  @Test
  void instructionsOfOneTaskShareItAndKeepTheirWords() {
    Dataset made = Examples.episodes("e", 2);
    Bags.write(folder, made, 0, 6, Kind.SUCCESS, "go right", spec.jointNames(), 4);
    Bags.write(folder, made, 1, 8, Kind.FAILURE, "go left", spec.jointNames(), 4);
    Tasks tasks = new Tasks(List.of(List.of("go right", "go left")));
    Dataset data =
        open(spec, folder).data(new Tokenizer(spec.language()), tasks, 4).getFirst().data();
    assertEquals(1, data.tasks());
    assertArrayEquals(new long[] {0, 0}, Torch.longs(data.task()));
    assertEquals(2, data.tokens().size(0));
  }
}
