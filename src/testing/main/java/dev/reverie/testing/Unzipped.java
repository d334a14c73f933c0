package dev.reverie.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Archives of files that tests need, beside their classes. */
public final class Unzipped {
  private Unzipped() {}

  /**
   * Unpacks an archive without folders.
   *
   * @param test beside whose class it is
   * @param to folder that is there
   */
  public static void resource(Class<?> test, String name, Path to) throws IOException {
    InputStream archive = Objects.requireNonNull(test.getResourceAsStream(name), name);
    try (ZipInputStream zip = new ZipInputStream(archive)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Files.copy(zip, to.resolve(entry.getName()));
      }
    }
  }
}
