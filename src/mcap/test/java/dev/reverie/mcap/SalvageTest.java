package dev.reverie.mcap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.ConformanceVector.Feature;
import dev.reverie.mcap.Samples.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A few wrong bytes take little with them, and what is doubtful is told. */
class SalvageTest {
  private static final McapOptions PLAIN =
      McapOptions.ROS2.withChunkBytes(4 << 10).withCompression(McapCompression.NONE);

  @TempDir Path folder;
  private List<Sample> saved = List.of();
  private List<McapMetadata> notes = List.of();

  private McapRecovery recover(byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("file.mcap"), bytes);
    Path target = folder.resolve("recovered.mcap");
    Files.deleteIfExists(target);
    assertTrue(!McapVerifier.problems(file).isEmpty(), "verified as whole");
    McapRecovery recovery = McapRecovery.recover(file, target, PLAIN);
    assertEquals(List.of(), McapVerifier.problems(target));
    assertTrue(!recovery.damages().isEmpty(), "no damage is told");
    saved = Samples.readable(target);
    assertEquals(recovery.messages(), saved.size());
    try (McapReader reader = McapReader.open(target)) {
      notes = reader.metadata();
    }
    return recovery;
  }

  private byte[] written(McapOptions options, List<Sample> written) throws IOException {
    Path file = folder.resolve("whole.mcap");
    Files.deleteIfExists(file);
    written.addAll(Samples.write(file, options, 134, 3));
    return Files.readAllBytes(file);
  }

  private List<ChunkIndex> chunks() {
    try (McapReader reader = McapReader.open(folder.resolve("whole.mcap"))) {
      return reader.summary().orElseThrow().chunks();
    }
  }

  private long missing(List<Sample> written) {
    List<Sample> left = new ArrayList<>(written);
    left.removeAll(saved);
    return left.size();
  }

  @Test
  void anyByteOfAChunkTakesTwoMessagesAtMost() throws IOException {
    List<Sample> written = new ArrayList<>();
    byte[] bytes = written(PLAIN, written);
    ChunkIndex chunk = chunks().get(2);
    long first = chunk.offset() + chunk.length() - chunk.uncompressedBytes();
    for (long at = first; at < chunk.offset() + chunk.length(); at += 3) {
      for (int bits : new int[] {1, 0xff}) {
        byte[] changed = bytes.clone();
        changed[(int) at] ^= (byte) bits;
        McapRecovery recovery = recover(changed);
        assertTrue(missing(written) <= 2, missing(written) + " messages for byte " + at);
        assertTrue(saved.size() >= written.size() - 2, saved.size() + " for byte " + at);
        assertTrue(recovery.doubtful() > 5, recovery.doubtful() + " for byte " + at);
      }
    }
    assertEquals(
        List.of(
            new McapMetadata(
                McapRecovery.DOUBT,
                Map.of(
                    McapRecovery.DOUBTFUL, notes.getFirst().values().get(McapRecovery.DOUBTFUL)))),
        notes);
  }

  @Test
  void threeFlippedBytesTakeThreeMessagesAtMostAndTheLossIsCounted() throws IOException {
    List<Sample> written = new ArrayList<>();
    byte[] bytes = written(McapOptions.ROS2.withCompression(McapCompression.NONE), written);
    for (int at : new int[] {bytes.length / 4, bytes.length / 3, bytes.length / 2}) {
      bytes[at] ^= 0x10;
    }
    McapRecovery recovery = recover(bytes);
    assertTrue(missing(written) <= 3, missing(written) + " of " + written.size());
    String told = String.valueOf(recovery.damages().getFirst().getMessage());
    assertTrue(
        told.contains("its checksum is wrong; %d messages were taken".formatted(saved.size())),
        told);
    assertTrue(
        told.contains("may be altered, and %d are lost".formatted(written.size() - saved.size())),
        told);
  }

  @ParameterizedTest
  @EnumSource(McapCompression.class)
  void ofADamagedChunkAllThatDecompressesIsTakenAndTheOthersStay(McapCompression compression)
      throws IOException {
    List<Sample> written = new ArrayList<>();
    byte[] bytes = written(PLAIN.withCompression(compression), written);
    ChunkIndex chunk = chunks().get(1);
    List<Sample> others =
        written.stream()
            .filter(s -> s.logNanos() < chunk.startNanos() || s.logNanos() > chunk.endNanos())
            .toList();
    long taken = 0;
    for (long at = chunk.offset() + 60; at < chunk.offset() + chunk.length(); at += 7) {
      byte[] changed = bytes.clone();
      changed[(int) at] ^= (byte) 0x5a;
      McapRecovery recovery = recover(changed);
      assertTrue(saved.containsAll(others), "byte " + at);
      taken = Math.max(taken, recovery.doubtful());
    }
    assertTrue(taken > 3, taken + " messages at most");
  }

  @Test
  void messagesThatAreNoneOfTheirTypeAreLeftOut() throws IOException {
    List<Sample> written = new ArrayList<>();
    byte[] bytes = written(PLAIN, written);
    ChunkIndex chunk = chunks().getFirst();
    bytes[(int) (chunk.offset() + chunk.length() - 1)] ^= 1;
    Path file = Files.write(folder.resolve("file.mcap"), bytes);
    Path target = folder.resolve("recovered.mcap");
    McapRecovery.recover(file, target, PLAIN, (type, message) -> !type.endsWith("/Number"));
    List<Sample> left = new ArrayList<>(written);
    left.removeAll(Samples.readable(target));
    long numbers =
        written.stream()
            .filter(s -> s.logNanos() <= chunk.endNanos() && s.topic().equals("/number"))
            .count();
    assertTrue(
        numbers > 1 && left.size() >= numbers && left.size() <= numbers + 1, left.toString());
  }

  @Test
  void damagedEndsAndBeginningsOfTheFileTakeNothing() throws IOException {
    List<Sample> written = new ArrayList<>();
    byte[] bytes = written(PLAIN, written);
    int size = bytes.length;
    int first = (int) chunks().getFirst().offset();
    int[][] zeroed = {
      {0, 8}, // magic
      {0, 1},
      {7, 8},
      {0, first}, // and the header
      {size - 8, size}, // the last magic
      {size - 1, size},
      {size - 37, size - 8}, // the footer
      {size - 37, size}, // both
    };
    for (int[] part : zeroed) {
      byte[] changed = bytes.clone();
      Arrays.fill(changed, part[0], part[1], (byte) 0);
      recover(changed);
      assertEquals(written, saved, Arrays.toString(part));
      recover(Arrays.copyOf(changed, Math.max(part[1], size - 10))); // and cut off
      assertEquals(written, saved, Arrays.toString(part) + " and cut off");
    }
    byte[] changed = bytes.clone();
    Arrays.fill(changed, 0, 8, (byte) 0);
    Files.write(folder.resolve("file.mcap"), changed);
    String told = McapVerifier.problems(folder.resolve("file.mcap")).getFirst();
    assertTrue(told.contains("its first bytes are damaged, and what follows can be"), told);
    changed = bytes.clone();
    changed[size - 3] ^= 1;
    Files.write(folder.resolve("file.mcap"), changed);
    told = McapVerifier.problems(folder.resolve("file.mcap")).getFirst();
    assertTrue(told.contains("the last bytes of the file, behind it, are not MCAP's"), told);
  }

  @Test
  void aWrongChecksumOfTheDataIsToldThoughNothingIsLost() throws IOException {
    List<Sample> written = new ArrayList<>();
    byte[] bytes = written(PLAIN, written);
    try (McapReader reader = McapReader.open(folder.resolve("whole.mcap"))) {
      RecordScanner.Record record = reader.scanner().at(reader.dataStart());
      while (record.opcode() != Opcode.DATA_END) {
        record = reader.scanner().at(record.end());
      }
      bytes[(int) record.contentOffset()] ^= 1;
    }
    McapRecovery recovery = recover(bytes);
    assertEquals(written, saved);
    String told = String.valueOf(recovery.damages().getFirst().getMessage());
    assertTrue(told.contains("the checksum of the data section is wrong"), told);
  }

  @Test
  void aWrongLengthOfAChunkTakesNothing() throws IOException {
    List<Sample> written = new ArrayList<>();
    byte[] bytes = written(PLAIN, written);
    ChunkIndex chunk = chunks().get(2);
    for (int i = 1; i < Opcode.RECORD_HEADER_BYTES; i++) {
      for (int bits : new int[] {1, 0x10, 0xff}) {
        byte[] changed = bytes.clone();
        changed[(int) chunk.offset() + i] ^= (byte) bits;
        recover(changed);
        assertEquals(written, saved, "byte " + i + " of the length, bits " + bits);
      }
    }
  }

  @Test
  void withoutChunksAnyByteOfAMessagesHeadTakesTwoMessagesAtMost() throws IOException {
    for (ConformanceVector vector : ConformanceVector.all()) {
      if (!vector.name().startsWith("TenMessages") || vector.has(Feature.CHUNKS)) {
        continue;
      }
      byte[] bytes = ConformanceBytes.of(vector);
      Files.write(folder.resolve("whole.mcap"), bytes);
      List<Sample> written = Samples.readable(folder.resolve("whole.mcap"));
      RecordScanner.Record message;
      try (McapReader reader = McapReader.open(folder.resolve("whole.mcap"))) {
        message = reader.scanner().at(reader.dataStart());
        for (int n = message.opcode() == Opcode.MESSAGE ? 1 : 0; n < 5; ) {
          message = reader.scanner().at(message.end());
          n += message.opcode() == Opcode.MESSAGE ? 1 : 0;
        }
      }
      for (int i = 0; i < Opcode.RECORD_HEADER_BYTES; i++) {
        for (int bits : new int[] {1, 0x40, 0xff}) {
          byte[] changed = bytes.clone();
          changed[(int) message.offset() + i] ^= (byte) bits;
          Path file = Files.write(folder.resolve("file.mcap"), changed);
          Path target = folder.resolve("recovered.mcap");
          Files.deleteIfExists(target);
          McapRecovery.recover(file, target, PLAIN);
          saved = Samples.readable(target);
          assertTrue(
              missing(written) <= 2,
              "%s: %d are missing for byte %d, bits %d"
                  .formatted(vector.name(), missing(written), i, bits));
        }
      }
    }
  }
}
