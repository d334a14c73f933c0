package dev.reverie.mcap;

import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Files that tests write, and the messages that are in them. */
public final class Samples {
  static final long START = 1_700_000_000_000_000_000L;
  static final long PERIOD = 10_000_000L;

  private Samples() {}

  /** Holds a message as a test compares it. */
  record Sample(String topic, int sequence, long logNanos, long publishNanos, String sha256) {
    static Sample of(McapMessage message) {
      return new Sample(
          message.channel().topic(),
          message.sequence(),
          message.logNanos(),
          message.publishNanos(),
          hash(message.data().toArray(ValueLayout.JAVA_BYTE)));
    }

    String line() {
      return String.join(
          "\t",
          topic,
          Integer.toString(sequence),
          Long.toString(logNanos),
          Long.toString(publishNanos),
          sha256);
    }
  }

  /** Three topics, one without a schema; sizes from 0 to some hundred bytes. */
  static List<Sample> write(McapWriter writer, int messages, long seed) {
    return write(writer, messages, seed, () -> {});
  }

  /**
   * Writes messages.
   *
   * @param between runs before each message
   */
  static List<Sample> write(McapWriter writer, int messages, long seed, Runnable between) {
    int image = writer.addSchema("demo/msg/Image", "ros2msg", bytes("uint8[] data\n"));
    int number = writer.addSchema("demo/msg/Number", "ros2msg", bytes("float64 value\n"));
    int[] channels = {
      writer.addChannel(image, "/image", "cdr", Map.of("offered_qos_profiles", "")),
      writer.addChannel(number, "/number", "cdr", Map.of()),
      writer.addChannel(0, "/text", "json", Map.of("key", "value")),
    };
    String[] topics = {"/image", "/number", "/text"};
    SplittableRandom random = new SplittableRandom(seed);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      byte[] data = new byte[random.nextInt(400)];
      for (int j = 0; j < data.length; j++) {
        data[j] = (byte) (j % 16 == 0 ? random.nextInt() : j);
      }
      int which = random.nextInt(3);
      long stamp = START + i * PERIOD;
      between.run();
      writer.write(channels[which], i, stamp, stamp - 7, data);
      samples.add(new Sample(topics[which], i, stamp, stamp - 7, hash(data)));
    }
    return samples;
  }

  static List<Sample> write(Path path, McapOptions options, int messages, long seed) {
    try (McapWriter writer = McapWriter.create(path, options)) {
      return write(writer, messages, seed);
    }
  }

  /** Returns what is readable, and nothing of what is damaged. */
  static List<Sample> readable(Path path) {
    List<Sample> samples = new ArrayList<>();
    try (McapReader reader = McapReader.open(path)) {
      for (McapMessage message : reader.messages()) {
        samples.add(Sample.of(message));
      }
    } catch (McapException e) {
      // damaged from here on
    }
    return samples;
  }

  static int count(Iterable<?> things) {
    int count = 0;
    for (var _ : things) {
      count++;
    }
    return count;
  }

  public static String hash(byte[] data) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] bytes(McapMessage message) {
    return message.data().toArray(ValueLayout.JAVA_BYTE);
  }

  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
