package dev.reverie.mcap;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/** Makes damaged files of good ones: the same number always makes the same file. */
final class Mutator {
  private static final long[] TELLING = {
    0,
    1,
    0xff,
    0x7fff,
    0xffff,
    1 << 20,
    0x7fffffff,
    0x80000000L,
    0xffffffffL,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1
  };

  private final List<byte[]> originals = new ArrayList<>();
  private final List<List<ChunkIndex>> chunks = new ArrayList<>();
  private final long seed;

  /**
   * Makes the good files.
   *
   * @param folder for the good files
   */
  Mutator(Path folder, long seed) throws Exception {
    this.seed = seed;
    for (McapCompression compression : McapCompression.values()) {
      Path file = folder.resolve("good " + compression + ".mcap");
      McapOptions options = McapOptions.ROS2.withChunkBytes(4 << 10).withCompression(compression);
      try (McapWriter writer = McapWriter.create(file, options)) {
        Samples.write(writer, 30, 5);
        writer.attach(new McapAttachment(1, 2, "a", "b", new byte[10]));
        writer.addMetadata(new McapMetadata("m", Map.of("k", "v")));
      }
      originals.add(Files.readAllBytes(file));
      try (McapReader reader = McapReader.open(file)) {
        chunks.add(reader.summary().orElseThrow().chunks());
      }
    }
    List<ConformanceVector> vectors = ConformanceVector.all();
    for (int i = 0; i < vectors.size(); i += 29) {
      originals.add(ConformanceBytes.of(vectors.get(i)));
      chunks.add(List.of());
    }
  }

  byte[] file(long number) {
    SplittableRandom random = new SplittableRandom(seed + number);
    int which = random.nextInt(4) > 0 ? random.nextInt(3) : random.nextInt(originals.size());
    byte[] bytes = originals.get(which).clone();
    for (int changes = 1 + random.nextInt(3); changes > 0 && bytes.length > 16; changes--) {
      bytes = change(bytes, which, random);
    }
    return bytes;
  }

  private byte[] change(byte[] bytes, int which, SplittableRandom random) {
    int at = random.nextInt(bytes.length - 8);
    int length = random.nextInt(Math.min(200, bytes.length - at));
    return switch (random.nextInt(8)) {
      case 0 -> Arrays.copyOf(bytes, at);
      case 1 ->
          join(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + length, bytes.length));
      case 2 -> {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        yield join(
            join(Arrays.copyOf(bytes, at), noise), Arrays.copyOfRange(bytes, at, bytes.length));
      }
      case 3 -> {
        byte[] other = originals.get(random.nextInt(originals.size()));
        int from = random.nextInt(other.length);
        byte[] piece = Arrays.copyOfRange(other, from, Math.min(other.length, from + 2000));
        yield join(
            join(Arrays.copyOf(bytes, at), piece), Arrays.copyOfRange(bytes, at, bytes.length));
      }
      case 4 -> {
        ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long value = TELLING[random.nextInt(TELLING.length)];
        if (random.nextBoolean()) {
          all.putLong(at, value);
        } else {
          all.putInt(at, (int) value);
        }
        yield bytes;
      }
      case 5, 6 -> insideChunk(bytes, which, random);
      default -> {
        bytes[at] = (byte) random.nextInt();
        yield bytes;
      }
    };
  }

  /** Changes the content of a chunk and makes its checksum right again. */
  private byte[] insideChunk(byte[] bytes, int which, SplittableRandom random) {
    if (chunks.get(which).isEmpty() || which != McapCompression.NONE.ordinal()) {
      return bytes;
    }
    ChunkIndex chunk = chunks.get(which).get(random.nextInt(chunks.get(which).size()));
    int start = (int) chunk.offset() + Opcode.RECORD_HEADER_BYTES + 8 + 8 + 8 + 4 + 4 + 8;
    int size = (int) chunk.uncompressedBytes();
    if (start + size > bytes.length) {
      return bytes;
    }
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = start + random.nextInt(size - 8);
    if (random.nextBoolean()) {
      all.putInt(at, (int) TELLING[random.nextInt(TELLING.length)]);
    } else {
      bytes[at] = (byte) random.nextInt();
    }
    CRC32 crc = new CRC32();
    crc.update(bytes, start, size);
    all.putInt((int) chunk.offset() + Opcode.RECORD_HEADER_BYTES + 8 + 8 + 8, (int) crc.getValue());
    return bytes;
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }
}
