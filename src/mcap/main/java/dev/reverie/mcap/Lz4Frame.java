package dev.reverie.mcap;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import net.jpountz.xxhash.XXHash32;
import net.jpountz.xxhash.XXHashFactory;

/**
 * Writes and reads the LZ4 frame format (lz4_Frame_format.md, version 1.6). lz4-java's own streams
 * refuse frames whose blocks refer to earlier ones, which is what Python's {@code lz4.frame}
 * writes.
 */
final class Lz4Frame {
  private static final int MAGIC = 0x184D2204;
  private static final int VERSION = 1 << 6;
  private static final int INDEPENDENT = 1 << 5;
  private static final int BLOCK_CHECKSUM = 1 << 4;
  private static final int CONTENT_SIZE = 1 << 3;
  private static final int CONTENT_CHECKSUM = 1 << 2;
  private static final int DICTIONARY = 1;
  private static final int MAX_BLOCK = 4 << 20;
  private static final int MAX_BLOCK_ID = 7;
  private static final int STORED = 1 << 31;
  private static final int HEADER_BYTES = 4 + 1 + 1 + 8 + 1;

  private static final LZ4Compressor COMPRESSOR = LZ4Factory.fastestInstance().fastCompressor();
  private static final LZ4SafeDecompressor DECOMPRESSOR =
      LZ4Factory.fastestInstance().safeDecompressor();
  private static final XXHash32 HASH = XXHashFactory.fastestInstance().hash32();

  private Lz4Frame() {}

  static int compressBound(int length) {
    int blocks = length / MAX_BLOCK + 1;
    return HEADER_BYTES + length + blocks * (4 + MAX_BLOCK / 255 + 16) + 4;
  }

  /** Compresses to the target's beginning, and returns the size of the frame. */
  static int compress(ByteBuffer source, ByteBuffer target) {
    int length = source.remaining();
    ByteBuffer out = target.duplicate().clear().order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(MAGIC);
    out.put((byte) (VERSION | INDEPENDENT | CONTENT_SIZE)).put((byte) (MAX_BLOCK_ID << 4));
    out.putLong(length);
    out.put((byte) (HASH.hash(target, 4, 10, 0) >> 8));
    for (int start = 0; start < length; start += MAX_BLOCK) {
      int size = Math.min(MAX_BLOCK, length - start);
      int at = out.position();
      int from = source.position() + start;
      int packed =
          COMPRESSOR.compress(source, from, size, target, at + 4, target.capacity() - at - 4);
      if (packed < size) {
        out.putInt(packed).position(at + 4 + packed);
      } else {
        out.putInt(size | STORED).put(source.slice(from, size));
      }
    }
    out.putInt(0);
    return out.position();
  }

  /**
   * Decompresses a frame, and returns the number of bytes; throws {@link LZ4Exception} where it is
   * damaged.
   */
  static int decompress(byte[] source, int start, int length, byte[] target) {
    ByteBuffer in = ByteBuffer.wrap(source, start, length).order(ByteOrder.LITTLE_ENDIAN);
    try {
      int flags = readHeader(in, source);
      int size = 0;
      for (int block = in.getInt(); block != 0; block = in.getInt()) {
        int packed = block & ~STORED;
        if (packed > in.remaining()) {
          throw new LZ4Exception("a block of " + packed + " bytes is cut off");
        }
        size = readBlock(source, in.position(), packed, block < 0, flags, target, size);
        in.position(in.position() + packed);
        if ((flags & BLOCK_CHECKSUM) != 0
            && in.getInt() != HASH.hash(source, in.position() - 4 - packed, packed, 0)) {
          throw new LZ4Exception("the checksum of a block is wrong");
        }
      }
      if ((flags & CONTENT_CHECKSUM) != 0 && in.getInt() != HASH.hash(target, 0, size, 0)) {
        throw new LZ4Exception("the checksum of the frame is wrong");
      }
      return size;
    } catch (BufferUnderflowException e) {
      throw new LZ4Exception("the frame is cut off", e);
    }
  }

  /** Decompresses a frame up to its damage, and returns the number of bytes. */
  static int prefix(byte[] source, int start, int length, byte[] target) {
    ByteBuffer in = ByteBuffer.wrap(source, start, length).order(ByteOrder.LITTLE_ENDIAN);
    int size = 0;
    try {
      int flags = readHeader(in, source);
      for (int block = in.getInt(); block != 0; block = in.getInt()) {
        int packed = Math.min(block & ~STORED, in.remaining());
        int from = in.position();
        if (block < 0) {
          packed = Math.min(packed, target.length - size);
          System.arraycopy(source, from, target, size, packed);
          size += packed;
        } else {
          size = Lz4LinkedBlock.prefix(source, from, from + packed, target, size);
        }
        in.position(from + packed + ((flags & BLOCK_CHECKSUM) != 0 ? 4 : 0));
      }
    } catch (BufferUnderflowException | IllegalArgumentException | LZ4Exception e) {
      // The end of what can be read.
    }
    return size;
  }

  private static int readHeader(ByteBuffer in, byte[] source) {
    if (in.getInt() != MAGIC) {
      throw new LZ4Exception("it is not an LZ4 frame");
    }
    int start = in.position();
    int flags = in.get();
    in.get();
    if ((flags & 0xC0) != VERSION || (flags & DICTIONARY) != 0) {
      throw new LZ4Exception("LZ4 frame flags 0x%02x are not supported".formatted(flags & 0xff));
    }
    if ((flags & CONTENT_SIZE) != 0) {
      in.getLong();
    }
    if (in.get() != headerChecksum(source, start, in.position() - 1 - start)) {
      throw new LZ4Exception("the checksum of the frame's header is wrong");
    }
    return flags;
  }

  private static byte headerChecksum(byte[] bytes, int start, int length) {
    return (byte) (HASH.hash(bytes, start, length, 0) >> 8);
  }

  private static int readBlock(
      byte[] source, int start, int length, boolean stored, int flags, byte[] target, int size) {
    if (stored) {
      if (length > target.length - size) {
        throw new LZ4Exception("the frame has more content than the chunk's record says");
      }
      System.arraycopy(source, start, target, size, length);
      return size + length;
    }
    if ((flags & INDEPENDENT) != 0) {
      return size
          + DECOMPRESSOR.decompress(source, start, length, target, size, target.length - size);
    }
    return Lz4LinkedBlock.decompress(source, start, start + length, target, size);
  }
}
