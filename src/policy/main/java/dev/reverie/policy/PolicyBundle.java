package dev.reverie.policy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.rollout.AtomicFolder;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A policy as it travels between robot and trainer: graph, weights and spec. Immutable; every
 * instance has been checked, so that graph, weights and spec agree.
 */
public final class PolicyBundle {
  /** Input of the graph: the instruction's tokens. May be missing. */
  public static final String INSTRUCTION = "instruction_tokens";

  /** Input of the graph: the joints as measured. May be missing. */
  public static final String JOINTS = "joint_positions";

  static final String GRAPH = "policy.onnx"; // of format 1
  static final String WEIGHTS = "policy.safetensors";
  static final String SPEC = "bundle.json";
  static final String PICTURES = "pictures.json";
  static final String CALIBRATIONS = "calibrations.json";
  static final String PROBE = "probe.safetensors";

  private final BundleSpec spec;
  private final SortedMap<String, ModelProto> graphs; // by role
  private final ModelProto graph; // all of them as one
  private final List<InputSpec> inputs;
  private final Safetensors weights;
  private final ChunkLayout layout;
  private final Beside beside;
  private final String id;

  private PolicyBundle(
      BundleSpec spec,
      SortedMap<String, ModelProto> graphs,
      Safetensors weights,
      Beside beside,
      String id) {
    this.spec = spec;
    this.graphs = graphs;
    this.weights = weights;
    this.beside = beside;
    this.id = id;
    graph =
        graphs.size() == 1
            ? graphs.values().iterator().next()
            : GraphUnion.of(
                role(graphs, GraphSpec.ENCODE),
                role(graphs, GraphSpec.STEP),
                spec.head().carried().keySet());
    inputs = Bindings.of(spec, GraphCheck.names(graph.getGraph()));
    layout = ChunkLayout.of(spec, weights.arrays());
  }

  private static ModelProto role(Map<String, ModelProto> graphs, String role) {
    ModelProto model = graphs.get(role);
    if (model == null) {
      throw new BundleException(
          "there is no graph of the role %s among %s; give it".formatted(role, graphs.keySet()));
    }
    return model;
  }

  /** Checks that graph, weights and spec agree. */
  private PolicyBundle checked() {
    GraphCheck.check(spec, inputs, graph, weights);
    for (InputSpec input : inputs) {
      InputNumbers _ = numbers(input); // what normalises is there, and fits
    }
    return this;
  }

