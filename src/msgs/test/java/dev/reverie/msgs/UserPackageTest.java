package dev.reverie.msgs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.rosidl.Generate;
import dev.reverie.rosidl.InterfaceException;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Generates a user's own interface package beside the common ones. */
class UserPackageTest {
  private final Path dir;

  UserPackageTest(@TempDir Path dir) {
    this.dir = dir;
  }

  private void file(String name, String text) throws IOException {
    Path file = dir.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void generate(String... more) {
    Generate.run(
        Stream.concat(
                Stream.of(
                    "--fallback",
                    System.getProperty("reverie.root") + "/.reverie/jazzy",
                    "--folder",
                    "my_msgs=" + dir.resolve("my_msgs"),
                    "--java-package",
                    "com.example.msgs",
                    "--out",
                    dir.resolve("java").toString()),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private void compile() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    var words = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
        Stream<Path> sources = Files.walk(dir.resolve("java"))) {
      var options =
          List.of(
              "-d", dir.resolve("classes").toString(), "-Xlint:all,-path", "-Werror", "-proc:none");
      Iterable<? extends JavaFileObject> units =
          files.getJavaFileObjectsFromPaths(
              sources.filter(p -> p.toString().endsWith(".java")).toList());
      assertTrue(
          compiler.getTask(words, files, null, options, null, units).call(), words::toString);
    }
  }

  @Test
  void itsRecordsAndViewsUseThoseOfTheCommonPackages() throws Exception {
    file("my_msgs/msg/Grip.msg", "std_msgs/Header header\nFinger[2] fingers\nstring<=5[] notes\n");
    file("my_msgs/msg/Finger.msg", "geometry_msgs/Vector3 force \t# newton\nfloat32 width 0.5\n");
    file("my_msgs/srv/Close.srv", "Finger finger\n---\nbool done\n");
    file(
        "my_msgs/action/Hold.action",
        "Grip grip\n---\nstd_msgs/Empty nothing\n---\nbool[] contact\n");
    generate();
    assertFalse(Files.exists(dir.resolve("java/com/example/msgs/std_msgs")));
    compile();
    try (var loader = new URLClassLoader(new URL[] {dir.resolve("classes").toUri().toURL()})) {
      Class<?> grip = loader.loadClass("com.example.msgs.my_msgs.Grip");
      assertEquals(Header.class, grip.getRecordComponents()[0].getType());
      for (String name : List.of("Grip", "Finger", "Close$Request", "Hold$Goal", "Hold$Result")) {
        check(GeneratedType.of(loader.loadClass("com.example.msgs.my_msgs." + name)));
      }
    }
  }

  private static <T> void check(GeneratedType<T> type) {
    T message = new RandomRecords(new Random(1)).next(type.record());
    byte[] cdr = type.type().encode(message);
    assertEquals(message, type.type().decode(cdr));
    byte[] bytes = cdr.clone();
    MessageView<T> view = new ViewBinding<>(type.view()).bind(MemorySegment.ofArray(bytes));
    ViewFields.assertShows(message, view);
    ViewFields.clear(view, message);
    ViewFields.set(message, view);
    assertArrayEquals(cdr, bytes);
  }

  @Test
  void aPackageWhoseRecordsAreNowhereIsNamedWithBothRemedies() throws IOException {
    file("my_msgs/msg/Grip.msg", "int8 a\nother_msgs/Thing thing\n");
    file("other_msgs/msg/Thing.msg", "int8 a\n");
    InterfaceException e =
        assertThrows(
            InterfaceException.class,
            () -> generate("--find", "other_msgs=" + dir.resolve("other_msgs")));
    assertTrue(
        String.valueOf(e.getMessage())
            .contains(
                "Grip.msg:2: there are no records of other_msgs: generate them too (--folder"
                    + " other_msgs=DIR or --package other_msgs), or name the Java package that they"
                    + " are in (--using other_msgs=ROOT)"),
        e.getMessage());
    generate(
        "--find", "other_msgs=" + dir.resolve("other_msgs"), "--using", "other_msgs=org.other");
    assertTrue(
        Files.readString(dir.resolve("java/com/example/msgs/my_msgs/Grip.java"))
            .contains("org.other.other_msgs.Thing thing"));
    generate("--folder", "other_msgs=" + dir.resolve("other_msgs"));
    compile();
  }

  @Test
  void filesThatOthersWroteAreNeitherOverwrittenNorDeleted() throws IOException {
    file("my_msgs/msg/Grip.msg", "int8 a\n");
    file("java/com/example/App.java", "class App {}\n");
    generate();
    assertTrue(Files.exists(dir.resolve("java/com/example/App.java")));
    file("java/com/example/msgs/my_msgs/Grip.java", "class Grip {}\n");
    InterfaceException e = assertThrows(InterfaceException.class, this::generate);
    assertTrue(String.valueOf(e.getMessage()).contains("is not by rosidl"), e.getMessage());
  }
}
