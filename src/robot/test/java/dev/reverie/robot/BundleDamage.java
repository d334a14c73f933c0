package dev.reverie.robot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.reverie.policy.BundleSignature;
import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.Safetensors;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.OperatorSetIdProto;
import dev.reverie.rollout.Sha256;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Damages to a bundle of format 2 that somebody hashes and signs anew, so that hashes and signature
 * tell nothing: what is wrong has to be found in the files.
 */
final class BundleDamage {
  /** Damages, one at a time. */
  enum Kind {
    WEIGHT_HUGE,
    WEIGHT_NAN,
    WEIGHTS_CUT,
    WEIGHTS_OF_ANOTHER_SHAPE,
    WEIGHTS_MISSING,
    NORMALISATION_MOVED,
    NORMALISATION_NAN,
    NORMALISATION_OF_ANOTHER_SHAPE,
    NORMALISATION_OF_NOTHING,
    NORMALISATION_EXCHANGED,
    PROBE_MOVED,
    PROBE_NAN,
    PROBE_OF_ANOTHER_SHAPE,
    PROBE_INCOMPLETE,
    PROBE_CUT,
    TOKENS_EXCHANGED,
    TOKENIZER_CUT,
    TOKENIZER_INCOMPLETE,
    CAMERAS_EXCHANGED,
    BINDING_CHANGED,
    BINDING_MISSING,
    BINDING_TWICE,
    SOURCE_CHANGED,
    SPEC_CHANGED,
    GRAPH_MISSING,
    GRAPH_EXCHANGED,
    GRAPH_OF_ANOTHER_OPSET,
    GRAPH_CUT,
    GRAPH_FLIPPED
  }

  static final String SPEC = "bundle.json";
  static final String TOKENIZER = "tokenizer.json";
  private static final String WEIGHTS = "policy.safetensors";
  private static final String PROBE = "probe.safetensors";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path bundle;
  private final SplittableRandom random;
  private final ObjectNode spec;

  BundleDamage(Path bundle, SplittableRandom random) throws IOException {
    this.bundle = bundle;
    this.random = random;
    spec = (ObjectNode) JSON.readTree(Files.readAllBytes(bundle.resolve(SPEC)));
  }

  /**
   * Damages the bundle.
   *
   * @return words for it
   */
  String damage(PrivateKey key) throws IOException {
    Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
    String what = kind + " " + damage(kind);
    renew(key);
    return what;
  }

  /**
   * Fields that whoever asks for the swap allows to differ, so that something else has to refuse
   * it.
   */
  static String[] allowed(String what) {
    if (what.startsWith(Kind.CAMERAS_EXCHANGED.name())) {
      return new String[] {"graph.inputs"};
    }
    return what.startsWith(Kind.TOKENIZER_CUT.name()) ? new String[] {"language"} : new String[0];
  }

  /** Hashes all files that are there, and signs. */
  private void renew(PrivateKey key) throws IOException {
    var files = (ObjectNode) spec.get("files");
    for (var file : files.properties()) {
      Path path = bundle.resolve(file.getKey());
      if (Files.exists(path)) {
        file.setValue(TextNode.valueOf(Sha256.of(Files.readAllBytes(path))));
      }
    }
    Files.write(bundle.resolve(SPEC), JSON.writeValueAsBytes(spec));
    try {
      BundleSignature.renew(bundle);
      BundleSignature.sign(bundle, key);
    } catch (RuntimeException e) {
      // The file of its signature is then of before, as it is where somebody changes a file.
    }
  }

