package dev.reverie.console;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The files of the page: HTML, modules and styles that lie beside this class. */
final class PageFiles {
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml");

  private final Map<String, Optional<File>> files = new ConcurrentHashMap<>();

  /** A file with its type. */
  record File(String type, byte[] bytes) {}

  /** The file at a path of the page, such as /live.js; empty where there is none. */
  Optional<File> get(String path) {
    String name = path.equals("/") ? "index.html" : path.substring(1);
    if (!name.matches("[a-z][a-z0-9-]{0,40}\\.(html|js|css|svg)")) {
      return Optional.empty();
    }
    Optional<File> known = files.get(name);
    if (known != null) {
      return known;
    }
    Optional<File> read = read(name);
    if (read.isPresent()) {
      files.put(name, read);
    }
    return read;
  }

  private static Optional<File> read(String name) {
    try (InputStream in = PageFiles.class.getResourceAsStream("page/" + name)) {
      if (in == null) {
        return Optional.empty();
      }
      String type = TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "");
      return Optional.of(new File(type, in.readAllBytes()));
    } catch (IOException e) {
      throw new ConsoleException("cannot read the page's " + name, e);
    }
  }
}
