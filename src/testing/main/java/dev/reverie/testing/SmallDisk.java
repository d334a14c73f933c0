package dev.reverie.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A file system of a few megabytes over a folder; only root may mount one. */
public final class SmallDisk implements AutoCloseable {
  private final Path folder;

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  /** Skips the test where it is not allowed. */
  public static SmallDisk mount(Path folder, long bytes) {
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=" + bytes, "tmpfs", folder.toString()),
        "this user may not mount a small disk");
    return new SmallDisk(folder);
  }

  /** Nothing can be written any more. */
  public void makeReadOnly() {
    run("mount", "-o", "remount,ro", folder.toString());
  }

  /** Makes room. */
  public void free() {
    run("mount", "-o", "remount,rw,size=64m", folder.toString());
  }

  private static boolean run(String... command) {
    try {
      Process process =
          new ProcessBuilder(List.of(command))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    run("umount", "-l", folder.toString());
  }
}
