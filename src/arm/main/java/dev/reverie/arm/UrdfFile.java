package dev.reverie.arm;

import dev.reverie.rollout.Unwritable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The text of a URDF that is a file: UTF-8, or UTF-16 with its mark. */
public final class UrdfFile {
  private UrdfFile() {}

  /**
   * Reads the text.
   *
   * @throws ArmException where there is no such file, or it is empty or no text
   */
  public static String read(Path file) {
    if (!Files.exists(file)) {
      throw refused(file, "is not there; give the file of the arm's URDF");
    }
    if (Files.isDirectory(file)) {
      throw refused(file, "is a folder; give the file of the arm's URDF in it");
    }
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new ArmException(
          "the URDF '%s' cannot be read (%s); make it readable"
              .formatted(file, Unwritable.reason(e)),
          e);
    }
    int mark = bytes.length > 1 ? ByteBuffer.wrap(bytes).getShort() & 0xffff : 0;
    boolean marked = mark == 0xfeff || mark == 0xfffe; // in either order of bytes
    Charset charset = marked ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8;
    try {
      String text = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.isBlank()) {
        throw refused(file, "is empty; write it again, for instance: xacro FILE > FILE.urdf");
      }
      return text;
    } catch (CharacterCodingException e) {
      throw new ArmException(
          "the URDF '%s' is no text in UTF-8; save it as UTF-8".formatted(file), e);
    }
  }

  /**
   * Reads the text, and that it is a URDF.
   *
   * @throws ArmException that names the file
   */
  public static String readSound(Path file) {
    String text = read(file);
    try {
      Urdf.parse(text);
      return text;
    } catch (ArmException e) {
      throw new ArmException("the URDF '%s': %s".formatted(file, e.getMessage()), e);
    }
  }

  private static ArmException refused(Path file, String why) {
    return new ArmException("the URDF '%s' %s".formatted(file, why));
  }
}
