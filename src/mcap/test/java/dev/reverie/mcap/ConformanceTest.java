package dev.reverie.mcap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.mcap.ConformanceVector.Content;
import dev.reverie.mcap.ConformanceVector.Feature;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * MCAP's conformance vectors, made here by a generator of our own. Where REVERIE_MCAP_CONFORMANCE
 * names the folder tests/conformance/data of a checkout of the mcap repository, the generator is
 * compared with it, byte for byte (with the SHA-256 where large files were not fetched), and the
 * reader with the records that it lists.
 */
class ConformanceTest {
  private static final Pattern POINTER = Pattern.compile("oid sha256:([0-9a-f]{64})");

  @TempDir Path folder;

  @Test
  void everyVectorIsReadFromItsBeginningToItsEnd() throws Exception {
    for (ConformanceVector vector : ConformanceVector.all()) {
      Path file = file(vector, ConformanceBytes.of(vector));
      List<Content> read = new ArrayList<>();
      try (McapReader reader = McapReader.open(file)) {
        reader.messages().forEach(message -> read.add(content(message)));
        reader.attachments().forEach(a -> read.add(content(a)));
        reader.metadata().forEach(m -> read.add(new Content.Metadata(m.name(), m.values())));
        assertEquals(0, reader.summaryDamage().stream().count(), vector.name());
        assertEquals(texts(vector, Content.Channel.class), channels(reader), vector.name());
      }
      List<String> expected = new ArrayList<>();
      for (var kind :
          List.of(Content.Message.class, Content.Attachment.class, Content.Metadata.class)) {
        expected.addAll(texts(vector, kind));
      }
      assertEquals(expected, read.stream().map(ConformanceTest::text).toList(), vector.name());
      assertEquals(List.of(), McapVerifier.problems(file), vector.name());
    }
  }

  @Test
  void everyIndexedVectorIsReadByTime() throws Exception {
    int indexed = 0;
    for (ConformanceVector vector : ConformanceVector.all()) {
      if (isIndexed(vector)) {
        try (McapReader reader = McapReader.open(file(vector, ConformanceBytes.of(vector)))) {
          List<String> read = new ArrayList<>();
          reader.messagesByTime(McapQuery.ALL).forEach(message -> read.add(text(content(message))));
          assertEquals(byTime(vector), read, vector.name());
        }
        indexed++;
      }
    }
    assertEquals(36, indexed);
  }

  @Test
  void theWriterWritesTheVectorsThatHaveEverythingByteForByte() throws Exception {
    List<String> names = new ArrayList<>();
    for (ConformanceVector vector : ConformanceVector.all()) {
      if (isAsWeWrite(vector)) {
        assertArrayEquals(ConformanceBytes.of(vector), written(vector), vector.name());
        names.add(vector.base());
      }
    }
    assertEquals(6, names.size(), names.toString());
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "REVERIE_MCAP_CONFORMANCE", matches = ".+")
  void thePublicVectorsAreTheseAndAreReadAsTheySay() throws Exception {
    Path data = Path.of(System.getenv("REVERIE_MCAP_CONFORMANCE"));
    Map<String, ConformanceVector> vectors = new HashMap<>();
    ConformanceVector.all().forEach(vector -> vectors.put(vector.name(), vector));
    int bytes = 0;
    int streamed = 0;
    int indexed = 0;
    int written = 0;
    List<Path> descriptions;
    try (Stream<Path> files = Files.walk(data)) {
      descriptions = files.filter(path -> path.toString().endsWith(".json")).sorted().toList();
    }
    for (Path description : descriptions) {
      String name = description.getFileName().toString().replace(".json", "");
      ConformanceVector vector = vectors.remove(name);
      assertTrue(vector != null, "the generator makes no " + name);
      byte[] ours = ConformanceBytes.of(vector);
      assertEquals(sha256(description.resolveSibling(name + ".mcap")), Samples.hash(ours), name);
      bytes++;
      Path file = file(vector, ours);
      JsonNode records = new ObjectMapper().readTree(description.toFile()).get("records");
      assertEquals(RecordText.of(records), RecordText.of(file), name);
      streamed++;
      if (isIndexed(vector)) {
        assertEquals(
            RecordText.of(records).stream()
                .filter(line -> line.startsWith("Message "))
                .sorted(Comparator.comparingLong(RecordText::logNanos))
                .toList(),
            RecordText.byTime(file),
            name);
        indexed++;
      }
      if (isAsWeWrite(vector)) {
        assertArrayEquals(ours, written(vector), name);
        written++;
      }
    }
    assertEquals(Map.of(), vectors, "vectors that are not public");
    System.out.printf(
        "MCAP conformance: %d vectors; generator equal %d, read streamed %d, read by index %d,"
            + " written %d%n",
        descriptions.size(), bytes, streamed, indexed, written);
  }

