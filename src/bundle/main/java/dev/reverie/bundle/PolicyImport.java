package dev.reverie.bundle;

import dev.reverie.arm.ArmFile;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.ExportedGraph;
import dev.reverie.policy.GraphCheck;
import dev.reverie.policy.GraphSpec;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.OnnxPolicy;
import dev.reverie.policy.ParameterSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.rollout.AtomicFolder;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.NearestNames;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Makes a bundle of a graph, a state dict and a spec, and tries it before anybody has it. */
final class PolicyImport {
  private static final int TOLD = 8; // names that a line repeats

  private final Source source;
  private final Consumer<String> told;

  PolicyImport(Source source, Consumer<String> told) {
    this.source = source;
    this.told = told;
  }

  /**
   * The parts that an import is made of.
   *
   * @param graphs ONNX files by role: {@code act}, or {@code encode} and {@code step}
   * @param stateDicts safetensors files: parameters, buffers, and what normalises
   * @param arm whose joints, cameras, actions and chunk stand for those that the spec leaves out
   * @param probe what the exporter's own program gave
   * @param actsOnly whether nothing of it is ever trained
   */
  record Source(
      Map<String, Path> graphs,
      List<Path> stateDicts,
      Path spec,
      Optional<Path> arm,
      Optional<Path> probe,
      Optional<Path> tokenizer,
      boolean actsOnly) {}

  /**
   * Writes the bundle's folder: it appears whole, or not at all.
   *
   * @param out must not exist yet
   * @throws BundleException naming what is wrong and what to do
   */
  PolicyBundle write(Path out) {
    Path target = out.toAbsolutePath().normalize();
    if (Files.exists(target)) {
      throw new BundleException(
          "%s exists already; choose another folder or remove it first".formatted(target),
          new FileAlreadyExistsException(target.toString()));
    }
    Map<String, ExportedGraph> exported = read();
    PolicyBundle bundle = bundle(exported);
    return AtomicFolder.write(
        target,
        BundleException::new,
        draft -> {
          bundle.fill(draft);
          if (!source.actsOnly) {
            tryTraining(draft, exported.values());
          }
          return bundle;
        });
  }

  private void tryTraining(Path draft, Collection<ExportedGraph> exported) {
    try {
      TrainerCheck.run(draft, Optional.empty()).forEach(line -> told.accept("trainer: " + line));
    } catch (BundleException e) {
      throw new BundleException(
          "the policy acts, and cannot be trained, so nothing is written:\n%s\nChange it so, or give --acts-only for a policy that is never trained"
              .formatted(Origins.told(String.valueOf(e.getMessage()), exported)),
          e);
    }
  }

  /** Reads, folds, names, checks and runs it; writes nothing. */
  PolicyBundle bundle() {
    return bundle(read());
  }

  private Map<String, ExportedGraph> read() {
    Map<String, ExportedGraph> exported = new TreeMap<>();
    source.graphs.forEach(
        (role, file) -> exported.put(role, LocalFunctions.inlined(ExportedGraph.read(file))));
    return exported;
  }

  private PolicyBundle bundle(Map<String, ExportedGraph> exported) {
    StateDict state = StateDict.read(source.stateDicts);
    Map<String, ModelProto> models = new TreeMap<>();
    Map<String, String> files = new TreeMap<>();
    Map<String, NdArray> weights = new LinkedHashMap<>();
    Set<String> buffers = new TreeSet<>();
    exported.forEach(
        (role, graph) -> {
          Path file = Objects.requireNonNull(source.graphs.get(role));
          ImportedGraph imported = ImportedGraph.of(file, graph, state, weights);
          GraphCheck.checkNodes(imported.model().getGraph());
          models.put(role, imported.model());
          files.put(role, role.equals(GraphSpec.ACT) ? "policy.onnx" : role + ".onnx");
          buffers.addAll(imported.buffers());
          weights.putAll(imported.weights());
          tell(file, imported);
        });
    GraphPorts ports = GraphPorts.of(models);
    SpecFile.Whole whole =
        SpecFile.read(source.spec, files, ports, source.arm.map(ArmFile::read), source.tokenizer);
    BundleSpec spec = withFrozen(whole.spec(), weights, buffers);
    Map<String, NdArray> stored = new LinkedHashMap<>(weights);
    for (String name : PolicyBundle.normalising(spec)) {
      stored.putIfAbsent(name, normalising(name, state));
    }
    Map<String, byte[]> beside = new TreeMap<>();
    whole.tokenizer().ifPresent(file -> beside.put(file.name(), file.content()));
    source.probe.ifPresent(file -> beside.put("probe.safetensors", read(file)));
    PolicyBundle bundle = PolicyBundle.of(spec, models, stored, beside);
    tellWeights(bundle, state, buffers);
    tellRun(bundle, exported);
    return bundle;
  }

