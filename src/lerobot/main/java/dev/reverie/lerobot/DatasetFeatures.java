package dev.reverie.lerobot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/** Lists what an exported dataset has of each frame, and how its table stores that. */
final class DatasetFeatures {
  private static final List<String> PIXELS = List.of("height", "width", "channels");

  private DatasetFeatures() {}

  /**
   * Lists the features of an exported dataset.
   *
   * @param videos whether pictures are videos; else they are in the table
   */
  static SequencedMap<String, Feature> of(Layout layout, boolean videos) {
    SequencedMap<String, Feature> features = new LinkedHashMap<>();
    features.put(Keys.STATE, Feature.vector(layout.joints()));
    layout
        .cameras()
        .forEach(
            (name, size) ->
                features.put(
                    Keys.IMAGES + name,
                    new Feature(
                        videos ? "video" : "image",
                        List.of(size.height(), size.width(), 3),
                        PIXELS,
                        videos ? videoInfo(size, layout.fps()) : Map.of())));
    features.put(Keys.ACTION, Feature.vector(layout.joints()));
    features.put(Keys.REWARD, Feature.scalar("float32"));
    features.put(Keys.DONE, Feature.scalar("bool"));
    features.put(Keys.SUCCESS, Feature.scalar("bool"));
    features.put(
        Keys.POLICY_ACTION,
        new Feature("float32", List.of(layout.actionSize()), List.of(), Map.of()));
    features.put(Keys.HELD, Feature.scalar("bool"));
    features.put(Keys.STAMP, Feature.scalar("int64"));
    features.put(Keys.TIMESTAMP, Feature.scalar("float32"));
    features.put(Keys.FRAME, Feature.scalar("int64"));
    features.put(Keys.EPISODE, Feature.scalar("int64"));
    features.put(Keys.INDEX, Feature.scalar("int64"));
    features.put(Keys.TASK, Feature.scalar("int64"));
    return features;
  }

  /** Describes a video as LeRobot does after asking PyAV. */
  private static Map<String, Object> videoInfo(Layout.CameraSize size, int fps) {
    SequencedMap<String, Object> info = new LinkedHashMap<>();
    info.put("video.height", size.height());
    info.put("video.width", size.width());
    info.put("video.codec", "av1");
    info.put("video.pix_fmt", "yuv420p");
    info.put(Feature.DEPTH, false);
    info.put("video.fps", fps);
    info.put("video.channels", 3);
    info.put("has_audio", false);
    return info;
  }

  /** The table's columns; videos have none. */
  static SequencedMap<String, ParquetType> types(SequencedMap<String, Feature> features) {
    SequencedMap<String, ParquetType> types = new LinkedHashMap<>();
    features.forEach(
        (key, feature) -> {
          if (!feature.video()) {
            types.put(key, type(feature));
          }
        });
    return types;
  }

  private static ParquetType type(Feature feature) {
    if (feature.camera()) {
      return ParquetType.image();
    }
    ParquetType.Leaf leaf =
        switch (feature.dtype()) {
          case "bool" -> ParquetType.Leaf.BOOL;
          case "int64" -> ParquetType.Leaf.INT64;
          default -> ParquetType.Leaf.FLOAT;
        };
    return feature.size() == 1 ? leaf : new ParquetType.ListOf(leaf);
  }

  /** A feature's numbers as its column takes them: a single one without a list. */
  static Object value(Feature feature, double[] numbers) {
    List<Object> values = DoubleStream.of(numbers).mapToObj(n -> value(feature, n)).toList();
    return feature.size() == 1 ? values.getFirst() : values;
  }

  private static Object value(Feature feature, double number) {
    return switch (feature.dtype()) {
      case "bool" -> number != 0;
      case "int64" -> (long) number;
      default -> (float) number;
    };
  }

  /**
   * Describes pictures and lengths of vectors to the library "datasets", which needs no LeRobot.
   */
  static SortedMap<String, String> metadata(SequencedMap<String, Feature> features) {
    SequencedMap<String, Object> described = new LinkedHashMap<>();
    features.forEach(
        (key, feature) -> {
          if (!feature.video()) {
            described.put(key, described(feature));
          }
        });
    try {
      String json =
          new ObjectMapper().writeValueAsString(Map.of("info", Map.of("features", described)));
      return new TreeMap<>(Map.of("huggingface", json));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("every feature can be written", e);
    }
  }

  private static SequencedMap<String, Object> described(Feature feature) {
    SequencedMap<String, Object> value = new LinkedHashMap<>();
    if (feature.camera()) {
      value.put("_type", "Image");
      return value;
    }
    value.put("dtype", feature.dtype());
    value.put("_type", "Value");
    if (feature.size() == 1) {
      return value;
    }
    SequencedMap<String, Object> list = new LinkedHashMap<>();
    list.put("feature", value);
    list.put("length", feature.size());
    list.put("_type", "Sequence");
    return list;
  }
}
