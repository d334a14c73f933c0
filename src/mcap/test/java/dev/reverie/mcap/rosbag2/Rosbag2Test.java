package dev.reverie.mcap.rosbag2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.McapException;
import dev.reverie.mcap.McapOptions;
import dev.reverie.mcap.Samples;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Rosbag2Test {
  private static final Rosbag2Topic DESCRIPTION =
      new Rosbag2Topic(
          "/robot_description",
          "std_msgs/msg/String",
          "string data\n",
          "RIHS01_df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18",
          List.of(
              new OfferedQos(
                  OfferedQos.History.KEEP_LAST,
                  1,
                  OfferedQos.Reliability.RELIABLE,
                  OfferedQos.Durability.TRANSIENT_LOCAL)));
  private static final Rosbag2Topic TEXT =
      new Rosbag2Topic("/text", "std_msgs/msg/String", "string data\n");
  private static final Rosbag2Topic SILENT = new Rosbag2Topic("/silent", "std_msgs/msg/Empty", "");

  @TempDir Path folder;

  @Test
  @Prepared
  void rosbagsReadsEveryMessageAndTheQualityOfService() throws Exception {
    Path bag = folder.resolve("a bag, größer");
    List<String> written = record(bag, 300);
    List<String> lines = Python.run("mcap/test/python/read_bag.py", bag);
    assertEquals("bag\t301\t1000\t301001\tjazzy", lines.getFirst());
    assertTrue(
        lines.contains(
            "topic\t/robot_description\tstd_msgs/msg/String\t"
                + DESCRIPTION.typeHash()
                + "\t1\t[('KEEP_LAST', 1, 'RELIABLE', 'TRANSIENT_LOCAL')]"));
    assertTrue(lines.contains("topic\t/silent\tstd_msgs/msg/Empty\t\t0\t[]"));
    assertEquals(written, lines.stream().filter(line -> line.startsWith("message\t")).toList());
  }

  @Test
  @Prepared
  void aRecoveredBagOpensInRosbags() throws Exception {
    Path bag = folder.resolve("bag");
    List<String> written = record(bag, 300);
    Path file = bag.resolve("bag_0.mcap");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length * 2 / 3));
    assertEquals(1, Rosbag2.problems(bag).size());
    List<String> done = Rosbag2.recover(bag);
    assertTrue(done.getFirst().startsWith("bag_0.mcap: "), done.toString());
    assertTrue(Files.exists(bag.resolve("bag_0.mcap.damaged")));
    List<String> read =
        Python.run("mcap/test/python/read_bag.py", bag).stream()
            .filter(line -> line.startsWith("message\t"))
            .toList();
    assertTrue(read.size() > 100, "messages: " + read.size());
    assertEquals(written.subList(0, read.size()), read);
    assertEquals(List.of(), Rosbag2.recover(bag));
  }

  @Test
  void metadataIsThereFromTheBeginningAndFollowsEachForce() throws IOException {
    Path bag = folder.resolve("bag");
    Path metadata = bag.resolve("metadata.yaml");
    try (Rosbag2Writer writer = Rosbag2Writer.create(bag, "jazzy", McapOptions.ROS2)) {
      assertTrue(Files.readString(metadata).contains("  message_count: 0\n"));
      writer.write(TEXT, 5, 4, MemorySegment.ofArray(new byte[12]));
      writer.force();
      assertTrue(Files.readString(metadata).contains("  message_count: 1\n"));
    }
    assertEquals(List.of(), Rosbag2.problems(bag));
  }

  @Test
  void aBagWithTheTimeOfDayIsWhole() {
    Path bag = folder.resolve("bag");
    long now = 1_790_000_000_123_456_789L; // 19 digits
    try (Rosbag2Writer writer = Rosbag2Writer.create(bag, "jazzy", McapOptions.ROS2)) {
      writer.write(TEXT, now, now, MemorySegment.ofArray(new byte[12]));
    }
    assertEquals(List.of(), Rosbag2.problems(bag));
    assertEquals(List.of(), Rosbag2.recover(bag));
  }

  @Test
  void aStaleMetadataFileIsFoundAndWrittenAnew() throws IOException {
    Path bag = folder.resolve("bag");
    record(bag, 10);
    Path metadata = bag.resolve("metadata.yaml");
    String good = Files.readString(metadata);
    Files.writeString(metadata, good.replace("  message_count: 11\n", "  message_count: 5\n"));
    assertEquals(1, Rosbag2.problems(bag).size());
    assertEquals(List.of("metadata.yaml was written anew"), Rosbag2.recover(bag));
    assertEquals(good, Files.readString(metadata));
    Files.delete(metadata);
    assertEquals(List.of(), Rosbag2.problems(bag)); // nothing recorded is missing
    assertTrue(Rosbag2.check(bag).notes().getFirst().contains("metadata.yaml is missing"));
    Rosbag2.recover(bag);
    assertEquals(good, Files.readString(metadata).replace("ros_distro: \"\"", "ros_distro: jazzy"));
  }

  @Test
  void aMetadataFileWithoutEndIsReadInPartAndWrittenAnew() throws IOException {
    Path bag = folder.resolve("bag");
    record(bag, 10);
    Path metadata = bag.resolve("metadata.yaml");
    String good = Files.readString(metadata);
    String listed = "  relative_file_paths:\n";
    for (String bad :
        List.of(good.replace(listed, listed + "    - a.mcap\n".repeat(200_000)), "")) {
      Files.writeString(metadata, bad);
      if (bad.isEmpty()) {
        try (FileChannel sparse = FileChannel.open(metadata, StandardOpenOption.WRITE)) {
          sparse.write(ByteBuffer.wrap(new byte[1]), 5L << 30);
        }
      }
      assertEquals(List.of(bag.resolve("bag_0.mcap")), Rosbag2.files(bag));
      assertEquals("metadata.yaml was written anew", Rosbag2.recover(bag).getLast());
      assertEquals(List.of(), Rosbag2.problems(bag));
    }
  }

  @Test
  void aBagIsNeverOverwritten() {
    Path bag = folder.resolve("bag");
    record(bag, 1);
    Refusal.of(
        McapException.class,
        () -> Rosbag2Writer.create(bag, "jazzy", McapOptions.ROS2),
        "exists already");
  }

  @Test
  void anEmptyFolderCannotBeRecovered() throws IOException {
    Path bag = Files.createDirectory(folder.resolve("bag"));
    assertEquals(1, Rosbag2.problems(bag).size());
    assertThrows(McapException.class, () -> Rosbag2.recover(bag));
  }

  /** Records one message a microsecond, and returns lines as read_bag.py prints them. */
  private static List<String> record(Path bag, int messages) {
    List<String> lines = new ArrayList<>();
    McapOptions options = McapOptions.ROS2.withChunkBytes(4 << 10);
    try (Rosbag2Writer writer = Rosbag2Writer.create(bag, "jazzy", options)) {
      writer.declare(SILENT);
      for (int i = 0; i <= messages; i++) {
        Rosbag2Topic topic = i == 0 ? DESCRIPTION : TEXT;
        byte[] cdr = Samples.bytes("\0\1\0\0" + "message %03d ".formatted(i).repeat(i % 20));
        writer.write(topic, 1000L * (i + 1), 1000L * i, MemorySegment.ofArray(cdr));
        lines.add(
            "message\t%s\t%d\t%s".formatted(topic.name(), 1000L * (i + 1), Samples.hash(cdr)));
      }
    }
    return lines;
  }
}
