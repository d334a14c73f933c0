package dev.reverie.mcap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Writes files that are, after a power cut too, either as they were or as they shall be. Public for
 * bags and for what else stores files.
 */
public final class Durable {
  private Durable() {}

  /** Replaces the file, or creates it, and forces it to disk. */
  public static void write(Path path, String text) throws IOException {
    write(path, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Replaces the file, or creates it, and forces it to disk. */
  public static void write(Path path, byte[] content) throws IOException {
    Path temporary = temporary(path);
    write(temporary, content, true);
    replace(temporary, path);
  }

  /**
   * Replaces the file, or creates it, whole at every moment for who reads it; only a power cut may
   * leave it empty. For what can be made anew.
   */
  public static void writeUnforced(Path path, String text) throws IOException {
    Path temporary = temporary(path);
    write(temporary, text.getBytes(StandardCharsets.UTF_8), false);
    Files.move(
        temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void write(Path path, byte[] content, boolean force) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      if (force) {
        channel.force(false);
      }
    } catch (IOException e) {
      Files.deleteIfExists(path); // half a file is of no use to anybody
      throw e;
    }
  }

  /** Returns the place where a new version of the file is prepared: beside it. */
  public static Path temporary(Path path) {
    return path.resolveSibling("." + path.getFileName() + ".tmp");
  }

  /** Puts a prepared version, already forced to disk, in the file's place. */
  public static void replace(Path prepared, Path path) throws IOException {
    Files.move(prepared, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    forceFolder(folderOf(path));
  }

  /** Returns the folder in which a file or a folder stands. */
  public static Path folderOf(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    return Objects.requireNonNullElse(absolute.getParent(), absolute);
  }

  /** Makes the names in a folder durable. */
  public static void forceFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
