package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UrdfFileTest {
  private static final String ROBOT = "<robot name='a'><link name='b\u00e4se'/></robot>";

  private final Path folder;

  UrdfFileTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void textsInUtf8AndUtf16AreRead() throws IOException {
    assertEquals(ROBOT, UrdfFile.readSound(Files.writeString(folder.resolve("8.urdf"), ROBOT)));
    byte[] utf16 = ROBOT.getBytes(StandardCharsets.UTF_16); // with its mark
    assertEquals(ROBOT, UrdfFile.readSound(Files.write(folder.resolve("16.urdf"), utf16)));
    byte[] little = ("\uFEFF" + ROBOT).getBytes(StandardCharsets.UTF_16LE);
    assertEquals(ROBOT, UrdfFile.readSound(Files.write(folder.resolve("le.urdf"), little)));
    for (Charset unmarked : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
      Path file = Files.write(folder.resolve("unmarked.urdf"), ROBOT.getBytes(unmarked));
      assertEquals(ROBOT, UrdfFile.readSound(file));
    }
  }

  @Test
  void whatIsNoUtf8IsReadAsItDeclares() throws IOException {
    String latin = "<?xml version='1.0' encoding=\"ISO-8859-1\"?>" + ROBOT;
    Path file = folder.resolve("latin.urdf");
    Files.write(file, latin.getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(latin, UrdfFile.readSound(file));
    assertEquals(latin, UrdfFile.readSound(Files.writeString(file, latin)), "UTF-8 all the same");
    byte[] odd = latin.replace("ISO-8859-1", "mine").getBytes(StandardCharsets.ISO_8859_1);
    refused(Files.write(file, odd), "declares the encoding 'mine', which is none");
  }

  @Test
  void whatIsNoUrdfIsRefusedWithItsFile() throws IOException {
    refused(folder.resolve("nowhere.urdf"), "is not there");
    refused(folder, "is a folder");
    refused(Files.writeString(folder.resolve("empty.urdf"), " \n"), "is empty");
    byte[] latin = ROBOT.getBytes(StandardCharsets.ISO_8859_1);
    refused(Files.write(folder.resolve("latin.urdf"), latin), "is no text in UTF-8; save it");
    refused(Files.writeString(folder.resolve("cut.urdf"), "<robot><link"), "write valid XML");
    refused(
        Files.writeString(folder.resolve("arm.yaml"), "name: two\n"),
        "it begins with 'name: two', which is no XML; give the file of a URDF");
    refused(
        Files.writeString(folder.resolve("arm.sdf"), "<sdf/>"),
        "it is <sdf>; write a URDF, which starts with <robot>");
  }

  private static void refused(Path file, String why) {
    Refusal.of(ArmException.class, () -> UrdfFile.readSound(file), "'" + file + "'", why);
  }
}
