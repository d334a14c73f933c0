package dev.reverie.robot.record;

import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.rollout.EpisodeOutcome.Kind;
import dev.reverie.rollout.RolloutTopic;
import dev.reverie.rollout.Rollouts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/**
 * Records, or labels, until it is killed. What it has done so far stands in a mapped file, which
 * the operating system keeps when the process is gone.
 */
final class KilledProcess {
  static final Rosbag2Topic DATA =
      RolloutTopic.inBag("/data", dev.reverie.msgs.std_msgs.String.TYPE, false);

  static final int MAX_MESSAGES = 1 << 20;
  private static final int TIMES = 64;

  private KilledProcess() {}

  /** The progress of the process, as its file tells it. */
  record Progress(long sent, long forced, ByteBuffer file) {
    static Progress read(Path path) throws IOException {
      if (!Files.exists(path) || Files.size(path) < TIMES) {
        return new Progress(0, 0, ByteBuffer.allocate(TIMES));
      }
      ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.nativeOrder());
      return new Progress(file.getLong(0), file.getLong(8), file);
    }

    /** Returns when a message was given to the recorder, {@link System#currentTimeMillis}. */
    long millis(long message) {
      return file.getLong(TIMES + (int) message * 8);
    }
  }

  /** Starts it; {@code what} is "record" or "label". */
  static Process start(String what, Path folder, Path progress) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx192m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            KilledProcess.class.getName(),
            what,
            folder.toString(),
            progress.toString())
        .inheritIO()
        .start();
  }

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[1]);
    try (FileChannel channel =
        FileChannel.open(
            Path.of(args[2]),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      MappedByteBuffer progress =
          channel.map(FileChannel.MapMode.READ_WRITE, 0, TIMES + 8L * MAX_MESSAGES);
      progress.order(ByteOrder.nativeOrder());
      if (args[0].equals("record")) {
        record(folder, progress);
      } else {
        label(folder, progress);
      }
    }
  }

  private static void record(Path folder, MappedByteBuffer progress) throws Exception {
    // Not closed: that it is killed is the point.
    var recorder =
        Recorder.start(folder, 64 << 20, 1 << 20, () -> System.currentTimeMillis() * 1_000_000);
    recorder.begin("killed", reason -> System.err.println("failed: " + reason));
    recorder.recordVital(
        RolloutTopic.EPISODE.inBag(),
        Episode.TYPE.encode(new Episode().withEvent(Episode.BEGUN).withEpisodeId("killed")));
    var random = new Random();
    for (int message = 0; message < MAX_MESSAGES; message++) {
      byte[] data = new byte[8 + random.nextInt(random.nextInt(10) == 0 ? 200_000 : 2_000)];
      random.nextBytes(data);
      ByteBuffer.wrap(data).putLong(message);
      progress.putLong(TIMES + message * 8, System.currentTimeMillis());
      recorder.record(DATA, data);
      progress.putLong(8, recorder.forced());
      progress.putLong(0, message + 1);
      Thread.sleep(1);
    }
  }

  private static void label(Path bag, MappedByteBuffer progress) {
    for (int label = 0; label < MAX_MESSAGES; label++) {
      Rollouts.label(bag, Kind.FAILURE, "label " + label, "");
      progress.putLong(0, label + 1);
    }
  }
}
