package dev.reverie.trainer.model;

import dev.reverie.policy.Buffers;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.DType;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import dev.reverie.trainer.onnx.GraphFile;
import dev.reverie.trainer.onnx.OnnxException;
import dev.reverie.trainer.onnx.OnnxModule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A network of the user's own: an ONNX graph with its weights, which the trainer runs and trains as
 * it does a policy's. What it is given and gives, docs/format-models.md says.
 *
 * @param setting that names it, for messages
 * @param path of the file
 * @param source hash of the file that it was trained from, or is
 * @param frozen patterns of the weights that do not learn
 */
public record OwnGraph(
    String setting, Path path, GraphFile file, String source, List<String> frozen) {
  private static final Set<DType> FLOATS = Set.of(DType.F16, DType.BF16, DType.F32, DType.F64);

  /**
   * Reads the graph that a setting names; empty where it names none.
   *
   * @throws TrainerException where the file is none that can be used
   */
  public static Optional<OwnGraph> named(String setting, String path, List<String> frozen) {
    if (path.isEmpty()) {
      return Optional.empty();
    }
    GraphFile file = read(setting, Path.of(path));
    return Optional.of(new OwnGraph(setting, Path.of(path), file, file.sha256(), frozen));
  }

  /**
   * Reads the graph that a finished stage has left in its folder; empty where it has left none.
   *
   * @param named by the setting that goes with it; another one is refused
   * @throws TrainerException where setting and folder do not go together
   */
  public static Optional<OwnGraph> left(
      String setting, String named, List<String> frozen, Path folder, String stage) {
    Path file = graph(folder, stage);
    if (Files.exists(file) == named.isEmpty()) {
      throw new TrainerException(
          named.isEmpty()
              ? "%s is a network of one's own, and %s names none; name the graph that it was trained from"
                  .formatted(file, setting)
              : "%s is %s, and there is no %s: that network is not of this graph; train it with the same setting first, or leave it out"
                  .formatted(setting, named, file));
    }
    if (named.isEmpty()) {
      return Optional.empty();
    }
    GraphFile left = read(setting, file);
    Path own = Path.of(named);
    if (Files.exists(own)) {
      String now = GraphFile.read(own).sha256();
      if (!now.equals(left.source())) {
        throw new TrainerException(
            "%s is %s (SHA-256 %s), and %s was trained from another graph (%s); name that one, or train anew"
                .formatted(setting, own, now, file, left.source()));
      }
    }
    return Optional.of(new OwnGraph(setting, file, left, left.source(), frozen));
  }

  private static GraphFile read(String setting, Path path) {
    try {
      return GraphFile.read(path);
    } catch (OnnxException e) {
      throw new TrainerException("the setting %s: %s".formatted(setting, e.getMessage()), e);
    }
  }

  private static Path graph(Path folder, String stage) {
    return folder.resolve(stage + ".onnx");
  }

  /** Leaves the graph beside a finished stage's weights, so that others can open both. */
  public void leave(TrainLoop loop, String stage) {
    Ranks.world().once(() -> file.write(graph(loop.folder(), stage), loop.weights(stage), source));
  }

  /** A loop for stages that are made of a graph, where there is one. */
  public static TrainLoop in(Optional<OwnGraph> graph, TrainLoop loop) {
    return graph
        .map(own -> loop.of(new Made(own.source.substring(0, 16), own.frozen)))
        .orElse(loop);
  }

  /** A stage's words about the graph that it was made of. */
  private record Made(String graph, List<String> frozen) {}

  /**
   * The graph as a network, after it was compared with what it has to be.
   *
   * @param ports that it has to have, all of these
   * @param late inputs that change while the others stay; none: it runs once
   * @throws TrainerException where it is not what it has to be, naming how
   */
  OnnxModule module(List<GraphPorts> ports, Set<String> late) {
    try {
      GraphProto graph = file.model().getGraph();
      ports.forEach(port -> port.check(graph));
      OnnxModule.Storage storage =
          new OnnxModule.Storage(untrained(graph), Set.of(), Compute::onDevice);
      OnnxModule module = OnnxModule.load(file.model(), file.weights(), storage, late, Set.of());
      try {
        ports.forEach(port -> port.run(module));
      } catch (RuntimeException e) {
        module.close();
        throw e;
      }
      return module;
    } catch (OnnxException | BundleException | TrainerException e) {
      throw new TrainerException("%s is %s: %s".formatted(setting, path, e.getMessage()), e);
    }
  }

  /**
   * Returns what some of the outputs need, which is one input alone.
   *
   * @param outputs of which the graph may lack some
   * @throws TrainerException where they need another input too
   */
  OnnxModule.Part half(OnnxModule module, List<String> outputs, String input) {
    Set<String> there = outputs.stream().filter(this::gives).collect(Collectors.toSet());
    OnnxModule.Part part = module.part(there);
    if (!part.inputs().equals(List.of(input))) {
      throw new TrainerException(
          "%s is %s: %s depends on the inputs %s, and must on '%s' alone, since both halves run by themselves"
              .formatted(setting, path, there, part.inputs(), input));
    }
    return part;
  }

  /** Returns whether the graph has an output. */
  boolean gives(String output) {
    return file.model().getGraph().getOutputList().stream()
        .anyMatch(info -> info.getName().equals(output));
  }

  /**
   * Names of the initializers that do not learn: what is no float, statistics, buffers, single
   * numbers, and what the settings say.
   */
  private Set<String> untrained(GraphProto graph) {
    Map<String, Boolean> parameters = Buffers.parameters(graph);
    Set<String> fixed = Buffers.fixed(graph);
    Set<String> untrained = new HashSet<>();
    for (String pattern : frozen) {
      List<String> one = List.of(pattern);
      if (file.weights().keySet().stream().noneMatch(n -> TrainedPart.matches(one, n))) {
        throw new TrainerException(
            "no weight fits the pattern '%s' of %sFrozen; its weights are %s"
                .formatted(pattern, setting, file.weights().keySet()));
      }
    }
    file.weights()
        .forEach(
            (name, array) -> {
              boolean learns =
                  parameters.isEmpty()
                      ? array.shape().length > 0
                      : parameters.getOrDefault(name, false);
              boolean stays =
                  !FLOATS.contains(array.type())
                      || fixed.contains(name)
                      || TrainedPart.matches(frozen, name);
              if (stays || !learns) {
                untrained.add(name);
              }
              if (!stays && !learns && !parameters.containsKey(name) && array.elements() > 1) {
                throw new TrainerException(
                    "PyTorch's exporter does not say what the weight '%s' is, as where it folds several into one; export it with optimize=False, or name it in %sFrozen, where it does not learn"
                        .formatted(name, setting));
              }
              if (!stays && learns && array.type() != DType.F32) {
                throw new TrainerException(
                    "the weight '%s' is %s, and what learns must be F32; export it in float32, or name it in %sFrozen"
                        .formatted(name, array, setting));
              }
            });
    if (untrained.containsAll(file.weights().keySet())) {
      throw new TrainerException(
          "it has no weights that learn, of %s; export its parameters as initializers (do not fold them into constants), and name fewer in %sFrozen, which is %s"
              .formatted(file.weights().keySet(), setting, frozen));
    }
    return untrained;
  }

  @Override
  public String toString() {
    return "%s %s (SHA-256 %s)".formatted(setting, path, source);
  }
}
