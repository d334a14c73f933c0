package dev.reverie.arm;

import dev.reverie.rollout.FileErrors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a URDF that is a file: UTF-8, UTF-16 with or without its mark, or what its first line
 * declares.
 */
public final class UrdfFile {
  /** The encoding that an XML declaration names. */
  private static final Pattern ENCODING =
      Pattern.compile("\\s*<\\?xml[^>]*\\bencoding\\s*=\\s*[\"']([^\"']*)[\"']");

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
              .formatted(file, FileErrors.reason(e)),
          e);
    }
    int mark = bytes.length > 1 ? ByteBuffer.wrap(bytes).getShort() & 0xffff : 0;
    String text =
        switch (mark) {
          case 0xfeff, 0xfffe -> text(file, bytes, StandardCharsets.UTF_16);
          case 0x003c -> text(file, bytes, StandardCharsets.UTF_16BE); // begins with <
          case 0x3c00 -> text(file, bytes, StandardCharsets.UTF_16LE);
          default -> unmarked(file, bytes);
        };
    if (text.isBlank()) {
      throw refused(file, "is empty; write it again, for instance: xacro FILE > FILE.urdf");
    }
    return text;
  }

  /** Text in UTF-8, whatever it declares, or else in what it declares. */
  private static String unmarked(Path file, byte[] bytes) {
    Matcher declared = ENCODING.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
    try {
      return text(file, bytes, StandardCharsets.UTF_8);
    } catch (ArmException e) {
      if (!declared.lookingAt()) {
        throw e;
      }
    }
    try {
      return text(file, bytes, Charset.forName(declared.group(1)));
    } catch (IllegalArgumentException e) {
      throw new ArmException(
          "the URDF '%s' declares the encoding '%s', which is none; save it as UTF-8"
              .formatted(file, declared.group(1)),
          e);
    }
  }

  private static String text(Path file, byte[] bytes, Charset charset) {
    try {
      return charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new ArmException(
          "the URDF '%s' is no text in %s; save it as UTF-8".formatted(file, charset), e);
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
      Urdf.parse(text, UrdfXml.From.FILE);
      return text;
    } catch (ArmException e) {
      throw new ArmException("the URDF '%s': %s".formatted(file, e.getMessage()), e);
    }
  }

  private static ArmException refused(Path file, String why) {
    return new ArmException("the URDF '%s' %s".formatted(file, why));
  }
}
