package dev.reverie.mcap;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;

/**
 * Describes one of the cases of MCAP's conformance tests: what is in the file, and in which of its
 * ways it is written. Made here after their description; {@link ConformanceBytes} makes the file.
 */
record ConformanceVector(String base, Set<Feature> features, List<Content> content) {
  enum Feature {
    CHUNKS("ch"),
    MESSAGE_INDEX("mx"),
    STATISTICS("st"),
    REPEATED_SCHEMAS("rsh"),
    REPEATED_CHANNELS("rch"),
    ATTACHMENT_INDEX("ax"),
    METADATA_INDEX("mdx"),
    CHUNK_INDEX("chx"),
    SUMMARY_OFFSETS("sum"),
    PADDING("pad");

    final String word;

    Feature(String word) {
      this.word = word;
    }
  }

  sealed interface Content {
    record Schema(int id, String name, String encoding, byte[] data) implements Content {}

    record Channel(int id, int schema, String topic, String encoding, Map<String, String> metadata)
        implements Content {}

    record Message(int channel, int sequence, long logNanos, long publishNanos, byte[] data)
        implements Content {}

    record Attachment(long logNanos, long createNanos, String name, String mediaType, byte[] data)
        implements Content {}

    record Metadata(String name, Map<String, String> values) implements Content {}
  }

  private static final byte[] DATA = {1, 2, 3};
  private static final Content SCHEMA = new Content.Schema(1, "Example", "c", new byte[] {4, 5, 6});
  private static final Content CHANNEL =
      new Content.Channel(1, 1, "example", "a", Map.of("foo", "bar"));
  private static final Content MESSAGE = new Content.Message(1, 10, 2, 1, DATA);

  /** "OneMessage-ch-chx-mx" */
  String name() {
    Set<String> words = new TreeSet<>();
    features.forEach(feature -> words.add(feature.word));
    return words.isEmpty() ? base : base + "-" + String.join("-", words);
  }

  boolean has(Feature feature) {
    return features.contains(feature);
  }

  boolean holds(Class<? extends Content> kind) {
    return content.stream().anyMatch(kind::isInstance);
  }

  /** All of them: each content in each combination of features that makes sense for it. */
  static List<ConformanceVector> all() {
    List<Content> ten = new ArrayList<>(List.of(SCHEMA, CHANNEL));
    long[] times = {0, 2, 1, 3, 3, 5, 4, 7, 8, 9};
    LongStream.range(0, times.length)
        .forEach(
            i -> ten.add(new Content.Message(1, (int) i, times[(int) i], times[(int) i], DATA)));
    Map<String, List<Content>> contents = new TreeMap<>(); // in the same order each time
    contents.putAll(
        Map.of(
            "NoData",
            List.of(),
            "OneSchemalessMessage",
            List.of(new Content.Channel(1, 0, "example", "text", Map.of()), MESSAGE),
            "OneMessage",
            List.of(SCHEMA, CHANNEL, MESSAGE),
            "OneAttachment",
            List.of(new Content.Attachment(2, 1, "myFile", "application/octet-stream", DATA)),
            "OneMetadata",
            List.of(new Content.Metadata("myMetadata", Map.of("foo", "bar"))),
            "TenMessages",
            ten));
    List<ConformanceVector> vectors = new ArrayList<>();
    contents.forEach(
        (base, content) -> {
          for (int bits = 0; bits < 1 << Feature.values().length; bits++) {
            Set<Feature> features = EnumSet.noneOf(Feature.class);
            for (Feature feature : Feature.values()) {
              if ((bits >> feature.ordinal() & 1) != 0) {
                features.add(feature);
              }
            }
            ConformanceVector vector = new ConformanceVector(base, features, content);
            if (vector.makesSense()) {
              vectors.add(vector);
            }
          }
        });
    return vectors;
  }

  private boolean makesSense() {
    boolean channels = holds(Content.Channel.class);
    boolean indexes = has(Feature.CHUNK_INDEX) || has(Feature.MESSAGE_INDEX);
    boolean summary =
        has(Feature.CHUNK_INDEX)
            || has(Feature.REPEATED_SCHEMAS)
            || has(Feature.REPEATED_CHANNELS)
            || has(Feature.METADATA_INDEX)
            || has(Feature.ATTACHMENT_INDEX)
            || has(Feature.STATISTICS);
    return (!has(Feature.ATTACHMENT_INDEX) || holds(Content.Attachment.class))
        && (!has(Feature.METADATA_INDEX) || holds(Content.Metadata.class))
        && (!has(Feature.REPEATED_SCHEMAS) || holds(Content.Schema.class))
        && (!has(Feature.REPEATED_CHANNELS) || channels)
        && (channels || !(has(Feature.CHUNKS) || indexes))
        && (!indexes || has(Feature.CHUNKS))
        && (!has(Feature.SUMMARY_OFFSETS) || summary);
  }
}
