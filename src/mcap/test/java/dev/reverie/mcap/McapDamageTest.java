package dev.reverie.mcap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.Samples.Sample;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class McapDamageTest {
  private static final McapOptions SMALL_CHUNKS = McapOptions.ROS2.withChunkBytes(4 << 10);

  @TempDir Path folder;

  @Test
  void aChunkWithAWrongChecksumIsNamedAndTheOthersAreRecovered() throws IOException {
    Path file = folder.resolve("file.mcap");
    List<Sample> written =
        Samples.write(file, SMALL_CHUNKS.withCompression(McapCompression.NONE), 200, 3);
    ChunkIndex damaged = chunks(file).get(3);
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) (damaged.offset() + damaged.length() - 1)] ^= 1;
    Files.write(file, bytes);
    try (McapReader reader = McapReader.open(file)) {
      McapException thrown =
          assertThrows(McapException.class, () -> reader.messages().forEach(message -> {}));
      assertEquals(damaged.offset(), thrown.offset());
      assertSays(thrown, file, "checksum", "the others can be recovered");
    }
    Path recovered = folder.resolve("recovered.mcap");
    McapRecovery recovery = McapRecovery.recover(file, recovered, SMALL_CHUNKS);
    assertEquals(1, recovery.damages().size());
    List<Sample> altered = new ArrayList<>(written);
    altered.removeAll(Samples.readable(recovered));
    assertEquals(1, altered.size());
    assertEquals(damaged.endNanos(), altered.getFirst().logNanos());
  }

  @Test
  void aDamagedHeaderTakesNothingElseWithIt() throws IOException {
    Path file = folder.resolve("file.mcap");
    List<Sample> written = Samples.write(file, SMALL_CHUNKS, 50, 4);
    byte[] bytes = Files.readAllBytes(file);
    int start = Opcode.magic().length;
    int end = (int) chunks(file).getFirst().offset();
    for (int length : new int[] {bytes.length, bytes.length - 100}) { // with an index and without
      for (int at = start; at < end; at++) {
        for (int bits : new int[] {1, 0x40, 0xff}) {
          byte[] changed = Arrays.copyOf(bytes, length);
          changed[at] ^= (byte) bits;
          Files.write(file, changed);
          Path recovered = folder.resolve("recovered.mcap");
          McapRecovery.recover(file, recovered, SMALL_CHUNKS);
          assertEquals(List.of(), McapVerifier.problems(recovered), "byte " + at);
          assertEquals(written, Samples.readable(recovered), "byte " + at);
          Files.delete(recovered);
        }
      }
    }
    Files.write(file, bytes);
    try (FileChannel other = FileChannel.open(file, StandardOpenOption.WRITE)) {
      other.write(ByteBuffer.wrap(new byte[] {Opcode.FOOTER}), start);
    }
    McapException thrown = assertThrows(McapException.class, () -> McapReader.open(file));
    assertSays(thrown, file, "begins with a Footer instead of a Header", "recovered");
    Path recovered = folder.resolve("recovered.mcap");
    assertEquals(1, McapRecovery.recover(file, recovered, SMALL_CHUNKS).damages().size());
  }

  @Test
  void absurdLengthsAllocateNothing() throws IOException {
    Path file = folder.resolve("file.mcap");
    Samples.write(file, SMALL_CHUNKS, 50, 4);
    ChunkIndex chunk = chunks(file).getFirst();
    byte[] bytes = Files.readAllBytes(file);
    for (int field : new int[] {1, 9 + 16, 9 + 28, 9 + 36}) { // lengths of and inside the record
      byte[] changed = bytes.clone();
      for (int i = 0; i < 4; i++) {
        changed[(int) chunk.offset() + field + i] = (byte) 0x7f;
      }
      Files.write(file, changed);
      try (McapReader reader = McapReader.open(file)) {
        McapException thrown =
            assertThrows(McapException.class, () -> reader.messages().forEach(message -> {}));
        assertSays(thrown, file, "bytes", field == 9 + 16 ? "raise the limit" : "recovered");
      }
    }
  }

  @Test
  void aChunkThatDecompressesBeyondTheLimitIsRefused() {
    Path file = folder.resolve("file.mcap");
    try (McapWriter writer = McapWriter.create(file, McapOptions.ROS2)) {
      writer.write(writer.addChannel(0, "/zeros", "raw", Map.of()), 0, 1, 1, new byte[1 << 22]);
    }
    try (McapReader reader = McapReader.open(file, 1 << 20)) {
      McapException thrown =
          assertThrows(McapException.class, () -> reader.messages().forEach(message -> {}));
      assertSays(thrown, file, "4194369 bytes", "1048576", "raise the limit");
    }
  }

  @Test
  void onAFullDiskTheFileEndsWithAWholeRecordAndIsReadable() throws IOException {
    Path whole = folder.resolve("whole.mcap");
    List<Sample> written = Samples.write(whole, SMALL_CHUNKS, 100, 7);
    for (long capacity = 200; capacity < Files.size(whole); capacity += 511) {
      Path file = folder.resolve("full" + capacity + ".mcap");
      FileChannel disk =
          new SmallDisk(
              FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              capacity);
      McapWriter writer =
          new McapWriter(
              new DataSink(file, disk), DiskReserve.none(folder), SMALL_CHUNKS, System::nanoTime);
      writer.begin();
      Refusal.of(
          McapException.class,
          () -> {
            Samples.write(writer, 100, 7);
            writer.close();
          },
          "No space left");
      writer.close();
      List<Sample> read = Samples.readable(file);
      assertEquals(written.subList(0, read.size()), read);
      Path recovered = folder.resolve("recovered.mcap");
      McapRecovery recovery = McapRecovery.recover(file, recovered, SMALL_CHUNKS);
      assertEquals(1, recovery.damages().size()); // nothing but the missing end
      assertEquals(Files.size(file), recovery.damages().getFirst().offset());
      assertEquals(read.size(), recovery.messages());
      Files.delete(recovered);
    }
  }

  @Test
  void aMessageWhoseMemoryIsGoneLeavesTheChunkWhole() {
    Path file = folder.resolve("file.mcap");
    try (McapWriter writer = McapWriter.create(file, McapOptions.ROS2)) {
      Samples.write(writer, 3, 8);
      Arena arena = Arena.ofConfined();
      MemorySegment gone = arena.allocate(10);
      arena.close();
      assertThrows(IllegalStateException.class, () -> writer.write(1, 0, 1, 1, gone));
      Samples.write(writer, 3, 9);
    }
    assertEquals(6, Samples.readable(file).size());
    assertEquals(List.of(), McapVerifier.problems(file));
  }

  @Test
  void anAttachmentWithAWrongChecksumIsNamedAndTheRestIsRecovered() throws IOException {
    Path file = folder.resolve("file.mcap");
    List<Sample> written;
    long attachment;
    try (McapWriter writer = McapWriter.create(file, SMALL_CHUNKS)) {
      written = Samples.write(writer, 20, 9);
      writer.attach(new McapAttachment(1, 2, "note", "text/plain", new byte[9]));
    }
    try (McapReader reader = McapReader.open(file)) {
      attachment = reader.summary().orElseThrow().attachments().getFirst().offset();
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) attachment + Opcode.RECORD_HEADER_BYTES] ^= 1;
    Files.write(file, bytes);
    try (McapReader reader = McapReader.open(file)) {
      McapException thrown =
          assertThrows(McapException.class, () -> reader.attachments().iterator().next());
      assertSays(thrown, file, "checksum of attachment 'note'", "recovered");
    }
    Path recovered = folder.resolve("recovered.mcap");
    assertEquals(1, McapRecovery.recover(file, recovered, SMALL_CHUNKS).damages().size());
    assertEquals(written, Samples.readable(recovered));
  }

  @Test
  void aMessageWithoutItsChannelIsNamed() throws IOException {
    Path file = folder.resolve("file.mcap");
    Samples.write(file, SMALL_CHUNKS.withCompression(McapCompression.NONE), 100, 4);
    List<ChunkIndex> chunks = chunks(file);
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) chunks.getFirst().offset()] =
        (byte) 0x80; // a kind of a later version, which is passed over
    Files.write(file, Arrays.copyOf(bytes, (int) chunks.get(3).offset())); // and no index
    try (McapReader reader = McapReader.open(file)) {
      McapException thrown =
          assertThrows(McapException.class, () -> reader.messages().forEach(message -> {}));
      assertSays(thrown, file, "has channel", "which does not stand before it", "recovered");
    }
  }

  private static void assertSays(McapException thrown, Path file, String... words) {
    String message = String.valueOf(thrown.getMessage());
    assertTrue(message.contains(file.toString()), message);
    for (String word : words) {
      assertTrue(message.contains(word), message);
    }
  }

  private static List<ChunkIndex> chunks(Path file) {
    try (McapReader reader = McapReader.open(file)) {
      return reader.summary().orElseThrow().chunks();
    }
  }
}
