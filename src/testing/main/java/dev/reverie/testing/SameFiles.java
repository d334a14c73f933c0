package dev.reverie.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Expects that two folders hold the same files, byte for byte. */
public final class SameFiles {
  private SameFiles() {}

  /** Passes where both have the same names and content. */
  public static void require(Path one, Path two) throws IOException {
    List<Path> names = names(one);
    assertFalse(names.isEmpty(), one + " is empty");
    assertEquals(names, names(two));
    for (Path name : names) {
      assertEquals(-1, Files.mismatch(one.resolve(name), two.resolve(name)), name.toString());
    }
  }

  private static List<Path> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).map(folder::relativize).sorted().toList();
    }
  }
}
