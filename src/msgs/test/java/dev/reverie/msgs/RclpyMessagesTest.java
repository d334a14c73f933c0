package dev.reverie.msgs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Commands;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every message, request, response, goal, result and feedback of these packages, with its defaults
 * and with random values, as rclpy serialised them.
 */
@Prepared
class RclpyMessagesTest {
  private static final List<String> PACKAGES =
      List.of(
          "test_msgs",
          "reverie",
          "builtin_interfaces",
          "std_msgs",
          "std_srvs",
          "geometry_msgs",
          "sensor_msgs",
          "trajectory_msgs",
          "diagnostic_msgs",
          "action_msgs",
          "lifecycle_msgs",
          "rcl_interfaces",
          "visualization_msgs");

  /** Holds messages of one type: one with its defaults, and some with random values. */
  private record Sample(Class<?> record, MessageType<?> type, List<byte[]> cdr) {
    static Sample parse(String line) throws ReflectiveOperationException {
      String[] words = line.split(" ", -1);
      Class<?> record = record(words[0]);
      var type = (MessageType<?>) record.getField("TYPE").get(null);
      assertEquals(words[0], type.name());
      return new Sample(
          record, type, Arrays.stream(words).skip(1).map(HexFormat.of()::parseHex).toList());
    }

    /** {@code pkg/msg/Name} is the record Name, {@code pkg/srv/Name_Request} is Name.Request. */
    private static Class<?> record(String rosName) throws ClassNotFoundException {
      String[] name = rosName.split("/", -1);
      String inPackage = "dev.reverie.msgs." + name[0] + ".";
      if (name[1].equals("msg")) {
        return Class.forName(inPackage + name[2]);
      }
      String[] part = name[2].split("_", -1);
      try {
        return Class.forName(inPackage + part[0] + "$" + part[1]);
      } catch (ClassNotFoundException e) {
        String kind = name[1].equals("srv") ? "Service" : "Action";
        return Class.forName(inPackage + part[0] + kind + "$" + part[1]);
      }
    }

    /** Returns what our codec makes of the bytes. */
    byte[] again(byte[] bytes) {
      return again(type, bytes);
    }

    private static <T> byte[] again(MessageType<T> type, byte[] bytes) {
      return type.encode(type.decode(bytes));
    }

    byte[] defaults() throws ReflectiveOperationException {
      return encode(type, record.getConstructor().newInstance());
    }

    @SuppressWarnings("unchecked")
    private static <T> byte[] encode(MessageType<T> type, Object message) {
      return type.encode((T) message);
    }
  }

  private static final List<Sample> SAMPLES = new ArrayList<>();

  @BeforeAll
  static void makeSamples() throws Exception {
    var arguments = new ArrayList<>(PACKAGES);
    arguments.addFirst("make");
    for (String line : python(arguments)) {
      SAMPLES.add(Sample.parse(line));
    }
    assertTrue(SAMPLES.size() > 150, SAMPLES.size() + " types");
  }

  /** Runs the script and returns the lines that it prints. */
  private static List<String> python(List<String> arguments) throws Exception {
    // Fast CDR leaves padding as malloc gave it: this makes glibc give zeros.
    var command =
        new ArrayList<>(
            List.of("env", "GLIBC_TUNABLES=glibc.malloc.tcache_count=0:glibc.malloc.perturb=255"));
    command.addAll(Python.command("msgs/test/python/random_messages.py", arguments.toArray()));
    return Commands.run(60, command);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** rclpy appends zeros, as many as its estimate of the length was too high. */
  private static void assertSame(byte[] theirs, byte[] ours, String type) {
    int length = Math.min(theirs.length, ours.length);
    assertEquals(hex(Arrays.copyOf(theirs, length)), hex(ours), type);
    for (int i = length; i < theirs.length; i++) {
      assertEquals(0, theirs[i], type + " at byte " + i);
    }
  }

  @Test
  void ourBytesAreThoseOfRclpy() {
    for (Sample s : SAMPLES) {
      for (byte[] theirs : s.cdr()) {
        assertSame(theirs, s.again(theirs), s.type().name());
      }
    }
  }

  @Test
  void aNewRecordHasTheDefaultsOfTheInterface() throws Exception {
    for (Sample s : SAMPLES) {
      assertSame(s.cdr().getFirst(), s.defaults(), s.type().name());
    }
  }

  @Test
  void viewsShowWhatRclpyWroteAndWriteItAgain() {
    for (Sample s : SAMPLES) {
      for (byte[] theirs : s.cdr()) {
        assertViewed(GeneratedType.of(s.record()), theirs);
      }
    }
  }

  private static <T> void assertViewed(GeneratedType<T> type, byte[] theirs) {
    byte[] bytes = theirs.clone();
    T record = type.type().decode(theirs);
    MessageView<T> view = new ViewBinding<>(type.view()).bind(MemorySegment.ofArray(bytes));
    ViewFields.assertShows(record, view);
    ViewFields.clear(view, record);
    ViewFields.set(record, view);
    assertEquals(hex(theirs), hex(bytes), type.toString());
  }

  @Test
  void othersReadOurMessagesByOurDefinitionsAndWeReadTheirBigEndianOnes(@TempDir Path folder)
      throws Exception {
    List<Sample> samples =
        SAMPLES.stream().filter(s -> s.record().getRecordComponents().length > 0).toList();
    var input = new ArrayList<String>();
    for (Sample s : samples) {
      String definition = hex(s.type().definition().getBytes(UTF_8));
      input.add(s.type().name() + " " + definition + " " + hex(s.again(s.cdr().get(3))));
    }
    Path file = Files.write(folder.resolve("messages"), input);
    List<String> bigEndian = python(List.of("schemas", file.toString()));
    assertEquals(samples.size(), bigEndian.size());
    for (int i = 0; i < samples.size(); i++) {
      Sample s = samples.get(i);
      if (!bigEndian.get(i).equals("-")) {
        byte[] theirs = HexFormat.of().parseHex(bigEndian.get(i));
        assertSame(s.cdr().get(3), s.again(theirs), s.type().name());
      }
    }
  }
}
