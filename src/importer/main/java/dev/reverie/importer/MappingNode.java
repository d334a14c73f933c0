package dev.reverie.importer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.rollout.NearestNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** A value of a mapping file, which knows its place in it. */
record MappingNode(String path, JsonNode value) {
  /** The right form of keys that must be there. */
  private static final Map<String, String> EXAMPLES =
      Map.of(
          "arm", "arm.yaml",
          "commands", "{topic: /controller/joint_trajectory}",
          "instruction", "put the cube into the bowl",
          "outcome", "success",
          "topic", "/controller/joint_trajectory");

  ImportException wrong(String what) {
    return new ImportException("%s: %s".formatted(path, what));
  }

  /** Refuses keys that are not known. */
  MappingNode only(String... known) {
    if (!value.isObject()) {
      throw wrong("is %s; give the keys %s".formatted(value, List.of(known)));
    }
    for (Map.Entry<String, JsonNode> entry : value.properties()) {
      if (!Set.of(known).contains(entry.getKey())) {
        throw wrong(NearestNames.unknownKey("", entry.getKey(), List.of(known)));
      }
      if (entry.getValue().isNull()) {
        throw wrong("'%s' has no value; give one, or leave it out".formatted(entry.getKey()));
      }
    }
    return this;
  }

  boolean has(String key) {
    return value.hasNonNull(key);
  }

  MappingNode get(String key) {
    JsonNode child = value.get(key);
    if (child == null || child.isNull()) {
      throw wrong(
          EXAMPLES.containsKey(key)
              ? "has no '%s'; give one, such as '%s: %s'".formatted(key, key, EXAMPLES.get(key))
              : "has no '%s'; give one".formatted(key));
    }
    return new MappingNode(path + ": " + key, child);
  }

  @Nullable MappingNode find(String key) {
    return has(key) ? get(key) : null;
  }

  String text() {
    if (!value.isTextual() || value.asText().isBlank()) {
      throw wrong("is %s; give a text".formatted(value));
    }
    return value.asText().strip();
  }

  /** A text, number or truth, as a text. */
  String scalar() {
    if (!value.isValueNode()) {
      throw wrong("is %s; give one value".formatted(value));
    }
    return value.asText();
  }

  /** A topic's name, which begins with a slash in bags. */
  String topic() {
    String name = text();
    return name.startsWith("/") ? name : "/" + name;
  }

  double seconds(double most) {
    if (!value.isNumber() || !(value.asDouble() >= 0 && value.asDouble() <= most)) {
      throw wrong("is %s; give seconds, 0 to %s".formatted(value, most));
    }
    return value.asDouble();
  }

  <E extends Enum<E>> E oneOf(Class<E> kind) {
    for (E constant : kind.getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(value.asText())) {
        return constant;
      }
    }
    List<String> known = new ArrayList<>();
    for (E constant : kind.getEnumConstants()) {
      known.add(constant.name().toLowerCase(Locale.ROOT));
    }
    throw wrong("is %s; give one of %s".formatted(value, known));
  }

  /** The entries of a list; a value alone is a list of one. */
  List<MappingNode> list() {
    List<MappingNode> entries = new ArrayList<>();
    if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        entries.add(new MappingNode("%s[%d]".formatted(path, i), value.get(i)));
      }
    } else {
      entries.add(this);
    }
    if (entries.isEmpty()) {
      throw wrong("is empty; give one at least, or leave it out");
    }
    return entries;
  }

  <T> SequencedMap<String, T> map(BiFunction<String, MappingNode, T> entry) {
    if (!value.isObject()) {
      throw wrong("is %s; give 'name: value' pairs".formatted(value));
    }
    SequencedMap<String, T> map = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> child : value.properties()) {
      map.put(child.getKey(), entry.apply(child.getKey(), get(child.getKey())));
    }
    return map;
  }
}
