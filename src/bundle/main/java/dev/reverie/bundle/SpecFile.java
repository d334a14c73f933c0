package dev.reverie.bundle;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverie.arm.ArmFile;
import dev.reverie.arm.YamlKeys;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleJson;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.EnumWords;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.NearestNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The file in which a person describes a policy: the keys of {@code bundle.json}, in YAML or JSON,
 * of which those may be left out that have a default or that the graph tells.
 */
final class SpecFile {
  private static final ObjectMapper YAML =
      YAMLMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  private static final String MISSING = " is missing";

  /** Values of keys that are left out. */
  private static final String DEFAULTS =
      """
      format: 2
      cameras: []
      graph: {actions: {skip: 0, pad_to: 0, normalise: {kind: none, tensors: []}}}
      language: {kind: none}
      parameters: {trained: ["*"], frozen: [], adapters: {rank: 0, weights: []}}
      execution: {actions: 0, ensemble: -1.0}
      limits: {load_s: 0.0, inference_s: 0.0, memory_mb: 0}
      probe: {tolerance: 0.001}
      lineage: {parent: "", rollouts: [], settings: {}, measured: {successes: 0, episodes: 0}}
      files: {}
      """;

  private static final String CAMERA =
      "{rectify: false, crop: {x: 0.0, y: 0.0, width: 1.0, height: 1.0}}";

  private static final Map<String, String> LANGUAGES =
      Map.of(
          "tokenizer",
          "{file: tokenizer.json, prompt: \"{instruction}\", lower_case: false, special_tokens: true, begin: [], end: [], padding: right}");

  private static final Map<String, String> HEADS =
      Map.of(
          "flow", "{sampler: ode, noise: 0.7}",
          "diffusion", "{sampler: ddim, noise: 1.0, least_noise: 0.1, clip: 1.0}");

  /** Keys that nothing can stand for, each with an example. */
  private static final Map<String, String> NEEDED =
      new LinkedHashMap<>(
          Map.of(
              "joint_names", "[shoulder, elbow, wrist]",
              "action_space", "{kind: joint_positions, joints: [..], min_rad: [..], max_rad: [..]}",
              "chunk", "{horizon: 20, period_s: 0.033}",
              "head", "{kind: regression, noise: [..]}"));

  private final String file;
  private final ObjectNode keys;
  private final GraphPorts ports;

  private SpecFile(String file, ObjectNode keys, GraphPorts ports) {
    this.file = file;
    this.keys = keys;
    this.ports = ports;
  }

  /**
   * The tokenizer's file that a spec asks for.
   *
   * @param name in the bundle
   */
  record Tokenizer(String name, byte[] content) {}

  /** A spec with all that it needs. */
  record Whole(BundleSpec spec, Optional<Tokenizer> tokenizer) {}

  /**
   * Reads a spec.
   *
   * @param files names of the graphs' files in the bundle, by role
   * @param arm whose joints, cameras, actions and chunk stand for those left out
   * @param tokenizer the file of the tokenizer; none: beside the spec
   * @throws BundleException naming what is wrong and what to do
   */
  static Whole read(
      Path file,
      Map<String, String> files,
      GraphPorts ports,
      Optional<ArmFile> arm,
      Optional<Path> tokenizer) {
    SpecFile spec = new SpecFile(file.toString(), keys(file), ports);
    arm.ifPresent(spec::takeFromArm);
    spec.complete(files);
    Optional<Tokenizer> tokens = spec.tokenizer(file, tokenizer);
    byte[] json = spec.keys.toString().getBytes(StandardCharsets.UTF_8);
    try {
      return new Whole(BundleJson.parse(json, spec.file, BundleSpec.class), tokens);
    } catch (BundleException e) {
      throw new BundleException(spec.withKeysThere(String.valueOf(e.getMessage())), e);
    }
  }

  /** Names, for a key that is missing, also those that are in its place: one may be misspelt. */
  private String withKeysThere(String message) {
    int end = message.indexOf(MISSING + ";"); // then comes what helps
    String path = end < 0 ? "" : message.substring(0, end).replace(file, "");
    if (path.lastIndexOf('.') < 0) {
      return message;
    }
    String above =
        path.substring(0, path.lastIndexOf('.'))
            .replace('.', '/')
            .replaceAll("\\[(\\d+)\\]", "/$1");
    Set<String> there = new TreeSet<>();
    keys.at(above).fieldNames().forEachRemaining(there::add);
    int remedy = end + MISSING.length();
    return "%s; there are %s%s"
        .formatted(message.substring(0, remedy), there, message.substring(remedy));
  }

