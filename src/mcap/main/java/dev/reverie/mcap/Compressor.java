package dev.reverie.mcap;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import net.jpountz.lz4.LZ4Exception;
import org.jspecify.annotations.Nullable;

/** Compresses one chunk after the other into a buffer that is used again. */
final class Compressor implements AutoCloseable {
  // Level 1: about 500 MB/s on one core, which two raw 640x480 cameras at 30 Hz (55 MB/s) need.
  private static final int ZSTD_LEVEL = 1;

  /** The most bytes that one byte of a length stands for. */
  private static final long LZ4_MOST = 255;

  private static final int PIECE_BYTES = 4 << 10;

  private final McapCompression compression;
  private final Arena arena;
  private final @Nullable ZstdCompressCtx zstd;
  private ByteBuffer compressed = ByteBuffer.allocate(0);

  /**
   * Creates a compressor with an empty buffer.
   *
   * @param arena of the buffer
   */
  Compressor(McapCompression compression, Arena arena) {
    this.compression = compression;
    this.arena = arena;
    this.zstd =
        compression == McapCompression.ZSTD ? new ZstdCompressCtx().setLevel(ZSTD_LEVEL) : null;
  }

  /**
   * Returns the source compressed, valid until the next call.
   *
   * @param source outside of the heap
   */
  ByteBuffer compress(ByteBuffer source) {
    int length = source.remaining();
    return switch (compression) {
      case NONE -> source;
      case LZ4 -> {
        reserve(Lz4Frame.compressBound(length));
        yield compressed.slice(0, Lz4Frame.compress(source, compressed));
      }
      case ZSTD -> {
        reserve(Math.toIntExact(Zstd.compressBound(length)));
        int packed =
            Objects.requireNonNull(zstd)
                .compressDirectByteBuffer(compressed, 0, compressed.capacity(), source, 0, length);
        yield compressed.slice(0, packed);
      }
    };
  }

  /**
   * Refuses a size that the source cannot have, before memory is set aside for it.
   *
   * @throws IllegalArgumentException where it cannot
   */
  static void checkSize(
      McapCompression compression, byte[] source, int start, int length, long size) {
    long most =
        switch (compression) {
          case NONE -> length;
          case LZ4 -> LZ4_MOST * length;
          case ZSTD -> zstdMost(source, start, length);
        };
    if (size > most) {
      throw new IllegalArgumentException(
          "it says it has %d bytes, but its %d compressed bytes hold at most %d"
              .formatted(size, length, most));
    }
  }

  /** Returns the size that a frame names, where it names one and is the only frame. */
  private static long zstdMost(byte[] source, int start, int length) {
    try {
      long told = Zstd.getFrameContentSize(source, start, length);
      boolean alone = Zstd.findFrameCompressedSize(source, start, length) == length;
      return told > 0 && alone ? told : Long.MAX_VALUE;
    } catch (ZstdException e) {
      throw new IllegalArgumentException("it does not decompress: " + e.getMessage(), e);
    }
  }

  /**
   * Fills {@code target} exactly.
   *
   * @throws IllegalArgumentException where the source is damaged or has another size
   */
  static void decompress(
      McapCompression compression, byte[] source, int start, int length, byte[] target) {
    try {
      long size =
          switch (compression) {
            case NONE -> {
              System.arraycopy(source, start, target, 0, Math.min(length, target.length));
              yield length;
            }
            case LZ4 -> Lz4Frame.decompress(source, start, length, target);
            case ZSTD -> Zstd.decompressByteArray(target, 0, target.length, source, start, length);
          };
      if (size != target.length) {
        throw new IllegalArgumentException(
            "it decompresses to %d bytes instead of %d".formatted(size, target.length));
      }
    } catch (ZstdException | LZ4Exception e) {
      throw new IllegalArgumentException("it does not decompress: " + e.getMessage(), e);
    }
  }

  /**
   * Decompresses as far as it goes: what comes out of a damaged source before its damage, and
   * perhaps some that is not what was put in.
   *
   * @param size bytes that were put in, as is said
   * @param most bytes that may come out
   */
  static byte[] prefix(
      McapCompression compression, byte[] source, int start, int length, long size, int most) {
    switch (compression) {
      case NONE -> {
        return Arrays.copyOfRange(source, start, start + length);
      }
      case LZ4 -> {
        checkSize(compression, source, start, length, size);
        byte[] target = new byte[Math.clamp(size, 0, most)];
        return Arrays.copyOf(target, Lz4Frame.prefix(source, start, length, target));
      }
      case ZSTD -> {
        var out = new ByteArrayOutputStream();
        long limit = size >= 0 && size < most ? size : most;
        // In small pieces: what comes with an error is not given.
        byte[] piece = new byte[PIECE_BYTES];
        try (var in = new ZstdInputStream(new ByteArrayInputStream(source, start, length))) {
          for (int n = in.read(piece); n > 0 && out.size() < limit; n = in.read(piece)) {
            out.write(piece, 0, n);
          }
        } catch (IOException e) {
          // The end of what can be read.
        }
        return out.toByteArray();
      }
    }
    throw new IllegalStateException(compression.toString());
  }

  private void reserve(int size) {
    if (compressed.capacity() < size) {
      compressed = arena.allocate(size).asByteBuffer();
    }
  }

  @Override
  public void close() {
    if (zstd != null) {
      zstd.close();
    }
  }
}
