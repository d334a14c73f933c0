package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.reverie.policy.DType;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs that cannot be what they are given for are refused by name before anything is trained. */
class OwnGraphRefusalTest extends LibtorchTest {
  private static final long BATCH = GraphBuilder.BATCH;
  private static final String POINTER =
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n";

  private final Path folder;

  OwnGraphRefusalTest(@TempDir Path folder) {
    this.folder = folder;
  }

  /** prediction = frames * gain, with the inputs that it takes beside frames. */
  private static GraphBuilder worldModel(DType type, Map<String, long[]> others, long... frames) {
    GraphBuilder graph = new GraphBuilder("test");
    String z = graph.input("frames", DType.F32, frames);
    others.forEach((name, shape) -> graph.input(name, DType.F32, shape));
    String gain =
        type == DType.F32
            ? graph.weight("gain", NdArray.of(new float[] {1}, 1))
            : graph.node(
                "Cast",
                Map.of("to", (long) DType.F32.onnxCode()),
                graph.weight("gain", NdArray.zeros(type, 1)));
    graph.output(graph.node("Mul", z, gain), "prediction", DType.F32, frames);
    return graph;
  }

  private static final long[] FRAMES = {BATCH, 4, 8, 12, 12};
  private static final Map<String, long[]> OTHERS =
      Map.of(
          "time", new long[] {BATCH},
          "past", new long[] {BATCH, 2, 8, 12, 12},
          "actions", new long[] {BATCH, 4, 2});

  @Test
  void aGraphThatFitsIsTakenAlsoWithoutWhatItMayLeaveOut() throws IOException {
    WorldModel model = load(write(worldModel(DType.F32, OTHERS, FRAMES)), List.of());
    assertEquals(Set.of("gain"), model.parameters().trained().keySet());
    model.close();
  }

  @Test
  void inputsThatAreMissingOrThatNobodyGivesAreNamed() throws IOException {
    refused(
        worldModel(DType.F32, Map.of("time", new long[] {BATCH}), FRAMES),
        "it has no input 'past' F32[batch, 2, 8, 12, 12], only [frames, time]");
    Map<String, long[]> more = new HashMap<>(OTHERS);
    more.put("past_actions", new long[] {BATCH, 2, 2});
    refused(worldModel(DType.F32, more, FRAMES), "nobody gives it the input [past_actions]");
  }

  @Test
  void shapesThatAreOthersAreNamedBesideThoseThatHaveToBe() throws IOException {
    refused(
        worldModel(DType.F32, OTHERS, BATCH, 4, 6, 12, 12),
        "its input 'frames' is [any, 4, 6, 12, 12], and must be 'frames' F32[batch, 4, 8, 12, 12]");
    refused(
        worldModel(DType.F32, OTHERS, 1, 4, 8, 12, 12),
        "its input 'frames' has a batch of 1 for ever");
    GraphBuilder wrongType = new GraphBuilder("test");
    wrongType.input("frames", DType.U8, FRAMES);
    wrongType.node("Identity", "frames");
    wrongType.output("frames", "prediction", DType.U8, FRAMES);
    refused(wrongType, "its input 'frames' is of type U8");
  }

  @Test
  void whatAGraphGivesIsLookedAtToo() throws IOException {
    GraphBuilder graph = new GraphBuilder("test");
    String z = graph.input("frames", DType.F32, FRAMES);
    OTHERS.forEach((name, shape) -> graph.input(name, DType.F32, shape));
    String gain = graph.weight("gain", NdArray.of(new float[] {1}, 1));
    String some = graph.node("Slice", z, graph.integers(0), graph.integers(1), graph.integers(0));
    graph.output(graph.node("Mul", some, gain), "prediction", DType.F32, FRAMES);
    refused(graph, "it gives 'prediction' of shape [1, 4, 8, 12, 12] for a batch of 3");
  }

  @Test
  void anOperatorThatTheTrainerLacksIsNamed() throws IOException {
    GraphBuilder graph = worldModel(DType.F32, OTHERS, FRAMES);
    graph.node("StringNormalizer", "frames");
    refused(graph, "the trainer lacks the operator 'StringNormalizer'; it has [Abs, ");
  }

  @Test
  void aGraphOfWhichNothingLearnsIsRefused() throws IOException {
    Path file = write(worldModel(DType.F32, OTHERS, FRAMES));
    refused(file, List.of("gain"), "it has no weights that learn, of [gain]");
    refused(file, List.of("*.bias"), "no weight fits the pattern '*.bias'");
    refused(
        worldModel(DType.F16, OTHERS, FRAMES), "the weight 'gain' is F16[1], and what learns must");
    GraphBuilder apart = new GraphBuilder("test");
    apart.input("frames", DType.F32, FRAMES);
    OTHERS.forEach((name, shape) -> apart.input(name, DType.F32, shape));
    apart.node("Neg", apart.weight("gain", NdArray.of(new float[] {1}, 1)));
    apart.output(apart.node("Neg", "frames"), "prediction", DType.F32, FRAMES);
    refused(apart, "no weight that learns has a part in what it gives");
  }

