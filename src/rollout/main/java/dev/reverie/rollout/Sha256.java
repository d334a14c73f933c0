package dev.reverie.rollout;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over bytes that are added one after the other, in hexadecimal. */
public final class Sha256 {
  private static final int BUFFER_BYTES = 1 << 20;

  private final MessageDigest digest;

  /** Begins a hash, to which nothing was added. */
  public Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Hashes these bytes alone. */
  public static String of(byte[] bytes) {
    return new Sha256().add(ByteBuffer.wrap(bytes)).hex();
  }

  /**
   * Hashes the bytes of files as if they were one, such as the recordings of a bag.
   *
   * @throws IOException where one cannot be read
   */
  public static String ofFiles(Iterable<Path> files) throws IOException {
    Sha256 hash = new Sha256();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    for (Path file : files) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        while (channel.read(buffer.clear()) >= 0) {
          hash.add(buffer.flip());
        }
      }
    }
    return hash.hex();
  }

  /** Adds the bytes that remain in the buffer. */
  public Sha256 add(ByteBuffer bytes) {
    digest.update(bytes);
    return this;
  }

  /** The hash of all that was added, 64 digits; what is added after begins anew. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
