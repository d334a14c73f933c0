package dev.reverie.mcap;

import net.jpountz.lz4.LZ4Exception;

/**
 * Decompresses an LZ4 block that may copy from what was decompressed before it
 * (lz4_Block_format.md).
 */
final class Lz4LinkedBlock {
  private static final int MIN_MATCH = 4;
  private static final int LONG_LENGTH = 15;

  private final byte[] source;
  private final int end;
  private int in;
  private int out;

  private Lz4LinkedBlock(byte[] source, int start, int end) {
    this.source = source;
    this.in = start;
    this.end = end;
  }

  /**
   * Decompresses one block behind the earlier ones.
   *
   * @param size bytes of {@code target} that are there already
   * @return bytes of {@code target} that are there afterwards
   */
  static int decompress(byte[] source, int start, int end, byte[] target, int size) {
    return new Lz4LinkedBlock(source, start, end).decompress(target, size);
  }

  /**
   * Decompresses one block behind the earlier ones, up to its damage where it has one.
   *
   * @return bytes of {@code target} that are there afterwards
   */
  static int prefix(byte[] source, int start, int end, byte[] target, int size) {
    Lz4LinkedBlock block = new Lz4LinkedBlock(source, start, end);
    try {
      return block.decompress(target, size);
    } catch (LZ4Exception e) {
      return block.out;
    }
  }

  private int decompress(byte[] target, int size) {
    out = size;
    while (true) {
      int token = next();
      int literals = length(token >> 4);
      if (literals > end - in || literals > target.length - out) {
        throw new LZ4Exception("literals reach beyond the block");
      }
      System.arraycopy(source, in, target, out, literals);
      in += literals;
      out += literals;
      if (in == end) {
        return out;
      }
      int distance = next() | next() << 8;
      int match = length(token & 0xf) + MIN_MATCH;
      if (distance == 0 || distance > out || match < 0 || match > target.length - out) {
        throw new LZ4Exception("a match reaches beyond the chunk");
      }
      int from = out - distance;
      for (int matchEnd = out + match; out < matchEnd; ) { // a match may overlap what it writes
        int run = Math.min(out - from, matchEnd - out);
        System.arraycopy(target, from, target, out, run);
        out += run;
      }
    }
  }

  private int length(int nibble) {
    int length = nibble;
    if (nibble == LONG_LENGTH) {
      int more;
      do {
        more = next();
        length += more;
        if (length < 0) {
          throw new LZ4Exception("a length overflows");
        }
      } while (more == 255);
    }
    return length;
  }

  private int next() {
    if (in == end) {
      throw new LZ4Exception("the block is cut off");
    }
    return source[in++] & 0xff;
  }
}
