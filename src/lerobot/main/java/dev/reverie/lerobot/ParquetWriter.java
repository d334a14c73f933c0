package dev.reverie.lerobot;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes a Parquet file whose bytes depend on nothing but what is written. Any reader opens it: it
 * has the plainest of Parquet's encodings.
 */
final class ParquetWriter implements AutoCloseable {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int OPTIONAL = 1;
  private static final int REPEATED = 2;

  private final OutputStream out;
  private final SortedMap<String, String> metadata;
  private final List<ParquetColumn> columns = new ArrayList<>();
  private final List<Element> elements = new ArrayList<>();
  private final SequencedMap<String, Node> nodes = new LinkedHashMap<>();
  private final List<RowGroup> rowGroups = new ArrayList<>();
  private long position;

  /** An entry of the schema, which Parquet has as a list in depth-first order. */
  private record Element(
      String name, int repetition, int children, ParquetType.@Nullable Leaf leaf, boolean list) {}

  private record RowGroup(List<ParquetColumn.Chunk> chunks, long rows) {}

  /** A type with the columns that its leaves go to. */
  private sealed interface Node {
    record Leaf(ParquetColumn column) implements Node {}

    record Items(Node element) implements Node {}

    record Fields(SequencedMap<String, Node> fields) implements Node {}
  }

  /**
   * Begins a file.
   *
   * @param file must not exist yet
   * @param types by name of column
   * @param metadata of the file's footer
   */
  ParquetWriter(
      Path file, SequencedMap<String, ParquetType> types, SortedMap<String, String> metadata)
      throws IOException {
    this.metadata = metadata;
    elements.add(new Element("schema", 0, types.size(), null, false));
    types.forEach((name, type) -> nodes.put(name, node(type, List.of(name), 1, 0)));
    out = new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW));
    write(MAGIC);
  }

  /** Lays a type out in the schema; {@code definition} counts it as one that may be absent. */
  private Node node(ParquetType type, List<String> path, int definition, int repetition) {
    return switch (type) {
      case ParquetType.Leaf leaf -> {
        elements.add(new Element(path.getLast(), OPTIONAL, 0, leaf, false));
        ParquetColumn column = new ParquetColumn(path, leaf, definition, repetition);
        columns.add(column);
        yield new Node.Leaf(column);
      }
      case ParquetType.ListOf(ParquetType element) -> {
        elements.add(new Element(path.getLast(), OPTIONAL, 1, null, true));
        elements.add(new Element("list", REPEATED, 1, null, false));
        List<String> below = below(below(path, "list"), "element");
        yield new Node.Items(node(element, below, definition + 2, repetition + 1));
      }
      case ParquetType.Struct(SequencedMap<String, ParquetType> fields) -> {
        elements.add(new Element(path.getLast(), OPTIONAL, fields.size(), null, false));
        SequencedMap<String, Node> children = new LinkedHashMap<>();
        fields.forEach(
            (name, field) ->
                children.put(name, node(field, below(path, name), definition + 1, repetition)));
        yield new Node.Fields(children);
      }
    };
  }

  private static List<String> below(List<String> path, String name) {
    List<String> longer = new ArrayList<>(path);
    longer.add(name);
    return longer;
  }

  /** Writes rows, each with a value for every column, as one row group. */
  void rowGroup(List<? extends Map<String, ?>> rows) throws IOException {
    for (Map<String, ?> row : rows) {
      for (Map.Entry<String, Node> column : nodes.entrySet()) {
        add(column.getKey(), column.getValue(), row.get(column.getKey()), 0, 0);
      }
      for (ParquetColumn column : columns) {
        column.endRow();
      }
    }
    List<ParquetColumn.Chunk> chunks = new ArrayList<>();
    for (ParquetColumn column : columns) {
      ParquetColumn.Chunk chunk = column.flush(out, position);
      position += chunk.compressedBytes();
      chunks.add(chunk);
    }
    rowGroups.add(new RowGroup(chunks, rows.size()));
  }

  private static void add(
      String name, Node node, @Nullable Object value, int repetition, int depth) {
    if (value == null) {
      throw new IllegalArgumentException("column '" + name + "' has no value");
    }
    switch (node) {
      case Node.Leaf(ParquetColumn column) -> column.add(value, repetition);
      case Node.Items(Node element) -> {
        List<?> items = (List<?>) value;
        if (items.isEmpty()) {
          throw new IllegalArgumentException("column '" + name + "' has an empty list");
        }
        for (int i = 0; i < items.size(); i++) {
          add(name, element, items.get(i), i == 0 ? repetition : depth + 1, depth + 1);
        }
      }
      case Node.Fields(SequencedMap<String, Node> fields) ->
          fields.forEach(
              (field, child) ->
                  add(name, child, ((Map<?, ?>) value).get(field), repetition, depth));
    }
  }

  /** Bytes so far, without the footer. */
  long bytes() {
    return position;
  }

  /** Writes the footer: without it the file cannot be read. */
  @Override
  public void close() throws IOException {
    try (out) {
      byte[] footer = ThriftWriter.struct(this::footer);
      write(footer);
      write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(footer.length).array());
      write(MAGIC);
    }
  }

  private void footer(ThriftWriter thrift) {
    thrift
        .i32(1, 1) // version
        .structs(2, elements, ParquetWriter::element)
        .i64(3, rowGroups.stream().mapToLong(RowGroup::rows).sum())
        .structs(
            4,
            rowGroups,
            (group, rows) ->
                group
                    .structs(1, rows.chunks, (chunk, written) -> written.describe(chunk))
                    .i64(
                        2,
                        rows.chunks.stream()
                            .mapToLong(ParquetColumn.Chunk::uncompressedBytes)
                            .sum())
                    .i64(3, rows.rows))
        .structs(
            5,
            metadata.entrySet(),
            (pair, entry) -> pair.string(1, entry.getKey()).string(2, entry.getValue()))
        .string(6, "reverie");
  }

  private static void element(ThriftWriter thrift, Element element) {
    ParquetType.Leaf leaf = element.leaf;
    if (leaf != null) {
      thrift.i32(1, leaf.physical);
    }
    thrift.i32(3, element.repetition).string(4, element.name);
    if (leaf == null) {
      thrift.i32(5, element.children);
    }
    // Both the old and the new way to say what a group or a byte array means.
    if (element.list) {
      thrift.i32(6, 3).struct(10, type -> type.struct(3, list -> {}));
    } else if (leaf == ParquetType.Leaf.STRING) {
      thrift.i32(6, 0).struct(10, type -> type.struct(1, string -> {}));
    }
  }

  private void write(byte[] bytes) throws IOException {
    out.write(bytes);
    position += bytes.length;
  }
}