  /**
   * Reads a bundle folder and checks all of it.
   *
   * @throws BundleException naming what is wrong and what to do
   */
  public static PolicyBundle load(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new BundleException(
          Files.exists(folder)
              ? "%s is a file; give the folder of a policy bundle".formatted(folder)
              : "there is no policy bundle %s; give the folder of one".formatted(folder));
    }
    try {
      byte[] json = read(folder, SPEC);
      BundleSpec spec = BundleJson.parse(json);
      requireKnownFiles(spec);
      SortedMap<String, ModelProto> graphs = new TreeMap<>();
      for (Map.Entry<String, String> file : spec.graph().files().entrySet()) {
        byte[] onnx = read(folder, file.getValue());
        requireHash(spec, file.getValue(), Sha256.of(onnx));
        graphs.put(file.getKey(), model(file.getValue(), onnx));
      }
      requireFile(folder, WEIGHTS);
      Safetensors weights = Safetensors.open(folder.resolve(WEIGHTS));
      requireHash(spec, WEIGHTS, weights.sha256());
      Beside beside = Beside.read(folder, spec);
      String id = id(spec, json);
      PolicyBundle bundle = new PolicyBundle(spec, graphs, weights, beside, id).checked();
      BundleSignature.requireWhole(folder, id, spec.format());
      return bundle;
    } catch (IOException e) {
      throw new BundleException(
          "bundle %s cannot be read: %s".formatted(folder, FileErrors.reason(e)), e);
    } catch (BundleException e) {
      throw new BundleException("bundle %s: %s".formatted(folder, e.getMessage()), e);
    }
  }

  private static ModelProto model(String file, byte[] onnx) {
    try {
      return ModelProto.parseFrom(onnx);
    } catch (InvalidProtocolBufferException e) {
      throw new BundleException("%s is no ONNX model; export it again".formatted(file), e);
    }
  }

  /**
   * Puts a bundle of one graph together in memory.
   *
   * @param graph its initializers need only name, type and shape
   * @param weights one array for each initializer, and those that normalise
   */
  public static PolicyBundle of(BundleSpec spec, ModelProto graph, Map<String, NdArray> weights) {
    return of(spec, Map.of(GraphSpec.ACT, graph), weights, Map.of());
  }

  /**
   * Puts a bundle together in memory.
   *
   * @param graphs by their role in the spec; their initializers need only name, type and shape, but
   *     for constants that stay inside
   * @param weights one array for each initializer, and those that normalise
   * @param beside content of the files beside graphs and weights, by name: the tokenizer's and the
   *     probe
   */
  public static PolicyBundle of(
      BundleSpec spec,
      Map<String, ModelProto> graphs,
      Map<String, NdArray> weights,
      Map<String, byte[]> beside) {
    return of(spec, graphs, weights, Beside.of(beside));
  }

  private static PolicyBundle of(
      BundleSpec spec,
      Map<String, ModelProto> graphs,
      Map<String, NdArray> weights,
      Beside beside) {
    if (!graphs.keySet().equals(spec.graph().files().keySet())) {
      throw new BundleException(
          "graphs of the roles %s; the spec has files for %s"
              .formatted(graphs.keySet(), spec.graph().files().keySet()));
    }
    Map<String, NdArray> ordered = new LinkedHashMap<>();
    for (ModelProto graph : new TreeMap<>(graphs).values()) {
      for (TensorProto initializer : graph.getGraph().getInitializerList()) {
        if (spec.format() == 1 || !GraphCheck.isInside(initializer)) {
          keep(ordered, weights, "initializer", initializer.getName());
        }
      }
    }
    for (String name : new TreeSet<>(GraphCheck.normalising(spec))) {
      keep(ordered, weights, "normalisation", name);
    }
    Safetensors file = Safetensors.of(ordered);
    SortedMap<String, ModelProto> located = new TreeMap<>();
    SortedMap<String, String> files = new TreeMap<>();
    for (Map.Entry<String, String> named : spec.graph().files().entrySet()) {
      ModelProto graph = GraphCheck.locate(role(graphs, named.getKey()), file);
      located.put(named.getKey(), graph);
      files.put(named.getValue(), Sha256.of(graph.toByteArray()));
    }
    files.put(WEIGHTS, file.sha256());
    beside.files().forEach((name, content) -> files.put(name, Sha256.of(content)));
    BundleSpec complete = spec.withFiles(files);
    requireKnownFiles(complete);
    String id = id(complete, BundleJson.write(complete));
    return new PolicyBundle(complete, located, file, beside, id).checked();
  }

  private static void keep(
      Map<String, NdArray> kept, Map<String, NdArray> weights, String what, String name) {
    NdArray array = weights.get(name);
    if (array == null) {
      throw new BundleException("no weights for %s '%s'".formatted(what, name));
    }
    kept.put(name, array);
  }

  /**
   * The same policy with other weights. It has no probe: what the exporter's weights gave says
   * nothing of these.
   *
   * @param values of initializers; what normalises stays as it is
   */
  public PolicyBundle withWeights(Map<String, NdArray> values) {
    Map<String, NdArray> all = new LinkedHashMap<>(weights.arrays());
    all.putAll(values);
    for (String name : GraphCheck.normalising(spec)) {
      all.put(name, Objects.requireNonNull(weights.arrays().get(name)));
    }
    return of(spec, graphs, all, beside.withoutProbe());
  }

  /** The same policy with another history, and so another id. */
  public PolicyBundle withLineage(BundleSpec.Lineage lineage) {
    return of(spec.withLineage(lineage), graphs, weights.arrays(), beside);
  }

  /**
   * The same policy with what its cameras see, and so another id.
   *
   * @param seen by the camera's name
   */
  public PolicyBundle withPictures(Map<String, PictureStatistics> seen) {
    return of(spec, graphs, weights.arrays(), beside.withPictures(seen));
  }

  /**
   * The same policy with the calibrations that its cameras had in training, and so another id.
   *
   * @param had by the camera's name; those that differ, the oldest first
   */
  public PolicyBundle withCalibrations(Map<String, List<CameraCalibration>> had) {
    return of(spec, graphs, weights.arrays(), beside.withCalibrations(had));
  }

  /**
   * Writes the folder: it appears whole or not at all.
   *
   * @param folder must not exist yet
   */
  public void save(Path folder) {
    AtomicFolder.write(
        folder,
        BundleException::new,
        draft -> {
          fill(draft);
          return draft;
        });
  }

  /**
   * Writes its files into a folder that is to become the bundle.
   *
   * @throws IOException where they cannot be written
   */
  public void fill(Path draft) throws IOException {
    for (Map.Entry<String, String> file : spec.graph().files().entrySet()) {
      write(draft.resolve(file.getValue()), role(graphs, file.getKey()).toByteArray());
    }
    weights.write(draft.resolve(WEIGHTS));
    for (Map.Entry<String, byte[]> file : beside.files().entrySet()) {
      write(draft.resolve(file.getKey()), file.getValue());
    }
    write(draft.resolve(SPEC), BundleJson.write(spec));
    var unsigned = new BundleSignature(id, List.of());
    write(draft.resolve(BundleSignature.FILE), BundleJson.write(unsigned));
  }

  /** SHA-256 over the hashes of all files of the bundle, 64 hexadecimal digits. */
  public String id() {
    return id;
  }

  /** The spec: what the policy expects and what its output means. */
  public BundleSpec spec() {
    return spec;
  }

  /** The graph, or those of its roles as one; its initializers point into the weights file. */
  public ModelProto graph() {
    return graph;
  }

  /** Returns what the graph's inputs are bound to, in the order of the spec. */
  public List<InputSpec> inputs() {
    return inputs;
  }

  /** Names of the graph's inputs that are others in each run for a chunk. */
  public Set<String> lateInputs() {
    return inputs.stream()
        .filter(InputSpec::comesLate)
        .map(InputSpec::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Periods before the present of the observations that inputs see, 0 among them, rising. */
  public List<Integer> ages() {
    Set<Integer> ages = new TreeSet<>(Set.of(0));
    inputs.forEach(input -> ages.addAll(input.seen().ages()));
    return List.copyOf(ages);
  }

  /** Returns whether the graph takes one observation at a time, not a batch. */
  public boolean isOneByOne() {
    return GraphCheck.isOneByOne(graph.getGraph());
  }

  /** Returns what an input's values are, where they are not as measured. */
  public InputNumbers numbers(InputSpec input) {
    return InputNumbers.of(spec, input, weights.arrays());
  }

  /** Values that an input may have: pixels, known words, numbers around zero, times of steps. */
  public NdArray randomInput(InputSpec input, int batch, SplittableRandom random) {
    return RandomInputs.of(spec, input, batch, random);
  }

  /** Returns where the actions lie in what the graph gives. */
  public ChunkLayout layout() {
    return layout;
  }

  /** Returns what makes tokens of an instruction. */
  public Tokenizer tokenizer() {
    return Tokenizer.of(spec.language(), beside.others());
  }

  /** The exporter's observations and what came of them; empty where it wrote none. */
  Optional<Safetensors> probe() {
    return beside.probe();
  }

  /** All weights by name: those of the graph in its order, and those that normalise. */
  public Map<String, NdArray> weights() {
    return weights.arrays();
  }

  /** Names of the tensors of the weights file that normalise. */
  public static Set<String> normalising(BundleSpec spec) {
    return GraphCheck.normalising(spec);
  }

  /** Float weights that are never trained: frozen, or there to normalise. */
  public Set<String> frozen() {
    Set<String> normalising = GraphCheck.normalising(spec);
    Set<String> frozen = new HashSet<>();
    for (String name : weights.arrays().keySet()) {
      if (normalising.contains(name) || !spec.parameters().trains(name)) {
        frozen.add(name);
      }
    }
    for (TensorProto initializer : graph.getGraph().getInitializerList()) {
      if (GraphCheck.isInside(initializer)) {
        frozen.add(initializer.getName());
      }
    }
    return frozen;
  }

  /**
   * Returns what the cameras saw when the policy was trained, by name; empty where nobody wrote it.
   */
  public Map<String, PictureStatistics> pictures() {
    return beside.pictures();
  }

  /** The calibrations that cameras had in training, by name; empty where nobody wrote them. */
  public Map<String, List<CameraCalibration>> calibrations() {
    return beside.calibrations();
  }

  private static void requireKnownFiles(BundleSpec spec) {
    Set<String> needed = new TreeSet<>(spec.graph().files().values());
    needed.add(WEIGHTS);
    if (spec.language() instanceof Language.Subwords subwords) {
      needed.add(subwords.file());
    }
    Set<String> known = new TreeSet<>(Set.of(PICTURES, CALIBRATIONS));
    if (spec.format() > 1) {
      known.add(PROBE);
    }
    Set<String> files = spec.files().keySet();
    Set<String> more = new TreeSet<>(files);
    more.removeAll(needed);
    if (!files.containsAll(needed) || !known.containsAll(more)) {
      throw new BundleException(
          "%s lists the files %s; this bundle has %s, and may have %s"
              .formatted(SPEC, files, needed, known));
    }
  }

  static String id(BundleSpec spec, byte[] json) {
    StringBuilder lines = new StringBuilder();
    SortedMap<String, String> files = new TreeMap<>(spec.files());
    files.put(SPEC, Sha256.of(json));
    files.forEach((name, hash) -> lines.append(hash).append("  ").append(name).append('\n'));
    return Sha256.of(lines.toString().getBytes(StandardCharsets.UTF_8));
  }

  static byte[] read(Path folder, String name) throws IOException {
    requireFile(folder, name);
    return Files.readAllBytes(folder.resolve(name));
  }

  private static void requireFile(Path folder, String name) {
    if (!Files.isRegularFile(folder.resolve(name))) {
      throw new BundleException("there is no file %s; copy the whole folder again".formatted(name));
    }
    BundleException.requireFetched(folder.resolve(name));
  }

  static void requireHash(BundleSpec spec, String name, String actual) {
    String expected = spec.files().get(name);
    if (!actual.equals(expected)) {
      throw new BundleException(
          "%s was changed: its SHA-256 is %s, %s says %s; copy the whole folder again"
              .formatted(name, actual, SPEC, expected));
    }
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }
}
