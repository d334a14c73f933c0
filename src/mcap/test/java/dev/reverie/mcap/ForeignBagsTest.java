package dev.reverie.mcap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.rosbag2.Rosbag2;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.mcap.rosbag2.Rosbag2Writer;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import dev.reverie.testing.Refusal;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bags that others recorded, and others who read ours by the index. */
@Prepared
class ForeignBagsTest {
  @TempDir Path folder;

  @Test
  void bagsOfEveryVersionAreReadAndOtherStoragesAreRefusedWithAWayOut() throws Exception {
    Python.run("mcap/test/python/write_bags.py", folder);
    for (String name :
        List.of("version_8", "version_9", "storage_compressed", "split", "renamed")) {
      Path bag = folder.resolve(name);
      assertEquals(Files.readAllLines(folder.resolve(name + ".txt")), messages(bag), name);
      assertEquals(List.of(), Rosbag2.problems(bag), name);
      assertEquals(List.of(), Rosbag2.recover(bag), name);
    }
    assertRefused("file_compressed", "compressed", "zstd -d", "ros2 bag convert");
    assertRefused("message_compressed", "compressed one by one", "ros2 bag convert");
    assertRefused("sqlite", "sqlite3", "rosbags-convert");
  }

  @Test
  void aPartOfASplitBagThatIsCutOffIsRecoveredAndTheOthersStay() throws Exception {
    Python.run("mcap/test/python/write_bags.py", folder);
    Path bag = folder.resolve("split");
    List<String> written = Files.readAllLines(folder.resolve("split.txt"));
    Path part = bag.resolve("split_3.mcap");
    byte[] whole = Files.readAllBytes(part);
    Files.write(part, Arrays.copyOf(whole, whole.length - 400)); // the index and some of the data
    byte[] next = Files.readAllBytes(bag.resolve("split_4.mcap"));
    assertTrue(Rosbag2.recover(bag).getFirst().startsWith("split_3.mcap: "));
    assertEquals(12, Rosbag2.files(bag).size());
    assertEquals(
        Arrays.hashCode(next), Arrays.hashCode(Files.readAllBytes(bag.resolve("split_4.mcap"))));
    List<String> read = messages(bag);
    assertEquals(written.subList(0, 30), read.subList(0, 30));
    assertEquals(written.subList(40, 120), read.subList(read.size() - 80, read.size()));
    List<String> others =
        Python.run("mcap/test/python/read_bag.py", bag).stream()
            .filter(l -> l.startsWith("message\t"))
            .toList();
    assertEquals(read, others.stream().map(l -> l.substring("message\t".length())).toList());
  }

  @Test
  void otherReadersFindAPartByTheIndexAndReadLittleElse() throws Exception {
    Path bag = folder.resolve("bag");
    Rosbag2Topic picture = new Rosbag2Topic("/picture", "std_msgs/msg/String", "string data\n");
    Rosbag2Topic rare = new Rosbag2Topic("/rare", "std_msgs/msg/Empty", "");
    try (Rosbag2Writer writer = Rosbag2Writer.create(bag, "jazzy", McapOptions.ROS2)) {
      byte[] noise = new byte[100_000];
      SplittableRandom random = new SplittableRandom(1);
      for (int i = 0; i < 100; i++) {
        random.nextBytes(noise);
        writer.write(picture, 1000L * i, 1000L * i, MemorySegment.ofArray(noise));
        if (i % 10 == 5) {
          writer.write(
              rare, 1000L * i, 1000L * i, MemorySegment.ofArray(new byte[] {0, 1, 0, 0, 0}));
        }
      }
    }
    List<String> found =
        Python.run("mcap/test/python/read_range.py", bag, "/picture", 50_000, 60_000);
    long size = Long.parseLong(found.getLast().split("\t", -1)[1]);
    assertTrue(size > 10_000_000);
    for (String line : found.subList(0, 2)) {
      String[] parts = line.split("\t", -1);
      assertEquals("10", parts[1], line);
      assertTrue(Long.parseLong(parts[2]) < size * 3 / 10, line + " of " + size);
    }
  }

  @Test
  void metadataIsReadWhateverItsQuotesAndNotAtAllWhereItIsNoText() throws Exception {
    Path bag = folder.resolve("bag");
    try (Rosbag2Writer writer = Rosbag2Writer.create(bag, "jazzy", McapOptions.ROS2)) {
      writer.force();
    }
    Path metadata = bag.resolve("metadata.yaml");
    String yaml = Files.readString(metadata);
    for (Map.Entry<String, Boolean> quoted :
        Map.of("'message'", false, "MESSAGE", false, "\"NONE\"", true, "''", true).entrySet()) {
      Files.writeString(
          metadata, yaml.replace("compression_mode: \"\"", "compression_mode: " + quoted.getKey()));
      if (quoted.getValue()) {
        assertEquals(1, Rosbag2.files(bag).size());
      } else {
        assertThrows(McapException.class, () -> Rosbag2.files(bag));
      }
    }
    Files.write(metadata, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 10});
    assertEquals(1, Rosbag2.files(bag).size());
    assertEquals(List.of("metadata.yaml was written anew"), Rosbag2.recover(bag));
  }

  private void assertRefused(String name, String... words) {
    Refusal.of(McapException.class, () -> Rosbag2.files(folder.resolve(name)), words);
  }

  private static List<String> messages(Path bag) {
    List<String> lines = new ArrayList<>();
    for (Path file : Rosbag2.files(bag)) {
      try (McapReader reader = McapReader.open(file)) {
        for (McapMessage m : reader.messages()) {
          String hash = Samples.hash(Samples.bytes(m));
          lines.add(m.channel().topic() + "\t" + m.logNanos() + "\t" + hash);
        }
      }
    }
    return lines;
  }
}
