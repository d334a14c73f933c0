package dev.reverie.msgs;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Names a generated record with its codec and its view. */
public record GeneratedType<T>(
    Class<T> record, MessageType<T> type, ViewType<T, ? extends MessageView<T>> view) {
  @Override
  public String toString() {
    return type.name();
  }

  /** Returns all types on the class path, by name. */
  public static List<GeneratedType<?>> all() {
    var found = new ArrayList<GeneratedType<?>>();
    try {
      Enumeration<URL> roots =
          GeneratedType.class.getClassLoader().getResources("dev/reverie/msgs");
      for (URL root : Collections.list(roots)) {
        if (root.getProtocol().equals("jar")) {
          try (FileSystem jar = FileSystems.newFileSystem(root.toURI(), Map.of())) {
            addAll(jar.getPath("dev/reverie/msgs"), found);
          }
        } else {
          addAll(Path.of(root.toURI()), found);
        }
      }
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    found.sort((a, b) -> a.toString().compareTo(b.toString()));
    return found;
  }

  private static void addAll(Path folder, List<GeneratedType<?>> found) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String path = folder.relativize(file).toString();
        if (path.endsWith(".class") && path.contains("/")) {
          Class<?> c = load(path.substring(0, path.length() - 6));
          if (c.isRecord()) {
            found.add(of(c));
          }
        }
      }
    }
  }

  private static Class<?> load(String path) {
    try {
      return Class.forName(
          "dev.reverie.msgs." + path.replace('/', '.'),
          false,
          GeneratedType.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("unchecked") // the constants of a record are of its type
  static <T> GeneratedType<T> of(Class<T> record) {
    try {
      return new GeneratedType<>(
          record,
          (MessageType<T>) record.getField("TYPE").get(null),
          (ViewType<T, ? extends MessageView<T>>) record.getField("VIEW").get(null));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
