package dev.reverie.msgs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Messages with random values that rclpy serialised: read and written again, byte for byte. */
@EnabledIfEnvironmentVariable(named = "REVERIE_PYTHON", matches = ".+")
class RclpyMessagesTest {

  private static final List<String> TYPES =
      List.of(
          "test_msgs/Arrays",
          "test_msgs/BasicTypes",
          "test_msgs/BoundedPlainSequences",
          "test_msgs/BoundedSequences",
          "test_msgs/Builtins",
          "test_msgs/Constants",
          "test_msgs/Defaults",
          "test_msgs/Empty",
          "test_msgs/MultiNested",
          "test_msgs/Nested",
          "test_msgs/Strings",
          "test_msgs/UnboundedSequences",
          "test_msgs/WStrings",
          "sensor_msgs/Image",
          "sensor_msgs/CameraInfo",
          "sensor_msgs/JointState",
          "trajectory_msgs/JointTrajectory",
          "diagnostic_msgs/DiagnosticArray",
          "rcl_interfaces/ParameterEvent",
          "reverie/ActionChunk",
          "reverie/Command",
          "reverie/Episode",
          "reverie/Status");

  private record Sample(String name, MessageType<?> type, byte[] bytes) {

    /** What our codec makes of the bytes. */
    byte[] again() {
      return again(type, bytes);
    }

    private static <T> byte[] again(MessageType<T> type, byte[] bytes) {
      return type.encode(type.decode(bytes));
    }
  }

  private static final List<Sample> SAMPLES = new ArrayList<>();

  @BeforeAll
  static void makeSamples() throws Exception {
    Process python = python(TYPES);
    try (var lines = python.inputReader()) {
      for (String line : lines.lines().toList()) {
        String[] parts = line.split(" ");
        String[] name = parts[0].split("/");
        Class<?> record = Class.forName("dev.reverie.msgs." + name[0] + "." + name[1]);
        var type = (MessageType<?>) record.getField("TYPE").get(null);
        SAMPLES.add(new Sample(parts[0], type, HexFormat.of().parseHex(parts[1])));
      }
    }
    assertEndsWell(python);
    assertEquals(TYPES.size() * 5, SAMPLES.size());
  }

  private static Process python(List<String> arguments) throws IOException {
    var command = new ArrayList<String>();
    command.add(System.getenv("REVERIE_PYTHON"));
    command.add(
        Path.of(System.getProperty("reverie.root"), "src/msgs/test/python/random_messages.py")
            .toString());
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static void assertEndsWell(Process python) throws InterruptedException {
    assertTrue(python.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, python.exitValue());
  }

  @Test
  void rclpyReadsTheSameMessagesFromOurBytes() throws Exception {
    Process python = python(List.of("--check"));
    try (var in = python.outputWriter()) {
      for (Sample s : SAMPLES) {
        in.write(s.name() + " " + hex(s.bytes()) + " " + hex(s.again()) + "\n");
      }
    }
    assertEndsWell(python);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void eachPrefixIsRefusedWithTheDocumentedException() {
    for (Sample s : SAMPLES) {
      byte[] whole = s.again();
      for (int n = 0; n < whole.length; n++) {
        byte[] prefix = Arrays.copyOf(whole, n);
        assertThrows(CdrException.class, () -> s.type().decode(prefix), s.name() + " cut at " + n);
      }
    }
  }
}
