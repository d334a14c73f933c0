package dev.reverie.lerobot;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * One entry of a dataset's features.
 *
 * @param dtype "float32", "int64", "bool" and so on; "image" or "video" for a camera
 * @param shape of one value; [height, width, channels] for a camera
 * @param names of the entries of a vector; empty where none are told
 * @param info of a video: codec and so on
 */
record Feature(String dtype, List<Integer> shape, List<String> names, Map<String, Object> info) {
  static final String DEPTH = "video.is_depth_map";

  private static final List<String> NUMBERS =
      List.of("float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool");

  Feature {
    shape = List.copyOf(shape);
    names = List.copyOf(names);
    info = Collections.unmodifiableMap(new LinkedHashMap<>(info));
  }

  static Feature scalar(String dtype) {
    return new Feature(dtype, List.of(1), List.of(), Map.of());
  }

  static Feature vector(List<String> names) {
    return new Feature("float32", List.of(names.size()), names, Map.of());
  }

  boolean camera() {
    return dtype.equals("image") || dtype.equals("video");
  }

  /** A camera whose values are pictures of three colours, not of depth. */
  boolean picture() {
    return camera()
        && shape.size() == 3
        && (shape.getLast() == 3 || shape.getFirst() == 3)
        && !Boolean.TRUE.equals(info.get(DEPTH));
  }

  /** Returns whether a picture has this size; the channels may stand last or first. */
  boolean hasSize(int width, int height) {
    return shape.equals(List.of(height, width, 3)) || shape.equals(List.of(3, height, width));
  }

  boolean video() {
    return dtype.equals("video");
  }

  /** A single number or a row of them. */
  boolean numeric() {
    return NUMBERS.contains(dtype) && shape.size() == 1;
  }

  int size() {
    return shape.stream().reduce(1, Math::multiplyExact);
  }

  /** Describes the feature as info.json does. */
  SequencedMap<String, Object> json() {
    SequencedMap<String, Object> fields = new LinkedHashMap<>();
    fields.put("dtype", dtype);
    fields.put("shape", shape);
    fields.put("names", names.isEmpty() ? null : names);
    if (!info.isEmpty()) {
      fields.put("info", info);
    }
    return fields;
  }

  /** Reads a feature from info.json; what is not told is taken as empty. */
  static Feature of(String key, JsonNode node) {
    List<Integer> shape = new ArrayList<>();
    node.path("shape").forEach(size -> shape.add(size.asInt()));
    if (!node.path("dtype").isTextual() || shape.isEmpty()) {
      throw new LerobotException(
          "feature '%s' in meta/info.json is %s: it has no dtype or no shape".formatted(key, node));
    }
    List<String> names = new ArrayList<>();
    addTexts(node.path("names"), names);
    JsonNode info = node.path("info");
    boolean depth = info.path(DEPTH).asBoolean() || info.path("is_depth_map").asBoolean();
    return new Feature(
        node.path("dtype").asText(), shape, names, depth ? Map.of(DEPTH, true) : Map.of());
  }

  /**
   * Names come as a list, as lists by kind: {"motors": ["shoulder", "elbow"]}, or each with its
   * place: {"delta_x": 0, "delta_y": 1}.
   */
  private static void addTexts(JsonNode node, List<String> names) {
    if (node.isObject() && node.valueStream().allMatch(JsonNode::isInt)) {
      node.propertyStream()
          .sorted(Comparator.comparingInt(entry -> entry.getValue().intValue()))
          .forEach(entry -> names.add(entry.getKey()));
    }
    if (node.isTextual()) {
      names.add(node.asText());
    }
    node.forEach(child -> addTexts(child, names));
  }
}
