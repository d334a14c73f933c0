package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.onnx.AttributeProto;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyBundleTest {
  private final Path parent;
  private final Path folder;

  PolicyBundleTest(@TempDir Path parent) {
    this.parent = parent;
    folder = parent.resolve("bundle");
    TinyPolicy.bundle().save(folder);
  }

  @Test
  void aSavedBundleIsLoadedAsItWas() {
    PolicyBundle loaded = PolicyBundle.load(folder);
    assertEquals(TinyPolicy.bundle().id(), loaded.id());
    assertEquals(64, loaded.id().length());
    assertEquals(TinyPolicy.bundle().spec(), loaded.spec());
    assertEquals(TinyPolicy.graph().weights(), loaded.weights());
    assertEquals(TinyPolicy.bundle().graph(), loaded.graph());
  }

  @Test
  void aBundleThatAnEarlierVersionWroteKeepsItsIdAndIsWrittenAsItWas() throws Exception {
    Path earlier = Path.of(System.getProperty("reverie.root"), "models/base");
    PolicyBundle base = PolicyBundle.load(earlier);
    assertEquals("6b40b4bbd506a6220014388fc1e1337daeab3e3da629119de7f9bd4e0f9250fc", base.id());
    assertEquals(new BundleSpec.Measured(0, 0), base.spec().lineage().measured());
    base.save(parent.resolve("again"));
    for (String file : List.of("bundle.json", "policy.onnx", "policy.safetensors")) {
      assertEquals(-1, Files.mismatch(earlier.resolve(file), parent.resolve("again", file)), file);
    }
  }

  @Test
  void otherWeightsAndAnotherHistoryGiveAnotherId() {
    PolicyBundle bundle = TinyPolicy.bundle();
    Map<String, NdArray> weights = new HashMap<>(bundle.weights());
    weights.put("joints.mean", NdArray.of(new float[] {1, 2}, 2));
    assertNotEquals(bundle.id(), bundle.withWeights(weights).id());
    assertNotEquals(bundle.id(), bundle.withLineage(BundleSpec.Lineage.NONE).id());
  }

  @Test
  void aFolderThatExistsIsNotOverwritten() {
    Refusal.of(
        BundleException.class, () -> TinyPolicy.bundle().save(folder), "exists already", "remove");
  }

  @Test
  void nothingButTheBundleIsLeftInTheParentFolder() throws IOException {
    try (Stream<Path> files = Files.list(parent)) {
      assertEquals(List.of(folder), files.toList());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"policy.onnx", "policy.safetensors"})
  void aChangedByteIsFoundAnywhereInTheFile(String name) throws IOException {
    byte[] bytes = Files.readAllBytes(folder.resolve(name));
    for (int i = 0; i < bytes.length; i += 37) {
      bytes[i] ^= 1;
      Files.write(folder.resolve(name), bytes);
      BundleException refusal = refusal();
      assertTrue(refusal.toString().contains(name), "byte " + i + ": " + refusal);
      bytes[i] ^= 1;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"policy.onnx", "policy.safetensors", "bundle.json"})
  void aMissingFileIsNamed(String name) throws IOException {
    Files.delete(folder.resolve(name));
    assertTrue(refusal().toString().contains("no file " + name), refusal().toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"kind\" : \"tokens\"|\"kind\" : \"mixture\"|head: kind 'mixture' is unknown; this version knows: tokens",
        "\"kind\" : \"words\"|\"kind\" : \"bpe\"|vocabulary 'bpe' is unknown",
        "end_effector_delta|wheel_speeds|kind 'wheel_speeds' is unknown",
        "\"format\" : 1|\"format\" : 99|format 99; this version reads format 1",
        "\"bins\" : 5|\"bins\" : 7|batch, 3, 2, 5",
        "\"horizon\" : 3|\"horizon\" : 0|chunk of 0 actions",
        "\"width\" : 6|\"width\" : 7|image.front",
        "\"width\" : 6|\"width\" : \"6\"|bundle.json.cameras",
        "\"elbow\"|\"shoulder\"|give each a name of its own",
        "\"period_s\" : 0.1|\"period_s\" : NaN|bundle.json.chunk: 'NaN' is no number there",
        "\"width\" : 6|\"width\" : 6, \"zoom\" : 2|bundle.json.cameras[0].zoom is unknown",
        "\"width\" : 6,||bundle.json.cameras[0].width is missing",
        "\"frozen\" : [ \"joints.mean\" ]|\"frozen\" : [ \"joints.sd\" ]|no initializer",
        "\"frozen\" : [ \"joints.mean\" ]|\"frozen\" : null|bundle.json.frozen",
        "\"tip_link\" : \"tip\",||tip_link",
        "policy.onnx|../policy.onnx|lists the files",
        "{|[|bundle.json",
      })
  void aSpecThatCannotBeFollowedIsRefusedWithTheValue(
      String from, @Nullable String to, String message) throws IOException {
    Path spec = folder.resolve("bundle.json");
    String text = Files.readString(spec);
    assertTrue(text.contains(from), text);
    Files.writeString(spec, text.replace(from, to == null ? "" : to));
    assertTrue(refusal().toString().contains(message), refusal().toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"policy.safetensors", "policy.onnx", "bundle.json"})
  void aFileThatGitLfsDidNotFetchIsCalledSo(String name) throws IOException {
    Files.writeString(
        folder.resolve(name),
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n");
    String told = String.valueOf(refusal().getMessage());
    assertTrue(told.contains(name + " is a Git LFS pointer"), told);
    assertTrue(told.contains("git lfs pull"), told);
  }

  @Test
  void weightsOfAnotherShapeAreRefused() {
    Map<String, NdArray> weights = new HashMap<>(TinyPolicy.graph().weights());
    weights.put("joints.weight", NdArray.zeros(DType.F32, 3, 30));
    Refusal.of(
        BundleException.class,
        () -> PolicyBundle.of(TinyPolicy.spec(), TinyPolicy.graph().model(), weights),
        "'joints.weight' is F32[2, 30] in the graph but F32[3");
  }

  @Test
  void aGraphForOtherCamerasIsRefused() {
    BundleSpec spec =
        new BundleSpec(
            List.of(new BundleSpec.Camera("wrist", 6, 4)),
            TinyPolicy.spec().jointNames(),
            TinyPolicy.spec().actionSpace(),
            TinyPolicy.spec().chunk(),
            TinyPolicy.spec().head(),
            TinyPolicy.spec().language(),
            List.of(),
            BundleSpec.Lineage.NONE);
    Refusal.of(
        BundleException.class,
        () -> PolicyBundle.of(spec, TinyPolicy.graph().model(), TinyPolicy.graph().weights()),
        "image.wrist");
  }

  @Test
  void aGraphWithALoopIsRefusedSinceItMayNeverEnd() {
    ModelProto.Builder model = TinyPolicy.graph().model().toBuilder();
    AttributeProto body =
        AttributeProto.newBuilder().setName("body").setG(GraphProto.getDefaultInstance()).build();
    model
        .getGraphBuilder()
        .addNode(NodeProto.newBuilder().setOpType("Loop").setName("forever").addAttribute(body));
    Refusal.of(
        BundleException.class,
        () -> PolicyBundle.of(TinyPolicy.spec(), model.build(), TinyPolicy.graph().weights()),
        "'forever'");
  }

  @Test
  void everyActionSpaceSurvivesTheFile() {
    for (ActionSpace space :
        List.of(
            new ActionSpace.JointDeltas(List.of("shoulder", "elbow"), List.of(0.1, 0.2)),
            new ActionSpace.JointPositions(
                List.of("shoulder", "elbow"), List.of(-1.0, -2.0), List.of(1.0, 2.0)),
            new ActionSpace.EndEffectorPoseDelta(
                "base",
                "tip",
                List.of("x"),
                List.of(0.01),
                List.of("rz"),
                List.of(0.1),
                true,
                new ActionSpace.Workspace(List.of(0.0), List.of(1.0))),
            new ActionSpace.Parts(
                List.of(
                    new ActionSpace.JointDeltas(List.of("shoulder"), List.of(0.1)),
                    new ActionSpace.JointPositions(List.of("elbow"), List.of(0.0), List.of(0.04)))),
            new ActionSpace.Parts(
                List.of(
                    new ActionSpace.JointDeltas(List.of("shoulder"), List.of(0.1)),
                    new ActionSpace.BinaryGripper("elbow", 0.6, -0.1))))) {
      BundleSpec spec = TinyPolicy.spec();
      BundleSpec changed =
          new BundleSpec(
              spec.cameras(),
              spec.jointNames(),
              space,
              spec.chunk(),
              spec.head(),
              spec.language(),
              spec.parameters().frozen(),
              spec.lineage());
      Path other = parent.resolve("space_" + space.hashCode());
      PolicyBundle.of(changed, TinyPolicy.graph().model(), TinyPolicy.graph().weights())
          .save(other);
      assertEquals(space, PolicyBundle.load(other).spec().actionSpace());
    }
  }

  private BundleException refusal() {
    return assertThrows(BundleException.class, () -> PolicyBundle.load(folder));
  }

  @Test
  void theCalibrationsOfTrainingGoWithTheBundleThroughMoreTraining() throws Exception {
    assertEquals(Map.of(), TinyPolicy.bundle().calibrations());
    var lens =
        new CameraCalibration(
            64,
            48,
            "plumb_bob",
            new double[] {-0.1, 0, 0, 0, 0},
            new double[] {60, 0, 31.5, 0, 60, 23.5, 0, 0, 1});
    PolicyBundle bundle = TinyPolicy.bundle().withCalibrations(Map.of("front", List.of(lens)));
    Path saved = folder.resolve("calibrated");
    bundle.withWeights(bundle.weights()).withLineage(BundleSpec.Lineage.NONE).save(saved);
    List<CameraCalibration> read =
        PolicyBundle.load(saved).calibrations().getOrDefault("front", List.of());
    assertTrue(read.getFirst().sameAs(lens));
    Files.writeString(saved.resolve("calibrations.json"), "{}");
    Refusal.of(
        BundleException.class, () -> PolicyBundle.load(saved), "calibrations.json was changed");
  }

  @Test
  void whatIsNoFolderIsSaidToBeNone(@TempDir Path where) throws IOException {
    Path nowhere = where.resolve("nowhere");
    Refusal.of(
        BundleException.class, () -> PolicyBundle.load(nowhere), "no policy bundle " + nowhere);
    Path file = Files.writeString(where.resolve("file"), "");
    Refusal.of(BundleException.class, () -> PolicyBundle.load(file), file + " is a file");
  }
}
