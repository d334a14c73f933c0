package dev.reverie.mcap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.reverie.mcap.Samples.Sample;
import dev.reverie.mcap.rosbag2.Rosbag2;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.mcap.rosbag2.Rosbag2Writer;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cuts a bag of pictures off at random places, recovers it, and now and then opens it by other
 * people's readers. {@code -Dreverie.cuts=2000 -Dreverie.cut.mebibytes=64} does it more often, with
 * a larger one; {@code -Dreverie.cuts.opened=1} opens each recovered bag, not each tenth.
 */
@Prepared
class LargeCutTest {
  private static final int CUTS = Integer.getInteger("reverie.cuts", 50);
  private static final long BYTES = Long.getLong("reverie.cut.mebibytes", 8) << 20;
  private static final int OPENED_OF = Integer.getInteger("reverie.cuts.opened", 10);
  private static final int OPENED_AT_A_TIME = 10;

  private static final Rosbag2Topic PICTURE =
      new Rosbag2Topic("/camera/image_raw", "demo/msg/Picture", "uint8[] data\n");
  private static final Rosbag2Topic JOINTS =
      new Rosbag2Topic("/joint_states", "demo/msg/Joints", "float64[7] position\n");

  @TempDir Path folder;
  private final Map<String, Long> kept = new TreeMap<>();
  private int opened;

  @Test
  void whatIsWholeBeforeACutIsRecoveredAndOpensElsewhere() throws Exception {
    Path original = folder.resolve("original");
    record(original);
    Path file = original.resolve("original_0.mcap");
    long size = Files.size(file);
    List<Sample> written = Samples.readable(file);
    Landmarks marks = Landmarks.of(file);
    long[] cuts = new SplittableRandom(CUTS).longs(CUTS, 0, size).sorted().toArray();
    long messages = 0;
    long[] nanos = new long[CUTS];
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int i = CUTS - 1; i >= 0; i--) {
        channel.truncate(cuts[i]);
        List<Sample> whole = written.subList(0, marks.messagesBefore(cuts[i]));
        assertEquals(whole, CutTest.readable(file), "cut at " + cuts[i]);
        Path copy = Files.createDirectories(recovered().resolve("cut_" + i).resolve("bag"));
        Files.copy(file, copy.resolve("bag_0.mcap"));
        long began = System.nanoTime();
        List<String> done = Rosbag2.recover(copy);
        nanos[i] = System.nanoTime() - began;
        assertFalse(done.isEmpty(), "cut at " + cuts[i]);
        assertEquals(whole, Samples.readable(copy.resolve("bag_0.mcap")), "cut at " + cuts[i]);
        messages += whole.size();
        keep(copy, i, whole.size());
      }
    }
    openElsewhere();
    Arrays.sort(nanos);
    System.out.printf(
        "%d cuts of a bag of %d MiB, %d messages in %d chunks: %d messages recovered, all that were"
            + " whole; a recovery took %.3f s (median), at most %.3f s; %d recovered bags opened"
            + " with mcap and rosbags%n",
        CUTS,
        size >> 20,
        written.size(),
        marks.chunks(),
        messages,
        nanos[CUTS / 2] / 1e9,
        nanos[CUTS - 1] / 1e9,
        opened);
  }

  private static void record(Path bag) throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    byte[] picture = new byte[640 * 480 * 3];
    byte[] joints = new byte[4 + 7 * 8];
    try (Rosbag2Writer writer = Rosbag2Writer.create(bag, "jazzy", McapOptions.ROS2)) {
      Path file = bag.resolve("original_0.mcap");
      for (long stamp = Samples.START; Files.size(file) < BYTES; stamp += Samples.PERIOD) {
        random.nextBytes(picture);
        for (int i = 0; i < picture.length; i++) {
          picture[i] = (byte) (i % 1920 / 8 + (picture[i] & 15)); // a ramp with a sensor's noise
        }
        random.nextBytes(joints);
        writer.write(PICTURE, stamp, stamp, MemorySegment.ofArray(picture));
        writer.write(JOINTS, stamp, stamp, MemorySegment.ofArray(joints));
      }
    }
  }

  /** Keeps one recovered bag of so many for the other readers. */
  private void keep(Path bag, int number, long messages) throws Exception {
    Path parent = Durable.folderOf(bag);
    if (number % OPENED_OF != 0) {
      delete(parent);
      return;
    }
    Files.delete(bag.resolve("bag_0.mcap" + Rosbag2.DAMAGED_SUFFIX));
    kept.put(parent.getFileName().toString(), messages);
    if (kept.size() == OPENED_AT_A_TIME) {
      openElsewhere();
    }
  }

  private void openElsewhere() throws Exception {
    Map<String, Long> mcap = new TreeMap<>();
    Map<String, Long> rosbags = new TreeMap<>();
    for (String line : Python.run("mcap/test/python/open_bags.py", recovered())) {
      String[] parts = line.split("\t", -1);
      (parts[0].equals("mcap") ? mcap : rosbags).put(parts[1], Long.parseLong(parts[2]));
    }
    assertEquals(kept, mcap);
    assertEquals(kept, rosbags);
    opened += kept.size();
    for (String name : kept.keySet()) {
      delete(recovered().resolve(name));
    }
    kept.clear();
  }

  private Path recovered() {
    return folder.resolve("recovered");
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
