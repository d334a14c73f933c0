package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Sha256Test {
  /** The hash of "abc", from FIPS 180-4's examples. */
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @Test
  void bytesBuffersAndFilesHaveOneHash(@TempDir Path folder) throws Exception {
    byte[] abc = "abc".getBytes(StandardCharsets.UTF_8);
    assertEquals(ABC, Sha256.of(abc));
    Sha256 parts = new Sha256();
    parts.add(ByteBuffer.wrap(abc, 0, 1));
    parts.add(ByteBuffer.wrap(abc, 1, 2));
    assertEquals(ABC, parts.hex());
    Path ab = Files.writeString(folder.resolve("1"), "ab");
    Path c = Files.writeString(folder.resolve("2"), "c");
    assertEquals(ABC, Sha256.ofFiles(List.of(ab, c)));
  }
}
