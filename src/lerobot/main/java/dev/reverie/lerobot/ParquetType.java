package dev.reverie.lerobot;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The type of a column. As Arrow does it, every level may be absent by the file's schema; {@link
 * ParquetWriter} writes none that is.
 */
sealed interface ParquetType {
  /** One value: Boolean, Long, Float, Double, String or byte[]. */
  enum Leaf implements ParquetType {
    BOOL(0),
    INT64(2),
    FLOAT(4),
    DOUBLE(5),
    STRING(6),
    BINARY(6);

    /** Number of the physical type in Parquet's Thrift definition. */
    final int physical;

    Leaf(int physical) {
      this.physical = physical;
    }
  }

  /** A {@link List} of one or more. */
  record ListOf(ParquetType element) implements ParquetType {}

  /** A {@link Map} with a value for each field. */
  record Struct(SequencedMap<String, ParquetType> fields) implements ParquetType {
    public Struct {
      fields = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(fields));
    }
  }

  /** An encoded picture, as the library "datasets" stores it. */
  static Struct image() {
    SequencedMap<String, ParquetType> fields = new LinkedHashMap<>();
    fields.put("bytes", Leaf.BINARY);
    fields.put("path", Leaf.STRING);
    return new Struct(fields);
  }
}