  private static ObjectNode keys(Path file) {
    try {
      return YamlKeys.read(YAML, YamlKeys.text(file));
    } catch (NoSuchFileException e) {
      throw new BundleException(
          "there is no spec %s; docs/own-policy.md has one to begin with".formatted(file), e);
    } catch (IllegalArgumentException e) {
      throw new BundleException("the spec %s %s".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new BundleException(
          "the spec %s cannot be read: %s".formatted(file, FileErrors.reason(e, file)), e);
    }
  }

  private static ObjectNode yaml(String text) {
    try {
      return (ObjectNode) YAML.readTree(text);
    } catch (IOException e) {
      throw new IllegalStateException("our own defaults are YAML", e);
    }
  }

  /** Copies what is not there; of groups of keys each by itself. */
  private static void merge(ObjectNode into, ObjectNode defaults) {
    defaults
        .properties()
        .forEach(
            each -> {
              JsonNode there = into.get(each.getKey());
              if (there == null) {
                into.set(each.getKey(), each.getValue());
              } else if (there instanceof ObjectNode group
                  && each.getValue() instanceof ObjectNode more
                  && !more.has("kind")) {
                merge(group, more);
              }
            });
  }

  private void takeFromArm(ArmFile arm) {
    ObjectNode task = yaml(arm.task().json());
    merge(keys, task);
  }

  private void complete(Map<String, String> files) {
    merge(keys, yaml(DEFAULTS));
    NEEDED.forEach(
        (key, example) -> {
          if (!keys.has(key)) {
            throw new BundleException(
                "the spec %s has no '%s'; give it, such as %s: %s, or the arm's file by --arm"
                    .formatted(file, key, key, example));
          }
        });
    for (JsonNode camera : keys.path("cameras")) {
      if (camera instanceof ObjectNode group) {
        merge(group, yaml(CAMERA));
      }
    }
    completeKind("head", HEADS);
    completeKind("language", LANGUAGES);
    if (keys.get("graph") instanceof ObjectNode graph) {
      graph.set("files", YAML.valueToTree(files));
      completeInputs(graph);
      completeOutputs(graph);
      completeNormalise(graph.path("actions"));
    }
    if (keys.path("language") instanceof ObjectNode language
        && language.path("kind").asText().equals("tokenizer")
        && !language.has("length")) {
      lengthOfTokens().ifPresent(length -> language.put("length", length));
    }
  }

  private void completeKind(String key, Map<String, String> byKind) {
    if (keys.get(key) instanceof ObjectNode group) {
      String defaults = byKind.get(group.path("kind").asText());
      if (defaults != null) {
        merge(group, yaml(defaults));
      }
    }
  }

  private static void completeNormalise(JsonNode node) {
    if (node instanceof ObjectNode group) {
      merge(group, yaml("{normalise: {kind: none}}"));
      if (group.path("normalise") instanceof ObjectNode normalise && !normalise.has("tensors")) {
        normalise.putArray("tensors");
      }
    }
  }

  private void completeInputs(ObjectNode graph) {
    Set<String> bound = new TreeSet<>();
    for (JsonNode input : graph.path("inputs")) {
      String name = input.path("name").asText();
      GraphPorts.Port port = ports.inputs().get(name);
      if (!name.isEmpty() && port == null) {
        throw new BundleException(
            "%s binds an input '%s', which the graph lacks; nearest: %s of %s"
                .formatted(
                    file, name, NearestNames.of(name, ports.inputs().keySet()), ports.inputs()));
      }
      if (input instanceof ObjectNode group && port != null) {
        bound.add(name);
        completeInput(group, port);
      }
    }
    ports
        .inputs()
        .forEach(
            (name, port) -> {
              if (!bound.contains(name)) {
                throw new BundleException(
                    "%s binds nothing to the graph's input '%s', %s; add under graph.inputs: {name: %s, source: %s, ..}, docs/format-bundle.md has the sources"
                        .formatted(file, name, port, name, GraphPorts.likely(port)));
              }
            });
  }

  private void completeInput(ObjectNode input, GraphPorts.Port port) {
    if (!input.has("dtype")) {
      input.put("dtype", EnumWords.of(port.type()));
    }
    switch (input.path("source").asText()) {
      case "" ->
          throw new BundleException(
              "%s: the input '%s' has no source, only %s; give one, such as source: %s"
                  .formatted(
                      file,
                      input.path("name").asText(),
                      input.properties().stream().map(Map.Entry::getKey).sorted().toList(),
                      GraphPorts.likely(port)));
      case "camera" -> {
        completeSeen(input);
        boolean bytes = input.path("dtype").asText().equals("uint8");
        if (!input.has("range") && bytes) {
          input.put("range", "0_255");
        }
        if (!input.path("range").isTextual()) {
          throw new BundleException(
              "%s: input '%s' has range %s; say what black and white are, in quotes: \"0_1\", \"-1_1\" or \"0_255\""
                  .formatted(file, input.path("name").asText(), input.path("range")));
        }
        if (!input.has("layout")) {
          input.put("layout", port.length(-1) == 3 ? "nhwc" : "nchw");
        }
        JsonNode cameras = keys.path("cameras");
        if (!input.has("cameras") && cameras.size() == 1) {
          input.putArray("cameras").add(cameras.path(0).path("name"));
        }
      }
      case "joints" -> {
        completeSeen(input);
        if (!input.has("pad_to")) {
          long width = port.length(-1);
          input.put("pad_to", width > keys.path("joint_names").size() ? width : 0);
        }
      }
      default -> {}
    }
  }

  private static void completeSeen(ObjectNode input) {
    completeNormalise(input);
    if (!input.has("history")) {
      input.set("history", yaml("{observations: 0, stride: 0}"));
    }
  }

  /** The graph's only output is the head's, and outputs have the head's own words as names. */
  private void completeOutputs(ObjectNode graph) {
    List<String> words = words();
    if (!graph.has("outputs") && !words.isEmpty()) {
      ObjectNode outputs = graph.putObject("outputs");
      if (words.size() == 1 && ports.outputs().size() == 1) {
        outputs.put(words.getFirst(), ports.outputs().keySet().iterator().next());
      } else {
        words.forEach(word -> outputs.put(word, word));
      }
    }
    graph
        .path("outputs")
        .properties()
        .forEach(
            each -> {
              String name = each.getValue().asText();
              if (!ports.outputs().containsKey(name)) {
                throw new BundleException(
                    "%s: graph.outputs.%s is '%s', which the graph does not give; nearest: %s of %s"
                        .formatted(
                            file,
                            each.getKey(),
                            name,
                            NearestNames.of(name, ports.outputs().keySet()),
                            ports.outputs()));
              }
            });
  }

  private List<String> words() {
    return switch (keys.path("head").path("kind").asText()) {
      case "tokens", "autoregressive" -> List.of("logits");
      case "regression" -> List.of("actions");
      case "gaussian" -> List.of("mean", "log_std");
      case "flow" -> List.of("velocity");
      case "diffusion" ->
          switch (keys.path("head").path("prediction").asText()) {
            case "sample" -> List.of("sample");
            case "v_prediction" -> List.of("velocity");
            default -> List.of("epsilon");
          };
      default -> List.of(); // which is refused where the head is read
    };
  }

  private Optional<Long> lengthOfTokens() {
    List<Long> lengths = new ArrayList<>();
    for (JsonNode input : keys.path("graph").path("inputs")) {
      GraphPorts.Port port = ports.inputs().get(input.path("name").asText());
      if (port != null && input.path("source").asText().equals("language_ids")) {
        lengths.add(port.length(-1));
      }
    }
    return lengths.stream().filter(length -> length > 0).findFirst();
  }

  private Optional<Tokenizer> tokenizer(Path spec, Optional<Path> given) {
    if (!(keys.path("language") instanceof ObjectNode language)
        || !language.path("kind").asText().equals("tokenizer")) {
      if (given.isPresent()) {
        throw new BundleException(
            "--tokenizer is given, and the spec %s has no language of the kind tokenizer; write language: {kind: tokenizer, pad_id: ..}"
                .formatted(file));
      }
      return Optional.empty();
    }
    String name = language.path("file").asText();
    Path beside = spec.toAbsolutePath().resolveSibling(name).normalize();
    Path from = given.orElse(beside);
    if (given.isEmpty() && !Objects.equals(beside.getParent(), parent(spec))) {
      throw new BundleException(
          "language.file is '%s'; give the plain name of a file, and the file by --tokenizer"
              .formatted(name));
    }
    try {
      byte[] content = Files.readAllBytes(from);
      TokenIds.of(from.toString(), content).resolve(language);
      return Optional.of(new Tokenizer(name, content));
    } catch (IOException e) {
      throw new BundleException(
          "the tokenizer cannot be read: %s; give the policy's tokenizer.json by --tokenizer"
              .formatted(FileErrors.reason(e, from)),
          e);
    }
  }

  private static @Nullable Path parent(Path spec) {
    return spec.toAbsolutePath().normalize().getParent();
  }
}
