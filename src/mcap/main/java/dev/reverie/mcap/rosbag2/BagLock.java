package dev.reverie.mcap.rosbag2;

import dev.reverie.mcap.Durable;
import dev.reverie.mcap.McapException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a bag from being changed by two at a time: by a recorder, a label, a recovery. It is a lock
 * of the operating system on a hidden file in the bag's folder; the system gives it back when its
 * holder is killed, and the file goes when its holder is done. Who only reads needs none.
 */
final class BagLock implements AutoCloseable {
  static final String FILE_NAME = ".lock";

  /** The usual patience: a label of a large bag copies it first, which takes a while. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration PAUSE = Duration.ofMillis(5);

  /**
   * The files locked by this process: opening one again and closing it would give its lock back.
   */
  private static final Set<Path> HELD = new HashSet<>();

  private final Path file;
  private final FileChannel channel;

  private BagLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Waits for the lock.
   *
   * @param patience after which it is given up
   * @throws McapException where another holds it for longer, or the folder cannot be written
   */
  static BagLock take(Path folder, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      Path file = of(folder);
      while (true) {
        FileChannel channel = tryTake(file);
        if (channel != null) {
          return new BagLock(file, channel);
        }
        if (System.nanoTime() > deadline) {
          throw new McapException(
              folder
                  + " is being recorded, or changed by another command; wait until that has ended",
              0);
        }
        Thread.sleep(PAUSE);
      }
    } catch (IOException e) {
      throw new McapException(
          "%s cannot be changed: %s; make its folder writable, or copy it to where you may write"
              .formatted(folder, e),
          0,
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new McapException("interrupted while waiting for " + folder, 0, e);
    }
  }

  /**
   * Tells whether somebody holds the lock at this moment. Changes nothing, so that it can be asked
   * of a folder that cannot be written.
   */
  static boolean isHeld(Path folder) {
    try {
      Path file = of(folder);
      synchronized (HELD) {
        if (HELD.contains(file)) {
          return true;
        }
        if (!Files.isRegularFile(file)) {
          return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
          return channel.tryLock(0, Long.MAX_VALUE, true) == null;
        }
      }
    } catch (IOException e) {
      return false; // gone meanwhile, or on a file system without locks
    }
  }

  /** The file that is locked for a bag's folder, or for one of its files. */
  private static Path of(Path bag) throws IOException {
    Path folder = Files.isRegularFile(bag) ? Durable.folderOf(bag) : bag;
    return folder.toRealPath().resolve(FILE_NAME);
  }

  private static @Nullable FileChannel tryTake(Path file) throws IOException {
    synchronized (HELD) {
      if (HELD.contains(file)) {
        return null;
      }
      FileChannel channel = lock(file);
      if (channel != null) {
        HELD.add(file);
      }
      return channel;
    }
  }

  /**
   * Returns the locked file; null where another process has it. The last holder may have taken the
   * file away between our opening and our locking it: then the lock would hold nobody off.
   */
  private static @Nullable FileChannel lock(Path file) throws IOException {
    open(file).close();
    Object before = identity(file);
    FileChannel channel = open(file);
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (IOException e) {
      return channel; // a file system without locks: nobody is held off
    }
    if (lock != null && before != null && before.equals(identity(file))) {
      return channel;
    }
    channel.close();
    return null;
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private static @Nullable Object identity(Path file) throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  @Override
  public void close() {
    synchronized (HELD) {
      try (channel) {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        // It stays as an empty file, which the next holder takes over.
      }
      HELD.remove(file);
    }
  }
}
