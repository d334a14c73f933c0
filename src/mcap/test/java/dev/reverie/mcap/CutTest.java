package dev.reverie.mcap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.ConformanceVector.Feature;
import dev.reverie.mcap.Samples.Sample;
import java.io.IOException;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Cuts a small file off at every byte: whatever is whole before the cut is read and recovered.
 * {@code -Dreverie.cut.messages=1000} does it with a larger one.
 */
class CutTest {
  private static final int MESSAGES = Integer.getInteger("reverie.cut.messages", 40);

  @TempDir Path folder;
  private byte[] verified = new byte[0];

  @ParameterizedTest
  @EnumSource(McapCompression.class)
  void everyWholeChunkBeforeACutIsReadAndRecovered(McapCompression compression) throws IOException {
    Path file = folder.resolve("file.mcap");
    McapOptions options = McapOptions.ROS2.withChunkBytes(4 << 10).withCompression(compression);
    List<Sample> written = new ArrayList<>();
    try (McapWriter writer = McapWriter.create(file, options)) {
      written.addAll(Samples.write(writer, MESSAGES / 2, 1));
      writer.attach(new McapAttachment(1, 2, "note", "text/plain", Samples.bytes("hello")));
      writer.addMetadata(new McapMetadata("demo", Map.of("key", "value")));
      written.addAll(Samples.write(writer, MESSAGES - MESSAGES / 2, 2));
    }
    Landmarks marks = Landmarks.of(file);
    assertTrue(marks.chunks() >= 3, "chunks: " + marks.chunks());
    cutAtEveryByte(file, written, marks);
  }

  @Test
  void withoutChunksEveryWholeMessageBeforeACutIsReadAndRecovered() throws IOException {
    Path file = folder.resolve("file.mcap");
    for (ConformanceVector vector : ConformanceVector.all()) {
      if (vector.name().startsWith("TenMessages") && !vector.has(Feature.CHUNKS)) {
        Files.write(file, ConformanceBytes.of(vector));
        Landmarks marks = Landmarks.of(file);
        assertEquals(0, marks.chunks());
        List<Sample> written = Samples.readable(file);
        assertEquals(10, written.size());
        cutAtEveryByte(file, written, marks);
      }
    }
  }

  private void cutAtEveryByte(Path file, List<Sample> written, Landmarks marks) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (long size = channel.size() - 1; size >= 0; size--) {
        channel.truncate(size);
        List<Sample> whole = written.subList(0, marks.messagesBefore(size));
        assertEquals(whole, readable(file), "cut at " + size);
        assertRecovered(file, whole, marks, size);
      }
    }
  }

  /** Returns what is read; that the file is cut off is said, in its name and with the remedy. */
  static List<Sample> readable(Path file) {
    List<Sample> read = new ArrayList<>();
    McapException said;
    try (McapReader reader = McapReader.open(file)) {
      reader.messages().forEach(message -> read.add(Sample.of(message)));
      said = reader.summaryDamage().orElse(null);
    } catch (McapException e) {
      said = e;
    }
    String text = said == null ? "nothing is said" : String.valueOf(said.getMessage());
    assertTrue(text.contains(file.toString()), text);
    assertTrue(text.contains("recover"), text);
    return read;
  }

  private void assertRecovered(Path file, List<Sample> whole, Landmarks marks, long size)
      throws IOException {
    Path target = folder.resolve("recovered.mcap");
    byte[] recovered;
    McapRecovery recovery;
    if (size < marks.dataStart()) {
      recovery = McapRecovery.recover(file, target, McapOptions.ROS2);
      recovered = Files.readAllBytes(target);
    } else { // to memory, which is faster than a disk that is forced
      PowerCut disk = new PowerCut();
      DataSink sink = new DataSink(target, disk);
      try (McapReader reader = McapReader.open(file);
          McapWriter writer =
              new McapWriter(sink, DiskReserve.none(folder), McapOptions.ROS2, System::nanoTime)) {
        writer.begin();
        recovery = McapRecovery.copy(reader, writer);
      }
      recovered = disk.forced();
    }
    assertEquals(1, recovery.damages().size(), "cut at " + size); // never told to be whole
    assertEquals(whole.size(), recovery.messages(), "cut at " + size);
    if (!Arrays.equals(verified, recovered)) {
      Files.write(target, recovered);
      assertEquals(List.of(), McapVerifier.problems(target), "cut at " + size);
      assertEquals(whole, Samples.readable(target), "cut at " + size);
      try (McapReader reader = McapReader.open(target)) {
        assertEquals(marks.attachmentsBefore(size), Samples.count(reader.attachments()));
        assertEquals(marks.metadataBefore(size), reader.metadata().size());
      }
      verified = recovered;
    }
    Files.deleteIfExists(target);
  }

  @Test
  void aFileThatEndsBeforeItsFirstRecordIsRefusedWithTheReason() throws IOException {
    Path file = folder.resolve("file.mcap");
    Path target = folder.resolve("recovered.mcap");
    byte[] magic = Opcode.magic();
    for (int size = 0; size < magic.length; size++) {
      Files.write(file, Arrays.copyOf(magic, size));
      McapException thrown = assertThrows(McapException.class, () -> McapReader.open(file));
      assertEquals(
          "%s has %d bytes, too few for an MCAP file: its writer was stopped at once; recovery makes an empty file of it"
              .formatted(file, size),
          thrown.getMessage());
    }
    for (String text : List.of("short", "#ROSBAG V2.0\n")) {
      Files.writeString(file, text);
      String refusal =
          "%s is no MCAP file (version 0): its first bytes are not MCAP's".formatted(file);
      assertEquals(
          refusal, assertThrows(McapException.class, () -> McapReader.open(file)).getMessage());
      McapException thrown =
          assertThrows(
              McapException.class, () -> McapRecovery.recover(file, target, McapOptions.ROS2));
      assertEquals(refusal, thrown.getMessage());
      assertFalse(Files.exists(target));
    }
  }
}
