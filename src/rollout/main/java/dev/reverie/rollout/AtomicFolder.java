package dev.reverie.rollout;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/** Writes folders that appear whole or not at all, and deletes them. */
public final class AtomicFolder {
  /** Held by whoever fills the folder; a name that no other hidden folder has in it. */
  private static final String LOCK = ".being-written";

  private static final String DRAFT = "draft";

  private static final int TRIES = 100;
  private static final long AGAIN_NANOS = 10_000_000L;

  /** Folders of this process: who opens a lock's file again and closes it gives the lock back. */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  /**
   * Held while a folder is made or takes its name, and by the end of the program before it deletes.
   */
  private static final Object NAMING = new Object();

  private static boolean ended; // guarded by NAMING

  static {
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("half-written").unstarted(AtomicFolder::end));
  }

  private AtomicFolder() {}

  /** Fills a folder that nobody else sees yet. */
  public interface Filling<T> {
    /**
     * Writes what the folder is to hold.
     *
     * @param draft empty
     * @throws IOException where it cannot be written; nothing of it stays
     */
    T fill(Path draft) throws IOException;
  }

  /**
   * Fills a hidden folder beside the target, which then takes the target's name. What a process
   * that was killed amid this left in the same place is deleted.
   *
   * @param refusal makes the exception that is thrown where the target exists or cannot be written,
   *     of a message with the remedy and a cause
   * @return what the filling gave
   */
  public static <T> T write(
      Path folder,
      BiFunction<String, Throwable, ? extends RuntimeException> refusal,
      Filling<T> filling) {
    Path target = folder.toAbsolutePath().normalize();
    if (Files.exists(target)) {
      throw refusal.apply(
          "%s exists already; choose another folder or remove it first".formatted(target),
          new FileAlreadyExistsException(target.toString()));
    }
    try {
      Path parent = Files.createDirectories(target.getParent());
      clearAbandoned(parent);
      Path hidden = hidden(parent, "." + target.getFileName() + "-");
      try (FileChannel _ = locked(hidden)) {
        try {
          Path draft = Files.createDirectory(hidden.resolve(DRAFT));
          T result = filling.fill(draft);
          synchronized (NAMING) {
            requireGoingOn();
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
          }
          return result;
        } finally {
          delete(hidden); // while it is locked, or another process would delete it too
        }
      } finally {
        HELD.remove(hidden);
      }
    } catch (RuntimeException e) {
      throw hasEnded() ? refusal.apply(notWritten(target), e) : e; // what it wrote into is deleted
    } catch (IOException e) {
      if (hasEnded()) {
        throw refusal.apply(notWritten(target), e);
      }
      throw refusal.apply(
          "cannot write %s: %s; choose another folder, or make room on the disk"
              .formatted(target, FileErrors.reason(e, target)),
          e);
    }
  }

  private static String notWritten(Path target) {
    return "%s is not written: the program was told to end; run it again".formatted(target);
  }

  private static Path hidden(Path parent, String prefix) throws IOException {
    synchronized (NAMING) {
      requireGoingOn();
      Path hidden = Files.createTempDirectory(parent, prefix);
      HELD.add(hidden);
      return hidden;
    }
  }

  private static void requireGoingOn() throws IOException {
    if (hasEnded()) {
      throw new IOException("the program was told to end");
    }
  }

  private static boolean hasEnded() {
    synchronized (NAMING) {
      return ended;
    }
  }

  /**
   * Deletes what is half written when the program is told to end, as by a signal, while whoever
   * fills it may still write.
   */
  private static void end() {
    synchronized (NAMING) {
      ended = true;
    }
    for (Path hidden : HELD) {
      for (int i = 0; i < TRIES && Files.exists(hidden); i++) {
        try {
          delete(hidden);
        } catch (IOException | UncheckedIOException e) {
          LockSupport.parkNanos(AGAIN_NANOS); // something was written meanwhile
        }
      }
    }
  }

  /** Nobody sees the file before it is locked. */
  private static FileChannel locked(Path hidden) throws IOException {
    Path file = hidden.resolve(DRAFT + LOCK);
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    var _ = channel.lock();
    Files.move(file, hidden.resolve(LOCK));
    return channel;
  }

  /** Deletes hidden folders whose lock the system took back, for its holder has ended. */
  private static void clearAbandoned(Path parent) throws IOException {
    List<Path> candidates = new ArrayList<>();
    try (DirectoryStream<Path> hidden = Files.newDirectoryStream(parent, ".*-*")) {
      for (Path folder : hidden) {
        if (!HELD.contains(folder)) {
          candidates.add(folder);
        }
      }
    }
    for (Path folder : candidates) {
      deleteAbandoned(folder);
    }
  }

  /** Holds the lock while it deletes, so that no two processes delete the same folder at once. */
  private static void deleteAbandoned(Path folder) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
    } catch (IOException e) { // it is no such folder, or nobody may look
      return;
    }
    try (channel) {
      if (channel.tryLock() != null) {
        delete(folder);
      }
    }
  }

  /**
   * Deletes a folder with all that is in it; does nothing where there is none.
   *
   * @throws IOException where something of it cannot be deleted
   */
  public static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> paths = Files.walk(folder)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