  private String damage(Kind kind) throws IOException {
    return switch (kind) {
      case WEIGHT_HUGE -> weight(any("gain", "bias"), 1e30f);
      case WEIGHT_NAN -> weight(any("gain", "bias", "embedding"), Float.NaN);
      case WEIGHTS_CUT -> cut(WEIGHTS);
      case WEIGHTS_OF_ANOTHER_SHAPE -> reshaped(WEIGHTS, any("gain", "bias", "embedding"));
      case WEIGHTS_MISSING -> without(WEIGHTS, any("gain", "bias", "state.mean", "action.high"));
      case NORMALISATION_MOVED -> moved(WEIGHTS, statistic());
      case NORMALISATION_NAN -> weight(statistic(), Float.NaN);
      case NORMALISATION_OF_ANOTHER_SHAPE -> reshaped(WEIGHTS, statistic());
      case NORMALISATION_OF_NOTHING -> weight(any("state.sd", "colour.most", "action.high"), 0);
      case NORMALISATION_EXCHANGED -> exchangedTensors();
      case PROBE_MOVED ->
          moved(
              PROBE, any("joints", "output.wanted", "actions", "noise", "picture.camera", drawn()));
      case PROBE_NAN -> nan(PROBE, any("joints", "output.wanted", "actions", "noise", drawn()));
      case PROBE_OF_ANOTHER_SHAPE ->
          reshaped(PROBE, any("joints", "output.wanted", "actions", "picture.wrist", drawn()));
      case PROBE_INCOMPLETE -> without(PROBE, any("joints", "output.wanted", "picture.wrist"));
      case PROBE_CUT -> cut(PROBE);
      case TOKENS_EXCHANGED -> exchangedTokens();
      case TOKENIZER_CUT -> cut(TOKENIZER);
      case TOKENIZER_INCOMPLETE -> incompleteTokenizer();
      case CAMERAS_EXCHANGED -> exchangedCameras();
      case BINDING_CHANGED -> binding();
      case BINDING_MISSING -> {
        inputs().remove(random.nextInt(inputs().size()));
        yield "one less";
      }
      case BINDING_TWICE -> {
        inputs().add(inputs().get(random.nextInt(inputs().size())).deepCopy());
        yield "one more";
      }
      case SOURCE_CHANGED -> source();
      case SPEC_CHANGED -> field();
      case GRAPH_MISSING -> missingGraph();
      case GRAPH_EXCHANGED -> exchangedGraph();
      case GRAPH_OF_ANOTHER_OPSET -> opset();
      case GRAPH_CUT -> cut(graph());
      case GRAPH_FLIPPED -> flippedGraph();
    };
  }

  private String any(String... of) {
    return of[random.nextInt(of.length)];
  }

  private String statistic() {
    return any(
        "state.mean", "state.sd", "colour.least", "colour.most", "action.low", "action.high");
  }

  /** Input of the graph that is drawn. */
  private String drawn() {
    return isOneGraph() ? "input.drawn" : "input.x_t";
  }

  private boolean isOneGraph() {
    return spec.at("/graph/files").has("act");
  }

  private String graph() {
    return isOneGraph() ? "policy.onnx" : any("encode.onnx", "step.onnx");
  }

  private ArrayNode inputs() {
    return (ArrayNode) spec.at("/graph/inputs");
  }

  private Map<String, NdArray> arrays(String file) {
    Map<String, NdArray> arrays = new LinkedHashMap<>();
    Safetensors.open(bundle.resolve(file))
        .arrays()
        .forEach((name, a) -> arrays.put(name, a.copy()));
    return arrays;
  }

  /** Writes arrays over those of a file, at the same places where their sizes are the same. */
  private void write(String file, Map<String, NdArray> arrays) throws IOException {
    Path path = bundle.resolve(file);
    Map<String, String> about = new LinkedHashMap<>(Safetensors.open(path).metadata());
    Files.delete(path);
    Safetensors.of(arrays, about).write(path);
  }

  private String weight(String name, float value) throws IOException {
    Map<String, NdArray> arrays = arrays(WEIGHTS);
    NdArray array = array(arrays, name);
    int at = random.nextInt((int) array.elements());
    set(array, at, value);
    write(WEIGHTS, arrays);
    return "%s[%d] = %s".formatted(name, at, value);
  }

  private static NdArray array(Map<String, NdArray> arrays, String name) {
    NdArray array = arrays.get(name);
    if (array == null) {
      throw new IllegalStateException(name + " is none of " + arrays.keySet());
    }
    return array;
  }