  private NdArray normalising(String name, StateDict state) {
    NdArray array = state.get(state.stored(name).orElse(name));
    if (array == null) {
      throw new BundleException(
          "%s normalises by '%s', which no state dict has; nearest: %s - give the file that holds it by a further --state-dict"
              .formatted(source.spec, name, NearestNames.of(name, state.tensors().keySet())));
    }
    return array;
  }

  /** Buffers are frozen beside what the spec says; of a policy that only acts, all is. */
  private BundleSpec withFrozen(
      BundleSpec spec, Map<String, NdArray> weights, Set<String> buffers) {
    ParameterSpec said = spec.parameters();
    requireSome(said.trained(), weights);
    requireSome(said.frozen(), weights);
    if (source.actsOnly) {
      return spec.withParameters(
          new ParameterSpec(List.of(), List.of(), ParameterSpec.Adapters.NONE));
    }
    Set<String> frozen = new TreeSet<>(said.frozen());
    for (String name : weights.keySet()) {
      if (buffers.contains(name)
          && ParameterSpec.fits(said.trained(), name)
          && !ParameterSpec.fits(said.frozen(), name)) {
        frozen.add(name);
      }
    }
    return spec.withParameters(
        new ParameterSpec(said.trained(), List.copyOf(frozen), said.adapters()));
  }

  private void requireSome(List<String> patterns, Map<String, NdArray> weights) {
    for (String pattern : patterns) {
      if (!pattern.equals("*")
          && weights.keySet().stream().noneMatch(n -> ParameterSpec.fits(List.of(pattern), n))) {
        throw new BundleException(
            "%s: parameters name '%s', which fits no weight; nearest: %s"
                .formatted(source.spec, pattern, NearestNames.of(pattern, weights.keySet())));
      }
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new BundleException(
          "the probe cannot be read: %s; docs/format-bundle.md says what it holds"
              .formatted(FileErrors.reason(e, file)),
          e);
    }
  }

  private void tell(Path file, ImportedGraph imported) {
    told.accept(
        "%s: %d nodes, of which %d depend on neither input nor weight and are computed; %d stay"
            .formatted(
                file,
                imported.folding().nodes(),
                imported.folding().computed(),
                imported.model().getGraph().getNodeCount()));
    imported.notices().forEach(told);
  }

  private void tellWeights(PolicyBundle bundle, StateDict state, Set<String> buffers) {
    Weighed weighed = Weighed.of(bundle);
    told.accept(weighed.told());
    if (!buffers.isEmpty() && !source.actsOnly) {
      told.accept("buffers, which are frozen: " + listed(buffers));
    }
    Set<String> dropped = new TreeSet<>(state.tensors().keySet());
    dropped.removeAll(bundle.weights().keySet());
    Set<NdArray> kept = new HashSet<>();
    for (String name : bundle.weights().keySet()) {
      NdArray array = state.get(name);
      if (array != null) {
        kept.add(array);
      }
    }
    Set<String> tied = new TreeSet<>();
    for (String name : dropped) {
      NdArray array = Objects.requireNonNull(state.get(name));
      if (SameValues.isFloat(array) && SameValues.isTelling(array) && kept.contains(array)) {
        tied.add(name);
      }
    }
    dropped.removeAll(tied);
    if (!tied.isEmpty()) {
      told.accept("second names of weights (tied), left out: " + listed(tied));
    }
    if (!dropped.isEmpty()) {
      told.accept("left out, since no graph uses them: " + listed(dropped));
    }
  }

  private static String listed(Set<String> names) {
    String some = String.join(", ", names.stream().sorted().limit(TOLD).toList());
    return "%d: %s%s".formatted(names.size(), some, names.size() > TOLD ? ", .." : "");
  }

  private void tellRun(PolicyBundle bundle, Map<String, ExportedGraph> exported) {
    double worst = RobotCheck.compare(bundle, exported);
    told.accept(
        "robot: ONNX Runtime gives what the exported graph gave (largest difference %.1g of the largest value)"
            .formatted(worst));
    try (OnnxPolicy policy = RobotCheck.open(bundle)) {
      double _ = RobotCheck.act(bundle, policy);
    }
    told.accept(
        source.probe.isPresent()
            ? "probe: within %s of what the exporter's program gave"
                .formatted(bundle.spec().probe().tolerance())
            : "probe: none was given, so whether inputs are bound as in the exporter's program is"
                + " not known; --probe compares");
  }
}
