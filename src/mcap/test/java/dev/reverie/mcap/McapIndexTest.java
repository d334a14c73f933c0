package dev.reverie.mcap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.Samples.Sample;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Makes what a file says of itself wrong: it is found and told, and recovery loses no message. */
class McapIndexTest {
  private static final McapOptions OPTIONS = McapOptions.ROS2.withChunkBytes(4 << 10);
  private static final int MAGIC = Opcode.magic().length;

  @TempDir Path folder;
  private Path file;
  private List<Sample> written;
  private ByteBuffer bytes;
  private List<ChunkIndex> chunks;

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("file.mcap");
    written = Samples.write(file, OPTIONS, 100, 1);
    bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    try (McapReader reader = McapReader.open(file)) {
      chunks = reader.summary().orElseThrow().chunks();
    }
  }

  @Test
  void aSummaryWithAWrongChecksumIsNotUsed() throws IOException {
    int at = content(Opcode.CHUNK_INDEX);
    bytes.put(at, (byte) ~bytes.get(at));
    assertFound("the checksum of the summary is wrong");
    assertEquals(written, Samples.readable(file));
  }

  @Test
  void aChunkThatIsNotInTheFileIsNamed() throws IOException {
    bytes.putLong(content(Opcode.CHUNK_INDEX) + 16, 1L << 40);
    mend();
    assertFound("the chunk that it names is not inside the file");
    assertEquals(written, Samples.readable(file));
  }

  @Test
  void anIndexThatNamesAnotherPlaceIsNamed() throws IOException {
    bytes.putLong(content(Opcode.CHUNK_INDEX) + 16, chunks.getFirst().offset() + 10);
    mend();
    assertFound("the index does not name the chunks that are there");
    assertEquals(written, Samples.readable(file));
    bytes.putLong(
        content(Opcode.CHUNK_INDEX) + 16,
        chunks.getFirst().offset() + chunks.getFirst().length()); // a message index
    mend();
    Files.write(file, bytes.array());
    try (McapReader reader = McapReader.open(file)) {
      Refusal.of(
          McapException.class,
          () -> reader.messagesByTime(McapQuery.ALL).forEach(message -> {}),
          "no complete index",
          file.toString());
    }
  }

  @Test
  void statisticsThatDoNotAgreeAreNamedWithBothNumbers() throws IOException {
    bytes.putLong(content(Opcode.STATISTICS), 99);
    mend();
    assertFound("the statistics say 99 messages", "there are 100");
  }

  @Test
  void aWrongMessageIndexIsNamedWithItsPlace() throws IOException {
    int index = (int) (chunks.getFirst().offset() + chunks.getFirst().length());
    int time = index + Opcode.RECORD_HEADER_BYTES + 2 + 4;
    bytes.putLong(time, 7);
    assertFound("the message index at byte " + index + " is wrong");
  }

  @Test
  void aWrongChecksumOfTheDataIsNamed() throws IOException {
    int dataEnd = (int) summaryStart() - 4;
    bytes.putInt(dataEnd, ~bytes.getInt(dataEnd));
    assertFound("the checksum of the data section is wrong");
  }

  /** Passes where the file is named, the trouble and the remedy, and the remedy helps. */
  private void assertFound(String... words) throws IOException {
    Files.write(file, bytes.array());
    List<String> problems = McapVerifier.problems(file);
    for (String word : words) {
      assertTrue(problems.toString().contains(word), problems.toString());
    }
    for (String problem : problems) {
      assertTrue(problem.contains(file.toString()) && problem.contains("recover"), problem);
    }
    Path recovered = folder.resolve("recovered.mcap");
    McapRecovery.recover(file, recovered, OPTIONS);
    assertEquals(List.of(), McapVerifier.problems(recovered));
    assertEquals(written, Samples.readable(recovered));
  }

  private long summaryStart() {
    return bytes.getLong(bytes.capacity() - MAGIC - Opcode.FOOTER_BYTES);
  }

  /** Returns the place of the content of the summary's first record of a kind. */
  private int content(int opcode) {
    int at = (int) summaryStart();
    while (bytes.get(at) != opcode) {
      at += Opcode.RECORD_HEADER_BYTES + (int) bytes.getLong(at + 1);
    }
    return at + Opcode.RECORD_HEADER_BYTES;
  }

  /** Makes the summary's checksum right again. */
  private void mend() {
    int end = bytes.capacity() - MAGIC - 4;
    CRC32 crc = new CRC32();
    crc.update(bytes.array(), (int) summaryStart(), end - (int) summaryStart());
    bytes.putInt(end, (int) crc.getValue());
  }
}
