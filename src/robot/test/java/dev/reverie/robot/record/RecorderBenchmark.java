package dev.reverie.robot.record;

import dev.reverie.mcap.McapReader;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.rollout.AtomicFolder;
import dev.reverie.rollout.RolloutTopic;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * The Java half of bench/recorder: two raw 640x480 cameras at 30 Hz and joints at 500 Hz, for so
 * many seconds in episodes of so many seconds; each episode is deleted when the next one ends.
 * Arguments: folder, seconds, seconds of an episode.
 */
final class RecorderBenchmark {
  private static final int JOINTS_HZ = 500;
  private static final int PICTURES_HZ = 30;
  private static final int PIXELS = 640 * 480 * 3;

  private RecorderBenchmark() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    long ticks = Long.parseLong(args[1]) * JOINTS_HZ;
    long perEpisode = Long.parseLong(args[2]) * JOINTS_HZ;
    long[] nanos = new long[(int) (ticks + 2 * pictures(ticks))];
    int sent = 0;
    long read = 0;
    long mostQueued = 0;
    long late = 0;
    Path last = null;
    try (var recorder = Recorder.start(folder, Recorder.MAX_QUEUED_BYTES, System::nanoTime)) {
      var joints = RolloutTopic.JOINT_STATES.inBag();
      List<Rosbag2Topic> cameras =
          List.of(RolloutTopic.images("left").inBag(), RolloutTopic.images("right").inBag());
      byte[] state =
          JointState.TYPE.encode(
              new JointState()
                  .withName(List.of("a", "b", "c", "d", "e", "f", "g"))
                  .withPosition(new double[7]));
      byte[] noise = new byte[PIXELS];
      for (int i = 0; i < PIXELS; i++) {
        noise[i] = (byte) (i / 1920 * 4L + ((i * 2654435761L) >> 13 & 3));
      }
      byte[] picture = Image.TYPE.encode(new Image().withData(noise));
      long next = System.nanoTime();
      for (long tick = 0; tick < ticks; tick++) {
        if (tick % perEpisode == 0) {
          recorder.begin("episode_" + tick / perEpisode, reason -> System.out.println(reason));
        }
        long began = System.nanoTime();
        recorder.record(joints, state);
        nanos[sent++] = System.nanoTime() - began;
        if (pictures(tick + 1) > pictures(tick)) {
          for (Rosbag2Topic camera : cameras) {
            byte[] copy = picture.clone(); // each message that comes is bytes of its own
            began = System.nanoTime();
            recorder.record(camera, copy);
            nanos[sent++] = System.nanoTime() - began;
          }
        }
        mostQueued = Math.max(mostQueued, recorder.queuedBytes());
        if ((tick + 1) % perEpisode == 0 || tick == ticks - 1) {
          Path bag = recorder.bag("episode_" + tick / perEpisode);
          var closed = new CompletableFuture<Recorder.Closed>();
          recorder.end(closed::complete);
          closed.get().fault().ifPresent(System.out::println);
          next = Math.max(next, System.nanoTime()); // between episodes nothing is sent
          read += messages(bag);
          if (last != null) {
            AtomicFolder.delete(last);
          }
          last = bag;
          next = System.nanoTime();
        }
        next += 1_000_000_000L / JOINTS_HZ;
        long wait = next - System.nanoTime();
        if (wait > 0) {
          LockSupport.parkNanos(wait);
        } else if (wait < -20_000_000) {
          late++;
        }
      }
      long[] sorted = Arrays.copyOf(nanos, sent);
      Arrays.sort(sorted);
      System.out.printf(
          "%d messages sent, %d read back, %d dropped; at most %d MiB waited; %d ticks more than 20 ms late%n",
          sent, read, recorder.dropped(), mostQueued >> 20, late);
      System.out.printf(
          "enqueue: p50 %.1f us, p99 %.1f us, p99.9 %.1f us, max %.1f us%n",
          sorted[sent / 2] / 1e3,
          sorted[(int) (sent * 0.99)] / 1e3,
          sorted[(int) (sent * 0.999)] / 1e3,
          sorted[sent - 1] / 1e3);
    }
    if (last != null) {
      AtomicFolder.delete(last);
    }
  }

  /** Returns how many pictures of each camera come in the first ticks. */
  private static long pictures(long ticks) {
    return ticks * PICTURES_HZ / JOINTS_HZ;
  }

  private static long messages(Path bag) {
    var count = new LongAdder();
    try (McapReader reader = McapReader.open(bag.resolve(bag.getFileName() + "_0.mcap"))) {
      reader.messages().forEach(message -> count.increment());
    }
    return count.sum();
  }
}
