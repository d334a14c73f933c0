package dev.reverie.policy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.rollout.AtomicFolder;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A policy as it travels between robot and trainer: graph, weights and spec. Immutable; every
 * instance has been checked, so that graph, weights and spec agree.
 */
public final class PolicyBundle {
  /** Input of the graph: the instruction's tokens. May be missing. */
  public static final String INSTRUCTION = "instruction_tokens";

  /** Input of the graph: the joints as measured. May be missing. */
  public static final String JOINTS = "joint_positions";

  static final String GRAPH = "policy.onnx";
  static final String WEIGHTS = "policy.safetensors";
  static final String SPEC = "bundle.json";
  static final String PICTURES = "pictures.json";
  static final String CALIBRATIONS = "calibrations.json";

  private final BundleSpec spec;
  private final ModelProto graph;
  private final Safetensors weights;
  private final Training training;
  private final String id;

  private PolicyBundle(
      BundleSpec spec, ModelProto graph, Safetensors weights, Training training, String id) {
    this.spec = spec;
    this.graph = graph;
    this.weights = weights;
    this.training = training;
    this.id = id;
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
      byte[] onnx = read(folder, GRAPH);
      requireHash(spec, GRAPH, Sha256.of(onnx));
      requireFile(folder, WEIGHTS);
      Safetensors weights = Safetensors.open(folder.resolve(WEIGHTS));
      requireHash(spec, WEIGHTS, weights.sha256());
      ModelProto graph = ModelProto.parseFrom(onnx);
      GraphCheck.check(spec, graph, weights);
      return new PolicyBundle(spec, graph, weights, training(folder, spec), id(spec, json));
    } catch (InvalidProtocolBufferException e) {
      throw new BundleException(
          "bundle %s: %s is no ONNX model: %s".formatted(folder, GRAPH, e.getMessage()), e);
    } catch (IOException e) {
      throw new BundleException("bundle %s cannot be read: %s".formatted(folder, e), e);
    } catch (BundleException e) {
      throw new BundleException("bundle %s: %s".formatted(folder, e.getMessage()), e);
    }
  }

  /**
   * Puts a bundle together in memory.
   *
   * @param graph its initializers need only name, type and shape
   * @param weights one array for each initializer
   */
  public static PolicyBundle of(BundleSpec spec, ModelProto graph, Map<String, NdArray> weights) {
    return of(spec, graph, weights, Training.UNKNOWN);
  }

  private static PolicyBundle of(
      BundleSpec spec, ModelProto graph, Map<String, NdArray> weights, Training training) {
    Map<String, NdArray> ordered = new LinkedHashMap<>();
    for (TensorProto initializer : graph.getGraph().getInitializerList()) {
      NdArray array = weights.get(initializer.getName());
      if (array == null) {
        throw new BundleException(
            "no weights for initializer '%s'".formatted(initializer.getName()));
      }
      ordered.put(initializer.getName(), array);
    }
    Safetensors file = Safetensors.of(ordered);
    ModelProto located = GraphCheck.locate(graph, file);
    SortedMap<String, String> files = new TreeMap<>();
    files.put(GRAPH, Sha256.of(located.toByteArray()));
    files.put(WEIGHTS, file.sha256());
    training.files().forEach((name, content) -> files.put(name, Sha256.of(content)));
    BundleSpec complete = spec.withFiles(files);
    GraphCheck.check(complete, located, file);
    String id = id(complete, BundleJson.write(complete));
    return new PolicyBundle(complete, located, file, training, id);
  }

  /** The same policy with other weights. */
  public PolicyBundle withWeights(Map<String, NdArray> values) {
    return of(spec, graph, values, training);
  }

  /** The same policy with another history, and so another id. */
  public PolicyBundle withLineage(BundleSpec.Lineage lineage) {
    return of(spec.withLineage(lineage), graph, weights.arrays(), training);
  }

  /**
   * The same policy with what its cameras see, and so another id.
   *
   * @param seen by the camera's name
   */
  public PolicyBundle withPictures(Map<String, PictureStatistics> seen) {
    var known = new Training(new TreeMap<>(seen), training.calibrations);
    return of(spec, graph, weights.arrays(), known);
  }

  /**
   * The same policy with the calibrations that its cameras had in training, and so another id.
   *
   * @param had by the camera's name; those that differ, the oldest first
   */
  public PolicyBundle withCalibrations(Map<String, List<CameraCalibration>> had) {
    var known = new Training(training.pictures, new TreeMap<>(had));
    return of(spec, graph, weights.arrays(), known);
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
          write(draft.resolve(GRAPH), graph.toByteArray());
          weights.write(draft.resolve(WEIGHTS));
          for (Map.Entry<String, byte[]> file : training.files().entrySet()) {
            write(draft.resolve(file.getKey()), file.getValue());
          }
          write(draft.resolve(SPEC), BundleJson.write(spec));
          return draft;
        });
  }

  /** SHA-256 over the hashes of all files of the bundle, 64 hexadecimal digits. */
  public String id() {
    return id;
  }

  /** The spec: what the policy expects and what its output means. */
  public BundleSpec spec() {
    return spec;
  }

  /** The graph; its initializers point into the weights file. */
  public ModelProto graph() {
    return graph;
  }

  /** Names of the graph's inputs. */
  public Set<String> inputs() {
    return GraphCheck.names(graph.getGraph());
  }

  /** All initializers by name, in the order of the graph. */
  public Map<String, NdArray> weights() {
    return weights.arrays();
  }

  /** What the cameras saw when the policy was trained, by name; empty where nobody wrote it. */
  public Map<String, PictureStatistics> pictures() {
    return training.pictures;
  }

  /** The calibrations that cameras had in training, by name; empty where nobody wrote them. */
  public Map<String, List<CameraCalibration>> calibrations() {
    return training.calibrations;
  }

  private static void requireKnownFiles(BundleSpec spec) {
    Set<String> files = spec.files().keySet();
    if (!files.containsAll(Set.of(GRAPH, WEIGHTS))
        || !Set.of(GRAPH, WEIGHTS, PICTURES, CALIBRATIONS).containsAll(files)) {
      throw new BundleException(
          "%s lists the files %s; a bundle has %s and %s, and may have %s and %s"
              .formatted(SPEC, files, GRAPH, WEIGHTS, PICTURES, CALIBRATIONS));
    }
  }

  /** What is known of the cameras in training; a file each, where it is not empty. */
  private record Training(
      SortedMap<String, PictureStatistics> pictures,
      SortedMap<String, List<CameraCalibration>> calibrations) {
    static final Training UNKNOWN = new Training(new TreeMap<>(), new TreeMap<>());

    Training {
      pictures = Collections.unmodifiableSortedMap(pictures);
      calibrations = Collections.unmodifiableSortedMap(calibrations);
    }

    SortedMap<String, byte[]> files() {
      SortedMap<String, byte[]> files = new TreeMap<>();
      if (!pictures.isEmpty()) {
        files.put(PICTURES, BundleJson.write(pictures));
      }
      if (!calibrations.isEmpty()) {
        files.put(CALIBRATIONS, BundleJson.write(calibrations));
      }
      return files;
    }
  }

  private static Training training(Path folder, BundleSpec spec) throws IOException {
    Training known = Training.UNKNOWN;
    if (spec.files().containsKey(PICTURES)) {
      byte[] json = read(folder, PICTURES);
      requireHash(spec, PICTURES, Sha256.of(json));
      known = new Training(BundleJson.parsePictures(json), known.calibrations);
    }
    if (spec.files().containsKey(CALIBRATIONS)) {
      byte[] json = read(folder, CALIBRATIONS);
      requireHash(spec, CALIBRATIONS, Sha256.of(json));
      known = new Training(known.pictures, BundleJson.parseCalibrations(json));
    }
    return known;
  }

  private static String id(BundleSpec spec, byte[] json) {
    StringBuilder lines = new StringBuilder();
    SortedMap<String, String> files = new TreeMap<>(spec.files());
    files.put(SPEC, Sha256.of(json));
    files.forEach((name, hash) -> lines.append(hash).append("  ").append(name).append('\n'));
    return Sha256.of(lines.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] read(Path folder, String name) throws IOException {
    requireFile(folder, name);
    return Files.readAllBytes(folder.resolve(name));
  }

  private static void requireFile(Path folder, String name) {
    if (!Files.isRegularFile(folder.resolve(name))) {
      throw new BundleException("there is no file %s; copy the whole folder again".formatted(name));
    }
    BundleException.requireFetched(folder.resolve(name));
  }

  private static void requireHash(BundleSpec spec, String name, String actual) {
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
