package dev.reverie.policy;

import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import dev.reverie.testing.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Specs of format 2 that cannot be followed are refused with the value and what to do. */
class SpecRefusalTest {
  private static final HeadSpec GAUSSIAN = new HeadSpec.Gaussian();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"source\":\"joints\"|\"source\":\"torques\"|source 'torques' is unknown; this version knows: camera, joints",
        "\"source\":\"joints\",|\"\":0,|its 'source' is missing; this version knows: camera, joints",
        "\"cameras\":[\"front\"]|\"cameras\":[null]|graph.inputs[0]: it holds a null; give a value",
        "\"observations\":2,\"stride\":2|\"observations\":2,\"stride\":0|history of 2 observations without a stride",
        "\"cameras\":[\"front\"]|\"cameras\":[\"wrist\"]|sees camera 'wrist'; the bundle's cameras are [front]",
        "\"dtype\":\"float32\",\"layout\"|\"dtype\":\"int64\",\"layout\"|is int64; its source gives [float16, float32]",
        "\"dtype\":\"float32\",\"layout\"|\"dtype\":\"uint8\",\"layout\"|is uint8 with range 0_1 and normalise min_max",
        "\"dtype\":\"float32\",\"layout\"|\"dtype\":\"float8\",\"layout\"|'float8' is no one of [float64, float32",
        "\"mean\":\"out_mean\"|\"mu\":\"out_mean\"|the head gaussian gives [log_std, mean]",
        "{\"kind\":\"gaussian\"}|{\"kind\":\"flow\",\"steps\":4,\"sampler\":\"ode\",\"noise\":0.7}|the head flow gives [velocity]",
        "{\"kind\":\"gaussian\"}|{\"kind\":\"mixture\"}|kind 'mixture' is unknown; this version knows: tokens",
        "{\"kind\":\"gaussian\"}|{\"kind\":\"regression\"}|head.noise is missing",
        "\"act\":\"graph.onnx\"|\"act\":\"../graph.onnx\"|graph.files.act is '../graph.onnx'; give the plain name",
        "\"act\":\"graph.onnx\"|\"play\":\"graph.onnx\"|graph files of the roles [play]; give act, or encode and step",
        "\"pad_to\":4|\"pad_to\":1|graph.actions.pad_to 1, an action has 2 values",
        "\"actions\":2|\"actions\":9|execution of 9 actions, a chunk has 3",
        "do: {instruction}|do it|write {instruction} in it once",
        "\"kind\":\"mean_sd\",\"tensors\":[\"state.mean\",\"state.sd\"]|\"kind\":\"mean_sd\",\"tensors\":[\"state.mean\"]|names the tensors [state.mean]; give 2",
        "\"kind\":\"mean_sd\"|\"kind\":\"units\"|units",
        "\"load_s\":60.0|\"load_s\":-1|limits load_s -1.0",
        "\"tolerance\":0.001|\"tolerance\":0|probe with tolerance 0.0",
        "\"format\":2|\"format\":3|format 3; this version reads format 1 and format 2",
      })
  void aSpecThatCannotBeFollowedIsRefusedWithTheValue(String from, String to, String message) {
    String text = BundleJson.line(BoundPolicy.spec(GAUSSIAN));
    Refusal.of(
        BundleException.class,
        () -> {
          String changed = text.replace(from, to);
          if (changed.equals(text)) {
            throw new IllegalStateException(from + " is not in " + text);
          }
          BundleJson.parse(changed.getBytes(StandardCharsets.UTF_8));
        },
        message);
  }

  @Test
  void whatIsNoSpecAtAllOrHasANumberWithoutEndIsRefused() {
    Refusal.of(
        BundleException.class,
        () -> BundleJson.parse("null".getBytes(StandardCharsets.UTF_8)),
        "bundle.json: it is null");
    String text =
        BundleJson.line(BoundPolicy.spec(GAUSSIAN))
            .replace("\"horizon\":3", "\"horizon\":" + "9".repeat(5000));
    Refusal.of(
        BundleException.class,
        () -> BundleJson.parse(text.getBytes(StandardCharsets.UTF_8)),
        "has longer values, than any such file");
  }

  @Test
  void inputsThatTheHeadNeedsOrCannotTakeAreNamed() {
    HeadSpec flow = new FlowSpec(4, FlowSpec.Sampler.ODE, 0.7);
    refused(flow, i -> i.subList(0, 4), "0 inputs have the source", "the head flow takes 1");
    List<InputSpec> more = new ArrayList<>(BoundPolicy.inputs(GAUSSIAN));
    more.add(new InputSpec.Chunk("noisy", DType.F32));
    refused(GAUSSIAN, _ -> more, "1 inputs have the source chunk; the head gaussian takes 0");
    refused(GAUSSIAN, i -> i.subList(0, 2), "no input has the source language_ids");
    refused(GAUSSIAN, i -> i.subList(1, 4), "no input sees the cameras [front]");
    refused(GAUSSIAN, i -> List.of(i.get(0), i.get(0)), "give each a name of its own");
  }

  private static void refused(
      HeadSpec head, UnaryOperator<List<InputSpec>> changed, String... fragments) {
    Refusal.of(
        IllegalArgumentException.class,
        () ->
            BoundPolicy.spec(head, changed.apply(BoundPolicy.inputs(head)), BoundPolicy.language()),
        fragments);
  }

  @Test
  void aGraphThatIsNotAsTheSpecSaysIsRefusedByTheValue() {
    BundleSpec spec = BoundPolicy.spec(GAUSSIAN);
    BundleSpec other = BoundPolicy.spec(new HeadSpec.Regression(List.of(0.1, 0.1)));
    graphRefused(spec, other, Map.of(), "the graph has no output 'out_");
    List<InputSpec> half = new ArrayList<>(BoundPolicy.inputs(GAUSSIAN));
    half.set(
        1,
        new InputSpec.Joints(
            "observation.state", DType.F16, 5, BoundPolicy.STATE, BoundPolicy.TWO));
    graphRefused(
        BoundPolicy.spec(GAUSSIAN, half, BoundPolicy.language()),
        spec,
        Map.of(),
        "input 'observation.state' is F32[batch, 2, 5], but bundle.json asks for F16[batch or 1, 2, 5]");
    List<InputSpec> few = BoundPolicy.inputs(GAUSSIAN).subList(0, 3);
    graphRefused(
        BoundPolicy.spec(GAUSSIAN, few, BoundPolicy.language()),
        spec,
        Map.of(),
        "bundle.json does not say what the graph's inputs {lang_masks=BOOL[batch, 16]} are");
    graphRefused(
        spec,
        spec,
        Map.of("state.sd", NdArray.of(new float[] {1, 2, 3}, 3)),
        "input 'observation.state' is normalised by 'state.sd' of shape F32[3]; it takes 2 values");
    graphRefused(
        spec,
        spec,
        Map.of("action.high", NdArray.of(new float[] {-3, 2}, 2)),
        "an action: value 0 is normalised by 'action.low' -0.5 and 'action.high' -3.0");
    graphRefused(
        spec,
        spec,
        Map.of("state.mean", NdArray.of(new float[] {Float.NaN, 2}, 2)),
        "'state.mean', which holds NaN");
  }

  private static void graphRefused(
      BundleSpec spec, BundleSpec graphOf, Map<String, NdArray> changed, String message) {
    GraphBuilder graph = BoundPolicy.graph(graphOf, -1, 0.2f);
    Map<String, NdArray> weights = new LinkedHashMap<>(graph.weights());
    weights.putAll(BoundPolicy.statistics());
    weights.putAll(changed);
    Refusal.of(
        BundleException.class,
        () ->
            PolicyBundle.of(
                spec,
                Map.of("act", graph.model()),
                weights,
                Map.of("tokenizer.json", BoundPolicy.resource("tokenizer.json"))),
        message);
  }

  @Test
  void bfloat16StaysInsideOfTheGraph() {
    BundleSpec spec = BoundPolicy.spec(GAUSSIAN);
    ModelProto sound = BoundPolicy.graph(spec, -1, 0.2f).model();
    ModelProto.Builder out = sound.toBuilder();
    typed(out.getGraphBuilder().getOutputBuilder(0));
    halfRefused(spec, out.build(), "output 'out_", "is BF16", "a cast from or to float32");
    ModelProto.Builder in = sound.toBuilder();
    typed(in.getGraphBuilder().getInputBuilder(1));
    halfRefused(spec, in.build(), "input 'observation.state' is BF16", "a cast from or to float32");
    Refusal.of(
        IllegalArgumentException.class,
        () -> new InputSpec.Time("t", DType.BF16),
        "'t' is bfloat16; its source gives",
        "cast");
  }

  private static void typed(ValueInfoProto.Builder value) {
    value.getTypeBuilder().getTensorTypeBuilder().setElemType(DType.BF16.onnxCode());
  }

  private static void halfRefused(BundleSpec spec, ModelProto graph, String... parts) {
    Map<String, NdArray> weights = new LinkedHashMap<>(BoundPolicy.graph(spec, -1, 0.2f).weights());
    weights.putAll(BoundPolicy.statistics());
    Map<String, byte[]> beside = Map.of("tokenizer.json", BoundPolicy.resource("tokenizer.json"));
    Refusal.of(
        BundleException.class,
        () -> PolicyBundle.of(spec, Map.of("act", graph), weights, beside),
        parts);
  }
}
