package dev.reverie.mcap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.Samples.Sample;
import dev.reverie.testing.Refusal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class McapFileTest {
  private static final McapOptions SMALL_CHUNKS = McapOptions.ROS2.withChunkBytes(4 << 10);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(McapCompression.class)
  void whatWasWrittenIsReadInTheSameOrder(McapCompression compression) {
    Path file = folder.resolve("file.mcap");
    List<Sample> written = Samples.write(file, SMALL_CHUNKS.withCompression(compression), 500, 1);
    try (McapReader reader = McapReader.open(file)) {
      assertEquals("ros2", reader.profile());
      List<Sample> read = new ArrayList<>();
      reader.messages().forEach(message -> read.add(Sample.of(message)));
      assertEquals(written, read);
      McapStatistics statistics = reader.statistics().orElseThrow();
      assertEquals(500, statistics.messages());
      assertTrue(statistics.chunks() > 20, "chunks: " + statistics.chunks());
      assertEquals(Samples.START, statistics.startNanos());
      assertEquals(Samples.START + 499 * Samples.PERIOD, statistics.endNanos());
    }
    assertEquals(List.of(), McapVerifier.problems(file));
  }

  @Test
  void messagesAreFoundByTopicAndTime() {
    Path file = folder.resolve("file.mcap");
    List<Sample> written = Samples.write(file, SMALL_CHUNKS, 500, 2);
    long from = Samples.START + 100 * Samples.PERIOD;
    long until = Samples.START + 150 * Samples.PERIOD;
    try (McapReader reader = McapReader.open(file)) {
      List<Sample> read = new ArrayList<>();
      reader
          .messages(McapQuery.topics("/number").between(from, until))
          .forEach(message -> read.add(Sample.of(message)));
      assertEquals(
          written.stream()
              .filter(sample -> sample.topic().equals("/number"))
              .filter(sample -> sample.logNanos() >= from && sample.logNanos() < until)
              .toList(),
          read);
    }
  }

  @Test
  void chunksThatTheIndexRulesOutAreNotRead() throws Exception {
    Path file = folder.resolve("file.mcap");
    List<Sample> written = Samples.write(file, SMALL_CHUNKS, 500, 3);
    byte[] bytes = Files.readAllBytes(file);
    ChunkIndex first;
    try (McapReader reader = McapReader.open(file)) {
      first = reader.summary().orElseThrow().chunks().getFirst();
    }
    bytes[(int) (first.offset() + first.length() - 1)] ^= 1; // damage that reading would find
    Files.write(file, bytes);
    try (McapReader reader = McapReader.open(file)) {
      List<Sample> read = new ArrayList<>();
      reader
          .messages(McapQuery.ALL.between(first.endNanos() + 1, Long.MAX_VALUE))
          .forEach(message -> read.add(Sample.of(message)));
      assertEquals(
          written.stream().filter(sample -> sample.logNanos() > first.endNanos()).toList(), read);
      assertThrows(McapException.class, () -> reader.messages().iterator().hasNext());
    }
  }

  @Test
  void attachmentsAndMetadataComeBackWhole() {
    Path file = folder.resolve("file.mcap");
    McapAttachment attachment =
        new McapAttachment(1, 2, "calibration.yaml", "text/yaml", Samples.bytes("fx: 1.0\n"));
    McapMetadata metadata = new McapMetadata("demo", Map.of("key", "größer"));
    try (McapWriter writer = McapWriter.create(file, McapOptions.ROS2)) {
      Samples.write(writer, 10, 4);
      writer.attach(attachment);
      writer.addMetadata(metadata);
      Samples.write(writer, 10, 5);
    }
    try (McapReader reader = McapReader.open(file)) {
      assertEquals(List.of(metadata), reader.metadata());
      McapAttachment read = reader.attachments().iterator().next();
      assertArrayEquals(attachment.data(), read.data());
      assertEquals("calibration.yaml", read.name());
    }
    assertEquals(20, Samples.readable(file).size());
    assertEquals(List.of(), McapVerifier.problems(file));
  }

  @Test
  void aMessageIsOnDiskASecondAfterItWasWritten() {
    Path file = folder.resolve("file.mcap");
    AtomicLong clock = new AtomicLong();
    McapOptions options = McapOptions.ROS2.withForceInterval(Duration.ofSeconds(1));
    McapWriter writer =
        new McapWriter(McapWriter.open(file), DiskReserve.none(folder), options, clock::get);
    writer.begin();
    Samples.write(writer, 3, 6);
    clock.set(999_999_999);
    assertFalse(writer.forceIfDue());
    assertEquals(0, Samples.readable(file).size());
    clock.set(1_000_000_000);
    assertTrue(writer.forceIfDue());
    assertEquals(3, Samples.readable(file).size());
    assertFalse(writer.forceIfDue()); // nothing new
    writer.close();
  }

  @Test
  void appendingKeepsEveryByteOfTheData() throws Exception {
    Path file = folder.resolve("file.mcap");
    List<Sample> before = Samples.write(file, SMALL_CHUNKS, 100, 7);
    byte[] old = Files.readAllBytes(file);
    List<Sample> added = new ArrayList<>();
    McapAppender.append(file, SMALL_CHUNKS, writer -> added.addAll(Samples.write(writer, 20, 8)));
    List<Sample> all = new ArrayList<>(before);
    all.addAll(added);
    assertEquals(all, Samples.readable(file));
    assertEquals(List.of(), McapVerifier.problems(file));
    long dataBytes;
    try (McapReader reader = McapReader.open(file)) {
      dataBytes = reader.summary().orElseThrow().chunks().get(5).offset();
      assertEquals(120, reader.statistics().orElseThrow().messages());
      assertEquals(3, reader.channels().size());
    }
    assertArrayEquals(
        Arrays.copyOf(old, (int) dataBytes),
        Arrays.copyOf(Files.readAllBytes(file), (int) dataBytes));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void nothingIsAppendedToAFileThatIsCutOff() throws Exception {
    Path file = folder.resolve("file.mcap");
    Samples.write(file, SMALL_CHUNKS, 100, 9);
    byte[] cut = Arrays.copyOf(Files.readAllBytes(file), 10_000);
    Files.write(file, cut);
    assertThrows(McapException.class, () -> McapAppender.append(file, SMALL_CHUNKS, writer -> {}));
    assertArrayEquals(cut, Files.readAllBytes(file));
  }

  @Test
  void aFileIsNeverOverwritten() {
    Path file = folder.resolve("file.mcap");
    Samples.write(file, SMALL_CHUNKS, 1, 10);
    assertThrows(McapException.class, () -> McapWriter.create(file, SMALL_CHUNKS));
  }

  @Test
  void anUnknownChannelIsRefused() {
    try (McapWriter writer = McapWriter.create(folder.resolve("file.mcap"), McapOptions.ROS2)) {
      Refusal.of(
          IllegalArgumentException.class, () -> writer.write(7, 0, 1, 1, new byte[1]), "channel 7");
    }
  }

  @Test
  void messagesComeByTimeWhateverTheOrderInTheFile() {
    Path file = folder.resolve("file.mcap");
    SplittableRandom random = new SplittableRandom(3);
    List<Long> times = new ArrayList<>();
    try (McapWriter writer = McapWriter.create(file, SMALL_CHUNKS)) {
      int channel = writer.addChannel(0, "/a", "raw", Map.of());
      for (int i = 0; i < 2000; i++) {
        long time = 1_000_000L + i * 1000L + random.nextInt(300_000); // over several chunks
        times.add(time);
        writer.write(channel, i, time, time, new byte[40]);
      }
    }
    times.sort(null);
    try (McapReader reader = McapReader.open(file)) {
      List<Long> read = new ArrayList<>();
      reader.messagesByTime(McapQuery.ALL).forEach(message -> read.add(message.logNanos()));
      assertEquals(times, read);
      read.clear();
      McapQuery part = McapQuery.ALL.between(1_500_000, 1_900_000);
      reader.messagesByTime(part).forEach(message -> read.add(message.logNanos()));
      assertEquals(times.stream().filter(t -> t >= 1_500_000 && t < 1_900_000).toList(), read);
    }
  }

  @Test
  void aFileThatGrowsIsReadAsItWasWhenItWasOpened() throws Exception {
    Path file = folder.resolve("file.mcap");
    McapWriter writer = McapWriter.create(file, McapOptions.ROS2);
    List<Sample> first = Samples.write(writer, 20, 1);
    writer.force();
    try (McapReader reader = McapReader.open(file)) {
      Samples.write(writer, 20, 2);
      writer.force();
      List<Sample> read = new ArrayList<>();
      Refusal.of(
          McapException.class,
          () -> reader.messages().forEach(message -> read.add(Sample.of(message))),
          "still being written");
      assertEquals(first, read);
    }
    writer.close();
    assertEquals(40, Samples.readable(file).size());
  }

  @Test
  void aFileThatShrinksWhileItIsReadIsNamed() throws Exception {
    Path file = folder.resolve("file.mcap");
    Samples.write(file, SMALL_CHUNKS, 2000, 1);
    long size = Files.size(file);
    try (McapReader reader = McapReader.open(file);
        FileChannel other = FileChannel.open(file, StandardOpenOption.WRITE)) {
      other.truncate(1000);
      McapException thrown =
          assertThrows(McapException.class, () -> reader.messages().forEach(message -> {}));
      assertEquals(
          "%s had %d bytes and has fewer now: it was changed while it was read; read it again"
              .formatted(file, size),
          thrown.getMessage());
    }
  }

  @Test
  void aChunkThatSaysItHasMoreThanItsBytesCanHoldTakesNoMemory() throws Exception {
    for (McapCompression compression : List.of(McapCompression.LZ4, McapCompression.ZSTD)) {
      Path file = folder.resolve(compression + ".mcap");
      Samples.write(file, McapOptions.ROS2.withCompression(compression), 10, 1);
      byte[] bytes = Files.readAllBytes(file);
      long offset;
      try (McapReader reader = McapReader.open(file)) {
        offset = reader.summary().orElseThrow().chunks().getFirst().offset();
      }
      ByteBuffer.wrap(bytes)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong((int) offset + Opcode.RECORD_HEADER_BYTES + 16, 200L << 20);
      Files.write(file, bytes);
      try (McapReader reader = McapReader.open(file)) {
        Refusal.of(
            McapException.class,
            () -> reader.messages().forEach(message -> {}),
            "hold at most",
            file + ":");
      }
    }
  }

  @Test
  void schemasWithoutEndAreRefused() {
    Path file = folder.resolve("file.mcap");
    McapOptions options = McapOptions.ROS2;
    try (McapWriter writer = McapWriter.create(file, options)) {
      for (int i = 0; i < 9; i++) {
        byte[] large = new byte[8 << 20];
        large[0] = (byte) i;
        int schema = writer.addSchema("demo/msg/Large" + i, "ros2msg", large);
        int channel = writer.addChannel(schema, "/a" + i, "cdr", Map.of());
        writer.write(channel, 0, i, i, new byte[4]);
        writer.force();
      }
    }
    Refusal.of(
        McapException.class,
        () -> {
          try (McapReader reader = McapReader.open(file)) {
            reader.messages().forEach(message -> {});
          }
        },
        "64 MiB");
  }
}
