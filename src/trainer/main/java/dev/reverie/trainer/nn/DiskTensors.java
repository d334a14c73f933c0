package dev.reverie.trainer.nn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.UUID;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Tensors that grow with the number of episodes. Large ones are mapped from a file without a name,
 * so that the system can put on disk what is not in use; it is gone when the tensor is.
 */
public final class DiskTensors {
  /** Ending of the name of a file that is still being written or has no name for long. */
  public static final String PART = ".part";

  /** Below this a file is not worth its writing: a usual round stays in memory. */
  public static final long LARGE_BYTES = 256L << 20;

  private static final int BUFFER_BYTES = 1 << 20;

  private DiskTensors() {}

  /**
   * A tensor of zeros.
   *
   * @param folder on whose disk it may be
   */
  public static Tensor zeros(Path folder, ScalarType type, long... shape) {
    return bytes(type, shape) < LARGE_BYTES
        ? Torch.zeros(type, shape)
        : mapped(folder, type, shape);
  }

  /** Maps a tensor of any size. */
  static Tensor mapped(Path folder, ScalarType type, long... shape) {
    long elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    Path file = folder.resolve(UUID.randomUUID() + PART);
    try {
      write(file, bytes(type, shape));
      try (BytePointer name = new BytePointer(file.toString(), StandardCharsets.UTF_8)) {
        return torch
            .from_file(
                name, new BoolOptional(true), new LongOptional(elements), new TensorOptions(type))
            .view(shape);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new TrainerException(
          "%s cannot take %d MiB of intermediate results: %s; make room there, or choose another folder for the run"
              .formatted(folder, bytes(type, shape) >> 20, e),
          e);
    }
  }

  /**
   * Writes zeros rather than leave holes: a full disk then tells here, and not by a fault later.
   */
  private static void write(Path file, long bytes) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer zeros = ByteBuffer.allocateDirect(BUFFER_BYTES);
      for (long left = bytes; left > 0; ) {
        left -= channel.write(zeros.clear().limit((int) Math.min(BUFFER_BYTES, left)));
      }
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  private static long bytes(ScalarType type, long... shape) {
    return Arrays.stream(shape).reduce(torch.elementSize(type), Math::multiplyExact);
  }
}
