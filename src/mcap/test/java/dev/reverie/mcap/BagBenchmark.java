package dev.reverie.mcap;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Runs the Java half of bench/bags.py. Arguments: folder, compression, bytes of a message, bytes in
 * all, rounds. Writes and reads a file each round; prints "write" or "read", wall and CPU seconds.
 */
final class BagBenchmark {
  private BagBenchmark() {}

  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0], "reverie.mcap");
    McapCompression compression = McapCompression.of(args[1].equals("none") ? "" : args[1]);
    int size = Integer.parseInt(args[2]);
    long total = Long.parseLong(args[3]);
    byte[][] messages = messages(size);
    int warmUps = 2;
    for (int round = -warmUps; round < Integer.parseInt(args[4]); round++) {
      boolean told = round >= 0;
      Files.deleteIfExists(file);
      time(told, "write", () -> write(file, compression, messages, told ? total : total / 4));
      time(told, "read", () -> read(file));
    }
    Files.deleteIfExists(file);
  }

  /**
   * Returns messages that are to a compressor like a camera's pictures: smooth, with noise in the
   * last two bits.
   */
  private static byte[][] messages(int size) {
    byte[][] messages = new byte[16][size];
    SplittableRandom random = new SplittableRandom(1);
    for (byte[] message : messages) {
      for (int i = 0; i < size; i++) {
        message[i] = (byte) (i / 1920 * 4 + random.nextInt(4));
      }
    }
    return messages;
  }

  private static void write(Path file, McapCompression compression, byte[][] messages, long total) {
    McapOptions options = McapOptions.ROS2.withCompression(compression);
    try (McapWriter writer = McapWriter.create(file, options)) {
      int schema = writer.addSchema("demo/msg/Data", "ros2msg", new byte[0]);
      int channel = writer.addChannel(schema, "/data", "cdr", Map.of());
      long stamp = 0;
      for (long written = 0; written < total; written += messages[0].length) {
        byte[] message = messages[(int) (stamp & 15)];
        writer.write(channel, (int) stamp, stamp, stamp, message);
        stamp++;
      }
    }
  }

  private static void read(Path file) {
    long bytes = 0;
    try (McapReader reader = McapReader.open(file)) {
      for (McapMessage message : reader.messages()) {
        bytes += message.data().byteSize();
      }
    }
    if (bytes == 0) {
      throw new IllegalStateException("nothing was read");
    }
  }

  private static void time(boolean told, String what, Runnable step) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long cpu = threads.getCurrentThreadCpuTime();
    long wall = System.nanoTime();
    step.run();
    if (told) {
      System.out.printf(
          "%s\t%.6f\t%.6f%n",
          what,
          (System.nanoTime() - wall) * 1e-9,
          (threads.getCurrentThreadCpuTime() - cpu) * 1e-9);
    }
  }
}
