package dev.reverie.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails each test class that leaves files in the folder that it runs in, its module's: they belong
 * into a temporary one. JUnit finds it by its service file.
 */
public final class LeftFiles implements BeforeAllCallback, AfterAllCallback {
  private static final Path FOLDER = Path.of("").toAbsolutePath();
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(LeftFiles.class);

  @Override
  public void beforeAll(ExtensionContext test) throws IOException {
    test.getStore(NAMESPACE).put("before", names());
  }

  @Override
  public void afterAll(ExtensionContext test) throws IOException {
    assertEquals(
        test.getStore(NAMESPACE).get("before"),
        names(),
        "files in %s before and after the tests of this class".formatted(FOLDER));
  }

  private static Set<String> names() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      Set<String> names = new TreeSet<>();
      files.forEach(file -> names.add(String.valueOf(file.getFileName())));
      return names;
    }
  }
}