  /** Returns whether the file has what a reader by index needs. */
  private static boolean isIndexed(ConformanceVector vector) {
    return vector.holds(Content.Message.class)
        && vector.has(Feature.CHUNK_INDEX)
        && vector.has(Feature.REPEATED_CHANNELS)
        && (vector.has(Feature.REPEATED_SCHEMAS) || !vector.holds(Content.Schema.class))
        && (vector.has(Feature.MESSAGE_INDEX) || vector.has(Feature.STATISTICS));
  }

  /** Returns whether our writer writes it so: it leaves out nothing and pads nothing. */
  private static boolean isAsWeWrite(ConformanceVector vector) {
    boolean chunks = vector.holds(Content.Channel.class);
    return vector.has(Feature.STATISTICS)
        && vector.has(Feature.SUMMARY_OFFSETS)
        && !vector.has(Feature.PADDING)
        && vector.has(Feature.CHUNKS) == chunks
        && vector.has(Feature.CHUNK_INDEX) == chunks
        && vector.has(Feature.MESSAGE_INDEX) == chunks
        && vector.has(Feature.REPEATED_CHANNELS) == chunks
        && vector.has(Feature.REPEATED_SCHEMAS) == vector.holds(Content.Schema.class)
        && vector.has(Feature.ATTACHMENT_INDEX) == vector.holds(Content.Attachment.class)
        && vector.has(Feature.METADATA_INDEX) == vector.holds(Content.Metadata.class);
  }

  private byte[] written(ConformanceVector vector) throws Exception {
    Path file = folder.resolve("written.mcap");
    Files.deleteIfExists(file);
    McapOptions options =
        new McapOptions("", McapCompression.NONE, 1 << 20, McapOptions.ROS2.forceInterval());
    McapWriter writer =
        new McapWriter(McapWriter.open(file), DiskReserve.none(folder), options, System::nanoTime);
    try (writer) {
      writer.begin("");
      for (Content content : vector.content()) {
        switch (content) {
          case Content.Schema s -> writer.addSchema(s.name(), s.encoding(), s.data());
          case Content.Channel c ->
              writer.addChannel(c.schema(), c.topic(), c.encoding(), c.metadata());
          case Content.Message m ->
              writer.write(
                  m.channel(),
                  m.sequence(),
                  m.logNanos(),
                  m.publishNanos(),
                  MemorySegment.ofArray(m.data()));
          case Content.Attachment a ->
              writer.attach(
                  new McapAttachment(
                      a.logNanos(), a.createNanos(), a.name(), a.mediaType(), a.data()));
          case Content.Metadata m -> writer.addMetadata(new McapMetadata(m.name(), m.values()));
        }
      }
    }
    return Files.readAllBytes(file);
  }

  private Path file(ConformanceVector vector, byte[] bytes) throws Exception {
    return Files.write(folder.resolve(vector.name() + ".mcap"), bytes);
  }

  private static String sha256(Path file) throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    Matcher pointer = POINTER.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
    return pointer.find() ? pointer.group(1) : Samples.hash(bytes);
  }

  private static Content content(McapMessage message) {
    return new Content.Message(
        message.channel().id(),
        message.sequence(),
        message.logNanos(),
        message.publishNanos(),
        Samples.bytes(message));
  }

  private static Content content(McapAttachment a) {
    return new Content.Attachment(a.logNanos(), a.createNanos(), a.name(), a.mediaType(), a.data());
  }

  private static List<String> channels(McapReader reader) {
    return reader.channels().values().stream()
        .map(
            c ->
                text(
                    new Content.Channel(
                        c.id(), c.schemaId(), c.topic(), c.messageEncoding(), c.metadata())))
        .toList();
  }

  private static List<String> byTime(ConformanceVector vector) {
    return vector.content().stream()
        .filter(Content.Message.class::isInstance)
        .map(Content.Message.class::cast)
        .sorted(Comparator.comparingLong(Content.Message::logNanos))
        .map(ConformanceTest::text)
        .toList();
  }

  private static List<String> texts(ConformanceVector vector, Class<? extends Content> kind) {
    return vector.content().stream().filter(kind::isInstance).map(ConformanceTest::text).toList();
  }

  private static String text(Content content) {
    return switch (content) {
      case Content.Schema s -> s.toString();
      case Content.Channel c -> c.toString();
      case Content.Message m ->
          m.channel()
              + " "
              + m.sequence()
              + " "
              + m.logNanos()
              + " "
              + m.publishNanos()
              + " "
              + Samples.hash(m.data());
      case Content.Attachment a ->
          a.logNanos()
              + " "
              + a.createNanos()
              + " "
              + a.name()
              + " "
              + a.mediaType()
              + " "
              + Samples.hash(a.data());
      case Content.Metadata m -> m.toString();
    };
  }
}
