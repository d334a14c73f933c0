package dev.reverie.policy;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file: named arrays behind a JSON header. A file that was opened stays mapped for as
 * long as one of its arrays is reachable, so a bundle folder must not be changed in place.
 *
 * <p>Format: https://github.com/huggingface/safetensors#format
 */
public final class Safetensors {
  /** The limit of the reference implementation. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private static final String METADATA = "__metadata__";
  private static final long SLICE_BYTES = 1 << 30;
  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private final List<MemorySegment> segments;
  private final Map<String, NdArray> arrays;
  private final Map<String, Long> offsets;
  private final Map<String, String> metadata;

  private Safetensors(
      List<MemorySegment> segments,
      Map<String, NdArray> arrays,
      Map<String, Long> offsets,
      Map<String, String> metadata) {
    this.segments = segments;
    this.arrays = Collections.unmodifiableMap(arrays);
    this.offsets = offsets;
    this.metadata = Collections.unmodifiableMap(metadata);
  }

  /** Maps a file and checks its header; a malformed file is refused. */
  public static Safetensors open(Path file) {
    BundleException.requireFetched(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() < 8) {
        throw new BundleException(file + " is too short for a safetensors file; copy it again");
      }
      MemorySegment all =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
      return parse(all);
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw new BundleException("cannot read %s: %s; copy it again".formatted(file, why(e)), e);
    }
  }

  /** Reads a file's bytes; malformed ones are refused. */
  static Safetensors of(byte[] file) {
    MemorySegment all = Arena.ofAuto().allocate(Math.max(8, file.length), 8);
    MemorySegment.copy(file, 0, all, ValueLayout.JAVA_BYTE, 0, file.length);
    try {
      return parse(all);
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw new BundleException(
          "these are no safetensors: %s; write the file again".formatted(why(e)), e);
    }
  }

  private static String why(Exception e) {
    return switch (e) {
      case JacksonException json -> "the header is no JSON: " + JsonWords.reason(json);
      case ArithmeticException _ -> "an array has more values than any file can hold";
      default -> FileErrors.reason(e);
    };
  }

  /** Lays out the arrays in the order of the map, without copying them. */
  public static Safetensors of(Map<String, NdArray> arrays) {
    return of(arrays, Map.of());
  }

  /**
   * Lays out the arrays in the order of the map, without copying them.
   *
   * @param about what the file says about itself, as names and texts
   */
  public static Safetensors of(Map<String, NdArray> arrays, Map<String, String> about) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", "pt"); // what Hugging Face's loaders ask for
    metadata.putAll(about);
    ObjectNode header = JSON.createObjectNode();
    metadata.forEach(header.putObject(METADATA)::put);
    long offset = 0;
    for (Map.Entry<String, NdArray> entry : arrays.entrySet()) {
      NdArray array = entry.getValue();
      ObjectNode node = header.putObject(entry.getKey());
      node.put("dtype", array.type().name());
      Arrays.stream(array.shape()).forEach(node.putArray("shape")::add);
      long end = offset + array.data().byteSize();
      node.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    MemorySegment head = headerBytes(header);
    Map<String, Long> offsets = new LinkedHashMap<>();
    List<MemorySegment> segments = new ArrayList<>(List.of(head));
    long position = head.byteSize();
    for (Map.Entry<String, NdArray> entry : arrays.entrySet()) {
      offsets.put(entry.getKey(), position);
      segments.add(entry.getValue().data());
      position += entry.getValue().data().byteSize();
    }
    return new Safetensors(segments, new LinkedHashMap<>(arrays), offsets, metadata);
  }

  /** The arrays by name, in file order. */
  public Map<String, NdArray> arrays() {
    return arrays;
  }

  /** Returns what the file says about itself, as names and texts. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** The offset of an array's bytes in the file, as ONNX external data has it. */
  public long offset(String name) {
    Long offset = offsets.get(name);
    if (offset == null) {
      throw new BundleException("no array '%s' among %s".formatted(name, arrays.keySet()));
    }
    return offset;
  }

  /**
   * Writes the file and forces it to the disk.
   *
   * @throws IOException where it exists or the disk refuses
   */
  public void write(Path file) throws IOException {
    write(file, true);
  }

  /**
   * Writes the file; a power cut may leave a part of it. For what can be made anew.
   *
   * @throws IOException where it exists or the disk refuses
   */
  public void writeUnforced(Path file) throws IOException {
    write(file, false);
  }

  private void write(Path file, boolean force) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (ByteBuffer slice : slices()) {
        while (slice.hasRemaining()) {
          channel.write(slice);
        }
      }
      if (force) {
        channel.force(true);
      }
    }
  }

  /** The file's bytes, for one that is small. */
  public byte[] bytes() {
    var all = new ByteArrayOutputStream();
    for (MemorySegment segment : segments) {
      all.writeBytes(segment.toArray(ValueLayout.JAVA_BYTE));
    }
    return all.toByteArray();
  }

  /** SHA-256 of the file's bytes, in hexadecimal. */
  public String sha256() {
    Sha256 hash = new Sha256();
    slices().forEach(hash::add);
    return hash.hex();
  }

  private List<ByteBuffer> slices() {
    List<ByteBuffer> slices = new ArrayList<>();
    for (MemorySegment segment : segments) {
      for (long at = 0; at < segment.byteSize(); at += SLICE_BYTES) {
        long length = Math.min(SLICE_BYTES, segment.byteSize() - at);
        slices.add(segment.asSlice(at, length).asByteBuffer());
      }
    }
    return slices;
  }

  private static Safetensors parse(MemorySegment all) throws IOException {
    long headerBytes = all.get(LENGTH, 0);
    if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES || headerBytes > all.byteSize() - 8) {
      throw new IOException("header length " + headerBytes + " does not fit the file");
    }
    byte[] text = all.asSlice(8, headerBytes).toArray(ValueLayout.JAVA_BYTE);
    if (!(JSON.readTree(text) instanceof ObjectNode header)) {
      throw new IOException("the header is not a JSON object");
    }
    MemorySegment body = all.asSlice(8 + headerBytes);
    Map<String, NdArray> arrays = new LinkedHashMap<>();
    Map<String, Long> offsets = new LinkedHashMap<>();
    List<Map.Entry<String, JsonNode>> entries =
        header.properties().stream()
            .filter(entry -> !entry.getKey().equals(METADATA))
            .sorted(
                Comparator.<Map.Entry<String, JsonNode>>comparingLong(e -> bound(e.getValue(), 0))
                    .thenComparingLong(e -> bound(e.getValue(), 1)))
            .toList();
    long position = 0;
    for (Map.Entry<String, JsonNode> entry : entries) {
      long begin = bound(entry.getValue(), 0);
      long end = bound(entry.getValue(), 1);
      // The format allows no gaps and no overlap, so every byte is accounted for.
      if (begin != position || end < begin || end > body.byteSize()) {
        throw new IOException(
            "array '%s' is said to lie at %d to %d in a body of %d bytes"
                .formatted(entry.getKey(), begin, end, body.byteSize()));
      }
      arrays.put(entry.getKey(), array(entry.getKey(), entry.getValue(), body, begin, end));
      offsets.put(entry.getKey(), 8 + headerBytes + begin);
      position = end;
    }
    if (position != body.byteSize()) {
      throw new IOException((body.byteSize() - position) + " bytes belong to no array");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    header
        .path(METADATA)
        .properties()
        .forEach(entry -> metadata.put(entry.getKey(), entry.getValue().asText()));
    return new Safetensors(List.of(all), arrays, offsets, metadata);
  }

  private static long bound(JsonNode entry, int which) {
    return natural(entry.path("data_offsets").path(which));
  }

  /** The number, or -1 where the node is none: -1 is refused by every caller. */
  private static long natural(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToLong() ? node.asLong() : -1;
  }

  private static NdArray array(
      String name, JsonNode node, MemorySegment body, long begin, long end) {
    String type = node.path("dtype").asText();
    if (Arrays.stream(DType.values()).noneMatch(t -> t.name().equals(type))) {
      throw new BundleException(
          "array '%s' has element type '%s'; use one of %s"
              .formatted(name, type, Arrays.toString(DType.values())));
    }
    JsonNode lengths = node.path("shape");
    long[] shape = new long[lengths.size()];
    Arrays.setAll(shape, i -> natural(lengths.path(i)));
    try {
      return new NdArray(DType.valueOf(type), shape, body.asSlice(begin, end - begin));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException("array '%s': %s".formatted(name, e.getMessage()), e);
    }
  }

  private static MemorySegment headerBytes(ObjectNode header) {
    try {
      byte[] text = JSON.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
      int padded = (text.length + 7) / 8 * 8; // data begins aligned to 8 bytes
      MemorySegment bytes = Arena.ofAuto().allocate(8 + padded, 8);
      bytes.fill((byte) ' ');
      bytes.set(LENGTH, 0, padded);
      MemorySegment.copy(text, 0, bytes, ValueLayout.JAVA_BYTE, 8, text.length);
      return bytes;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the header cannot be written", e);
    }
  }
}
