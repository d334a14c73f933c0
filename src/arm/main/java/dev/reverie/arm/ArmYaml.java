package dev.reverie.arm;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.NearestNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Reads and writes arm files: YAML over {@code defaults.yaml}, in which every key is known. */
final class ArmYaml {
  private static final String EACH = "*";

  /** Records in snake case: every key known, there and once, and nothing taken for another type. */
  static final ObjectMapper YAML =
      YAMLMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .withCoercionConfig(
              LogicalType.Textual,
              text ->
                  text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .build();

  /** Keys that have no default. */
  private static final List<String> NEEDED = List.of("name", "joints", "action.space");

  /** Texts for numbers that are as these by default, which nobody writes. */
  private static final Set<String> UNLIMITED = Set.of("Infinity", "-Infinity");

  private static final Pattern CAMERA_TOPIC = Pattern.compile("cameras\\.[^.]+\\.topic");

  /** Keys that are left out only together. */
  private static final Map<String, String> SIDES = Map.of("width", "height", "height", "width");

  private ArmYaml() {}

  /** The text of an arm file. */
  private interface Text {
    String read() throws IOException;
  }

  static ArmFile read(Path file) {
    return read(file, () -> YamlKeys.text(file));
  }

  static ArmFile parse(String text) {
    return read(Path.of("arm.yaml"), () -> text);
  }

  private static ArmFile read(Path file, Text text) {
    ObjectNode all = defaults();
    try {
      ObjectNode own = keys(file, text);
      requireValues("", own, file);
      requireKeys("", own, file);
      merge("", all, own, file);
      requireKeys("action.", all.path("action"), file);
      dropEach(all);
      return resolve(YAML.treeToValue(all, ArmFile.class), file);
    } catch (NoSuchFileException e) {
      throw new ArmException(
          "there is no arm file '%s'; write one: ./reverie arm init".formatted(file));
    } catch (JsonProcessingException e) {
      throw new ArmException("arm file '%s'%s".formatted(file, ArmWords.told(e, all)));
    } catch (IOException e) {
      throw new ArmException(
          Files.isDirectory(file)
              ? "arm file '%s' is a folder; give the file in it".formatted(file)
              : "arm file '%s' cannot be read: %s; make it readable"
                  .formatted(file, FileErrors.reason(e)));
    }
  }

  private static ObjectNode keys(Path file, Text text) throws IOException {
    try {
      return YamlKeys.read(YAML, text.read());
    } catch (IllegalArgumentException e) {
      throw new ArmException(
          "arm file '%s' %s; ./reverie arm init writes one, docs/format-arm.md has the keys"
              .formatted(file, e.getMessage()));
    }
  }

  static String write(ArmFile arm) {
    try {
      return YAML.writeValueAsString(said(arm));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static String json(ArmFile arm) {
    return said(arm).toString();
  }

  /** Returns what is not as it is by default. */
  private static ObjectNode said(ArmFile arm) {
    ObjectNode all = YAML.valueToTree(arm);
    prune(all, defaults());
    return all;
  }

  private static ObjectNode defaults() {
    try (InputStream in = ArmYaml.class.getResourceAsStream("defaults.yaml")) {
      return (ObjectNode) YAML.readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names of files count from the folder of the arm file. */
  private static ArmFile resolve(ArmFile arm, Path file) {
    var description = arm.description();
    return new ArmFile(
        arm.name(),
        new ArmFile.Description(
            description.topic(),
            resolve(file, description.urdf()),
            resolve(file, description.jointLimits())),
        arm.jointStates(),
        arm.joints(),
        arm.cameras(),
        arm.action(),
        arm.limits(),
        arm.controller(),
        arm.teleoperation());
  }

  private static String resolve(Path file, String name) {
    return name.isEmpty()
        ? name
        : file.toAbsolutePath().resolveSibling(name).normalize().toString();
  }

  /** Puts what a file says over the defaults; refuses keys that these do not have. */
  private static void merge(String path, ObjectNode into, ObjectNode given, Path file) {
    JsonNode each = into.remove(EACH);
    for (Map.Entry<String, JsonNode> entry : given.properties()) {
      String name = entry.getKey();
      JsonNode value = entry.getValue();
      JsonNode known = each == null ? into.get(name) : each.deepCopy();
      if (known == null && !required(path).contains(name)) {
        var names = new TreeSet<String>(required(path));
        into.fieldNames().forEachRemaining(names::add);
        throw new ArmException(
            "arm file '%s': %s".formatted(file, NearestNames.unknownKey(path, name, names)));
      }
      if (known != null && UNLIMITED.contains(known.asText()) && !value.isNumber()) {
        throw new ArmException(
            "arm file '%s', %s%s: %s"
                .formatted(file, path, name, ArmWords.isNot(path + name, value, "number")));
      }
      if (known instanceof ObjectNode group
          && !group.isEmpty()
          && value instanceof ObjectNode own) {
        merge(path + name + ".", group, own, file);
        into.set(name, group);
      } else {
        into.set(name, value);
      }
    }
  }

  /** Refuses a file that lacks what it must have. */
  private static void requireKeys(String path, JsonNode given, Path file) {
    for (String key : required(path)) {
      if (given.isObject() && !given.has(key)) {
        throw new ArmException(
            "arm file '%s' has no '%s%s'; give one, such as '%s'"
                .formatted(file, path, key, ArmWords.example(path + key)));
      }
    }
  }

  /** Refuses keys and entries that say nothing. */
  private static void requireValues(String path, JsonNode given, Path file) {
    if (given.isNull()) {
      throw new ArmException(
          "arm file '%s': '%s' is empty; give %s"
              .formatted(
                  file,
                  path,
                  NEEDED.contains(path)
                      ? "it a value, such as '%s'".formatted(ArmWords.example(path))
                      : "a value, or leave it out"));
    }
    if (CAMERA_TOPIC.matcher(path).matches() && given.asText().isBlank()) {
      throw new ArmException(
          "arm file '%s': '%s' is empty; name the topic of the camera's images, or leave it out where it is the camera's name and /image_raw"
              .formatted(file, path));
    }
    for (Map.Entry<String, JsonNode> entry : given.properties()) {
      requireValues(
          path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(), entry.getValue(), file);
    }
    for (int i = 0; given.isArray() && i < given.size(); i++) {
      requireValues(path + "[" + i + "]", given.get(i), file);
    }
  }

  /** Leaves out the defaults of entries where the file has no entry. */
  private static void dropEach(ObjectNode node) {
    node.remove(EACH);
    node.forEach(
        child -> {
          if (child instanceof ObjectNode group) {
            dropEach(group);
          }
        });
  }

  /** Keys of a group that have no default. */
  private static List<String> required(String path) {
    return NEEDED.stream()
        .filter(key -> key.startsWith(path) && key.indexOf('.', path.length()) < 0)
        .map(key -> key.substring(path.length()))
        .toList();
  }

  /** Leaves out what is as it is by default. */
  private static void prune(ObjectNode all, ObjectNode defaults) {
    JsonNode each = defaults.get(EACH);
    List<String> drop = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : all.properties()) {
      JsonNode usual = each == null ? defaults.get(entry.getKey()) : each;
      if (usual instanceof ObjectNode group && entry.getValue() instanceof ObjectNode own) {
        prune(own, group);
        if (own.isEmpty() && each == null) {
          drop.add(entry.getKey());
        }
      } else if (usual != null && isUsual(entry.getKey(), all, defaults, usual)) {
        drop.add(entry.getKey());
      }
    }
    all.remove(drop);
  }

  /** A height without its width, or the other way, would look as if one were forgotten. */
  private static boolean isUsual(String name, ObjectNode all, ObjectNode defaults, JsonNode usual) {
    String beside = SIDES.getOrDefault(name, "");
    return same(usual, all.path(name))
        && (beside.isEmpty() || same(defaults.path(beside), all.path(beside)));
  }

  private static boolean same(JsonNode one, JsonNode other) {
    if (one.isNumber() || other.isNumber()) {
      return one.asDouble(Double.NaN) == other.asDouble(Double.NaN);
    }
    return one.isTextual() ? one.asText().equalsIgnoreCase(other.asText()) : one.equals(other);
  }
}
