package dev.reverie.rosidl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateTest {
  private static final FileTime LONG_AGO = FileTime.fromMillis(0);

  private final Path dir;

  GenerateTest(@TempDir Path dir) {
    this.dir = dir;
  }

  private void file(String name, String text) throws IOException {
    Path file = dir.resolve("my_msgs").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private Path generated(String name) {
    return dir.resolve("out/my/java/my_msgs").resolve(name);
  }

  private void generate() {
    Generate.run(
        "--out",
        dir.resolve("out").toString(),
        "--java-package",
        "my.java",
        "--folder",
        "my_msgs=" + dir.resolve("my_msgs"));
  }

  private void refused(String inMessage) {
    InterfaceException e = assertThrows(InterfaceException.class, this::generate);
    assertTrue(String.valueOf(e.getMessage()).contains(inMessage), e.getMessage());
  }

  @Test
  void onlyWhatChangedIsWrittenAgain() throws IOException {
    file("msg/Point.msg", "float64 x\n");
    file("msg/Line.msg", "Point from\nmy_msgs/Point to\n");
    generate();
    Files.setLastModifiedTime(generated("Point.java"), LONG_AGO);
    file("msg/Other.msg", "int8 a\n");
    generate();
    assertEquals(LONG_AGO, Files.getLastModifiedTime(generated("Point.java")));
    Files.delete(dir.resolve("my_msgs/msg/Other.msg"));
    generate();
    assertFalse(Files.exists(generated("Other.java")));
  }

  @Test
  void theDefinitionOfAMessageFollowsTheMessagesThatItUses() throws IOException {
    file("msg/Point.msg", "float64 x\n");
    file("msg/Line.msg", "Point from\nmy_msgs/Point to\n");
    generate();
    String definition =
        "Point from\nmy_msgs/Point to\n\n" + "=".repeat(80) + "\nMSG: my_msgs/Point\nfloat64 x\n";
    assertTrue(Files.readString(generated("Line.java")).contains(JavaNames.quote(definition)));
  }

  @Test
  void aTypeThatIsNowhereIsRefusedWithFileAndLine() throws IOException {
    file("msg/Line.msg", "int8 a\nPoint[] points\n");
    refused("Line.msg:2: unknown type my_msgs/Point: there is no file");
    file("msg/Line.msg", "other_msgs/Point point\n");
    refused("Line.msg:1: unknown type other_msgs/Point: no ROS 2 ");
  }

  @Test
  void aServiceHasTwoPartsAndAnActionThree() throws IOException {
    file("srv/Half.srv", "int8 a\n");
    refused("Half.srv has 1 parts between lines of '---', not 2");
    file("srv/Half.srv", "int8 a\n---\n");
    file("action/Go.action", "---\n---\n");
    generate();
    assertTrue(Files.readString(generated("Go.java")).contains("record Feedback("));
  }

  @Test
  void wrongOptionsAreRefused() {
    InterfaceException e = assertThrows(InterfaceException.class, () -> Generate.run("--in", "."));
    assertEquals("unknown option --in", e.getMessage());
    e = assertThrows(InterfaceException.class, () -> Generate.run("--out"));
    assertEquals("--out wants a value", e.getMessage());
    e = assertThrows(InterfaceException.class, () -> Generate.run("--folder", "here"));
    assertEquals("--folder wants NAME=DIR, not here", e.getMessage());
  }
}
