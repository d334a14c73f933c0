package dev.reverie.rosidl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Names an interface package: a folder with {@code msg}, {@code srv} and {@code action}.
 *
 * @param name such as {@code std_msgs}
 */
record InterfacePackage(String name, Path folder) {
  /** Returns the files of one kind, sorted. */
  List<Path> files(String kind) {
    Path place = folder.resolve(kind);
    if (!Files.isDirectory(place)) {
      return List.of();
    }
    try (Stream<Path> list = Files.list(place)) {
      return list.filter(p -> p.toString().endsWith("." + kind)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + place, e);
    }
  }

  List<Structure> parse(Path file) {
    try {
      return new InterfaceParser(name, file.toString()).parse(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** Returns the name of the type that a file declares. */
  static String typeName(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.indexOf('.'));
  }
}