  @Test
  void filesThatAreNoneOrWereNotFetchedAreRefusedWithTheRemedy() throws IOException {
    refused(folder.resolve("nowhere.onnx"), List.of(), "there is no file");
    Path file = folder.resolve("m.onnx");
    refused(Files.writeString(file, POINTER), List.of(), "a Git LFS pointer", "git lfs pull");
    refused(Files.writeString(file, "not a model"), List.of(), "m.onnx");
    refused(Files.writeString(file, ""), List.of(), "it holds no graph");
    for (String name : List.of("world_model.onnx", "world_model.onnx.data")) {
      Files.copy(OwnGraphs.file(name), folder.resolve(name));
    }
    Path graph = folder.resolve("world_model.onnx");
    load(graph, List.of()).close();
    Path data = folder.resolve("world_model.onnx.data");
    byte[] whole = Files.readAllBytes(data);
    Files.write(data, Arrays.copyOf(whole, whole.length / 2));
    refused(graph, List.of(), "is not what 'world_model.onnx.data' has of it");
    Files.writeString(data, POINTER);
    refused(graph, List.of(), "a Git LFS pointer");
    Files.delete(data);
    refused(graph, List.of(), "which is not beside the graph; copy both");
  }

  @Test
  void weightsThatAnExporterFoldedAreNotLeftBehindInSilence() throws IOException {
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(OwnGraphs.file("classifier.onnx")));
    GraphProto.Builder graph = model.getGraph().toBuilder();
    for (int i = graph.getValueInfoCount() - 1; i >= 0; i--) {
      if (graph.getValueInfo(i).getName().equals("slope.weight")) {
        graph.removeValueInfo(i);
      }
    }
    Path file = folder.resolve("folded.onnx");
    Files.write(file, model.toBuilder().setGraph(graph).build().toByteArray());
    RewardClassifier.Config config = RewardClassifier.Config.DEFAULT;
    Refusal.of(
        TrainerException.class,
        () -> new RewardClassifier(config, 4, Examples.canvas(), 2, own(file, List.of())),
        "does not say what the weight 'slope.weight' is, as where it folds several into one",
        "export it with optimize=False, or name it in graphs.xFrozen");
    new RewardClassifier(config, 4, Examples.canvas(), 2, own(file, List.of("slope.*"))).close();
  }

  @Test
  void nodesOfOthersAreRefused() throws IOException {
    ModelProto model = valued(worldModel(DType.F32, OTHERS, FRAMES));
    GraphProto.Builder graph = model.getGraph().toBuilder();
    graph.getNodeBuilder(0).setDomain("com.microsoft");
    Path file = folder.resolve("m.onnx");
    Files.write(file, model.toBuilder().setGraph(graph).build().toByteArray());
    refused(file, List.of(), "is of the foreign domain 'com.microsoft'");
  }

  @Test
  void halvesOfAnAutoEncoderThatDependOnEachOtherAreRefused() throws IOException {
    GraphBuilder graph = new GraphBuilder("test");
    graph.input("image", DType.F32, BATCH, 3, 48, 48);
    graph.input("latent", DType.F32, BATCH, 8, 12, 12);
    String gain = graph.weight("gain", NdArray.of(new float[] {1}, 1));
    graph.output(graph.node("Mul", "latent", gain), "latent_mean", DType.F32, BATCH, 8, 12, 12);
    graph.output(graph.node("Mul", "image", gain), "reconstruction", DType.F32, BATCH, 3, 48, 48);
    OwnGraph own = own(write(graph), List.of());
    Refusal.of(
        TrainerException.class,
        () -> new FrameVae(FrameVae.Config.DEFAULT, Examples.canvas(), own),
        "[latent_mean] depends on the inputs [latent], and must on 'image' alone");
  }

  @Test
  void viewsOfSeveralSizesNeedAnAutoEncoderOfAnySize() throws IOException {
    Canvas canvas = Canvas.of(Examples.TWO_CAMERAS);
    Refusal.of(
        TrainerException.class,
        () -> new FrameVae(FrameVae.Config.DEFAULT, canvas, OwnGraphs.of("vae")),
        "its input 'image' is [any, 3, 48, 48], and must be 'image' F32[batch, 3, 32, 24]");
    GraphBuilder graph = new GraphBuilder("test");
    String image = graph.input("image", DType.F32, BATCH, 3, BATCH, BATCH);
    String latent = graph.input("latent", DType.F32, BATCH, 8, BATCH, BATCH);
    Map<String, Object> strides = Map.of("strides", new long[] {4, 4});
    String code = graph.weight("code", NdArray.zeros(DType.F32, 8, 3, 4, 4));
    String paint = graph.weight("paint", NdArray.zeros(DType.F32, 8, 3, 4, 4));
    String mean = graph.node("Conv", strides, image, code);
    graph.output(mean, "latent_mean", DType.F32, BATCH, 8, BATCH, BATCH);
    String again = graph.node("ConvTranspose", strides, latent, paint);
    graph.output(again, "reconstruction", DType.F32, BATCH, 3, BATCH, BATCH);
    FrameVae vae = new FrameVae(FrameVae.Config.DEFAULT, canvas, own(write(graph), List.of()));
    Waves.fill(vae);
    Tensor pictures = Waves.of(1, 2, 3, canvas.height(), canvas.width());
    Tensor latents = vae.encode(pictures);
    Canvas.View side = canvas.views().getLast();
    Tensor seen = side.of(pictures);
    FrameVae alone =
        new FrameVae(
            FrameVae.Config.DEFAULT,
            Canvas.of(Examples.TWO_CAMERAS.subList(1, 2)),
            own(write(graph), List.of()));
    Waves.fill(alone);
    assertArrayEquals(
        Torch.floats(alone.encode(seen).detach()),
        Torch.floats(side.dividedBy(4).of(latents).detach().contiguous()),
        1e-6f);
    vae.close();
    alone.close();
  }

  @Test
  void aClassifierWithoutATaskIsForOneTaskAlone() throws IOException {
    GraphBuilder graph = new GraphBuilder("test");
    String clip = graph.input("clip", DType.F32, BATCH, 4, 3, 48, 48);
    String mean =
        graph.node("ReduceMean", Map.of("keepdims", 0L), clip, graph.integers(1, 2, 3, 4));
    String gain = graph.weight("gain", NdArray.of(new float[] {1}, 1));
    graph.output(graph.node("Mul", mean, gain), "logit", DType.F32, BATCH);
    OwnGraph own = own(write(graph), List.of());
    RewardClassifier.Config config = RewardClassifier.Config.DEFAULT;
    new RewardClassifier(config, 4, Examples.canvas(), 1, own).close();
    Refusal.of(
        TrainerException.class,
        () -> new RewardClassifier(config, 4, Examples.canvas(), 2, own),
        "it has no input 'task' I64[batch], only [clip]");
    Refusal.of(
        TrainerException.class,
        () -> new RewardClassifier(config, 4, Examples.canvas(), 3, OwnGraphs.of("classifier")),
        "index out of range");
  }

  @Test
  void aFolderAndASettingThatDoNotGoTogetherAreRefused() throws IOException {
    String named = write(worldModel(DType.F32, OTHERS, FRAMES)).toString();
    Refusal.of(
        TrainerException.class,
        () -> OwnGraph.left("graphs.x", named, List.of(), folder, "stage"),
        "graphs.x is " + named + ", and there is no " + folder.resolve("stage.onnx"));
    Files.copy(OwnGraphs.file("classifier.onnx"), folder.resolve("stage.onnx"));
    Refusal.of(
        TrainerException.class,
        () -> OwnGraph.left("graphs.x", "", List.of(), folder, "stage"),
        "stage.onnx is a network of one's own, and graphs.x names none");
    Refusal.of(
        TrainerException.class,
        () -> OwnGraph.left("graphs.x", named, List.of(), folder, "stage"),
        "was trained from another graph");
  }

  private void refused(GraphBuilder graph, String... with) throws IOException {
    refused(write(graph), List.of(), with);
  }

  private static void refused(Path file, List<String> frozen, String... with) {
    Refusal.of(TrainerException.class, () -> load(file, frozen), with);
    Refusal.of(TrainerException.class, () -> load(file, frozen), "graphs.x");
  }

  private static WorldModel load(Path file, List<String> frozen) {
    return new WorldModel(
        WorldModel.Config.DEFAULT, 4, 2, 2, 8, Examples.canvas(), own(file, frozen));
  }

  private static OwnGraph own(Path file, List<String> frozen) {
    return OwnGraph.named("graphs.x", file.toString(), frozen).orElseThrow();
  }

  private Path write(GraphBuilder graph) throws IOException {
    return Files.write(folder.resolve("own.onnx"), valued(graph).toByteArray());
  }

  /** The model with its weights inside. */
  private static ModelProto valued(GraphBuilder builder) {
    ModelProto model = builder.model();
    GraphProto.Builder graph = model.getGraph().toBuilder();
    for (TensorProto.Builder proto : graph.getInitializerBuilderList()) {
      NdArray array = builder.weights().get(proto.getName());
      if (array != null) {
        proto.setRawData(ByteString.copyFrom(array.data().toArray(ValueLayout.JAVA_BYTE)));
      }
    }
    return model.toBuilder().setGraph(graph).build();
  }
}