  private static void set(NdArray array, int at, double value) {
    if (array.type() == DType.U8) {
      array.data().set(ValueLayout.JAVA_BYTE, at, (byte) (int) value);
    } else {
      array.data().set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * at, (float) value);
    }
  }

  private String moved(String file, String name) throws IOException {
    Map<String, NdArray> arrays = arrays(file);
    NdArray array = array(arrays, name);
    double[] values = array.toDoubles();
    for (int i = 0; i < values.length; i++) {
      boolean bytes = array.type() == DType.U8;
      set(array, i, bytes ? 255 - values[i] : values[i] + 0.3 + random.nextDouble());
    }
    write(file, arrays);
    return name;
  }

  private String nan(String file, String name) throws IOException {
    Map<String, NdArray> arrays = arrays(file);
    set(array(arrays, name), 0, Double.NaN);
    write(file, arrays);
    return name;
  }

  private String reshaped(String file, String name) throws IOException {
    Map<String, NdArray> arrays = arrays(file);
    NdArray array = array(arrays, name);
    long[] shape = array.shape();
    long[] longer = Arrays.copyOf(shape, shape.length);
    longer[random.nextInt(shape.length)]++;
    arrays.put(name, NdArray.zeros(array.type(), longer));
    write(file, arrays);
    return name + " " + Arrays.toString(longer);
  }

  private String without(String file, String name) throws IOException {
    Map<String, NdArray> arrays = arrays(file);
    arrays.remove(name);
    write(file, arrays);
    return name;
  }

  private String cut(String file) throws IOException {
    byte[] bytes = Files.readAllBytes(bundle.resolve(file));
    int at = random.nextInt(bytes.length);
    Files.write(bundle.resolve(file), Arrays.copyOf(bytes, at));
    return file + " at " + at;
  }

  private String exchangedTensors() {
    String what = any("state", "colour", "action");
    for (JsonNode value : spec.findValues("tensors")) {
      var tensors = (ArrayNode) value;
      if (tensors.toString().contains(what)) {
        JsonNode first = tensors.get(0);
        tensors.set(0, tensors.get(1));
        tensors.set(1, first);
      }
    }
    return what;
  }

  private String exchangedTokens() throws IOException {
    var file = (ObjectNode) JSON.readTree(Files.readAllBytes(bundle.resolve(TOKENIZER)));
    var vocabulary = (ObjectNode) file.at("/model/vocab");
    List<String> names = new ArrayList<>();
    vocabulary.fieldNames().forEachRemaining(names::add);
    String first = names.remove(1 + random.nextInt(names.size() - 1));
    String second = names.get(1 + random.nextInt(names.size() - 1));
    JsonNode id = vocabulary.get(first);
    vocabulary.set(first, vocabulary.get(second));
    vocabulary.set(second, id);
    Files.write(bundle.resolve(TOKENIZER), JSON.writeValueAsBytes(file));
    return first + " and " + second;
  }

  private String incompleteTokenizer() throws IOException {
    var file = (ObjectNode) JSON.readTree(Files.readAllBytes(bundle.resolve(TOKENIZER)));
    String key = any("model", "pre_tokenizer", "vocab", "merges", "type");
    ((ObjectNode) file.get("model")).remove(key);
    file.remove(key);
    Files.write(bundle.resolve(TOKENIZER), JSON.writeValueAsBytes(file));
    return key;
  }

  private String exchangedCameras() {
    for (JsonNode input : inputs()) {
      if (input.path("source").asText().equals("camera")) {
        String seen = input.at("/cameras/0").asText();
        ((ObjectNode) input).putArray("cameras").add(seen.equals("camera") ? "wrist" : "camera");
      }
    }
    return "";
  }

  private ObjectNode bound(String name) {
    for (JsonNode input : inputs()) {
      if (input.path("name").asText().equals(name)) {
        return (ObjectNode) input;
      }
    }
    throw new IllegalStateException(name);
  }

  private String binding() {
    String what =
        any("observations", "stride", "pad_to", "layout", "range", "dtype", "name", "kind");
    ObjectNode joints = bound("state");
    ObjectNode camera = bound(any("pixels.camera", "pixels.wrist"));
    switch (what) {
      case "observations" -> joints.putObject("history").put("observations", 3).put("stride", 2);
      case "stride" -> joints.putObject("history").put("observations", 2).put("stride", 1);
      case "pad_to" -> joints.put("pad_to", random.nextInt(9) == 0 ? -1 : 6);
      case "layout" -> camera.put("layout", "nhwc");
      case "range" -> camera.put("range", any("0_255", "-1_1"));
      case "dtype" -> bound(any("state", "ids", "mask")).put("dtype", any("float16", "int32"));
      case "name" ->
          bound(any("state", "ids", "pixels.wrist")).put("name", any("", "other", "mask"));
      default -> ((ObjectNode) joints.get("normalise")).put("kind", "min_max");
    }
    return what;
  }

  private String source() {
    ObjectNode input = (ObjectNode) inputs().get(random.nextInt(inputs().size()));
    String source =
        any("noise", "chunk", "time", "action_tokens", "action_prefix", "language_mask");
    String before = input.path("source").asText();
    if (source.equals(before)) {
      source = "language_ids";
    }
    String name = input.path("name").asText();
    input.removeAll().put("source", source).put("name", name).put("dtype", "float32");
    return name + " " + source;
  }

  private String field() {
    String what =
        any("skip", "horizon", "crop", "prompt", "pad_id", "length", "max", "period", "steps");
    var actions = (ObjectNode) spec.at("/graph/actions");
    var language = (ObjectNode) spec.get("language");
    switch (what) {
      case "skip" -> actions.put("skip", any("0", "2").equals("0") ? 0 : 2);
      case "horizon" -> ((ObjectNode) spec.get("chunk")).put("horizon", 3 + 2 * random.nextInt(2));
      case "crop" -> ((ObjectNode) spec.at("/cameras/1/crop")).put("width", 0.5);
      case "prompt" -> language.put("prompt", any("{instruction}", "{instruction}!", "no"));
      case "pad_id" -> language.put("pad_id", 1 + random.nextInt(40));
      case "length" -> language.put("length", 39 + 2 * random.nextInt(2));
      case "max" -> ((ArrayNode) spec.at("/action_space/scale_rad")).set(0, JSON.valueToTree(0.4));
      case "period" -> ((ObjectNode) spec.get("chunk")).put("period_s", 0.05);
      default -> spec.putObject("head").put("kind", "flow").put("steps", 0);
    }
    return what;
  }

  private String missingGraph() throws IOException {
    String file = graph();
    Files.delete(bundle.resolve(file));
    if (random.nextBoolean()) { // nobody misses it by name
      ((ObjectNode) spec.at("/graph/files")).remove(file.replace(".onnx", ""));
      ((ObjectNode) spec.get("files")).remove(file);
    }
    return file;
  }

  private String exchangedGraph() throws IOException {
    if (isOneGraph()) {
      Files.write(bundle.resolve("policy.onnx"), Files.readAllBytes(bundle.resolve(PROBE)));
      return "by the probe";
    }
    Path encode = bundle.resolve("encode.onnx");
    byte[] first = Files.readAllBytes(encode);
    byte[] second = Files.readAllBytes(bundle.resolve("step.onnx"));
    Files.write(encode, second);
    if (random.nextBoolean()) {
      Files.write(bundle.resolve("step.onnx"), first);
    }
    return "";
  }

  private String opset() throws IOException {
    Path file = bundle.resolve(graph());
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
    long version = isOneGraph() ? 99 : random.nextInt(5, 20);
    OperatorSetIdProto other = model.getOpsetImport(0).toBuilder().setVersion(version).build();
    Files.write(file, model.toBuilder().setOpsetImport(0, other).build().toByteArray());
    return "%s %d".formatted(file.getFileName(), version);
  }

  /** Bytes of a name of an operator or of a value become others. */
  private String flippedGraph() throws IOException {
    Path file = bundle.resolve(graph());
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    String name = any("ReduceMean", "Reshape", "gain", "bias", "state", "seen", "wanted");
    List<Integer> places = new ArrayList<>();
    for (int at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
      if (!text.startsWith("output_", at - 7)) { // the name of a node means nothing
        places.add(at);
      }
    }
    int at = places.isEmpty() ? 0 : places.get(random.nextInt(places.size()));
    bytes[at] ^= (byte) (1 << random.nextInt(5));
    Files.write(file, bytes);
    return "%s, %s at %d".formatted(file.getFileName(), name, at);
  }
}
