package dev.reverie.rollout;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.std_msgs.Header;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * The calibration that an episode was recorded with, as one number: SHA-256 over the first
 * camera_info of each camera, its stamp left out, and the robot_description, in the order of their
 * topics.
 */
final class CalibrationHash {
  private static final String DESCRIPTION = "/robot_description";

  private final Map<String, byte[]> parts = new TreeMap<>();

  static boolean counts(String topic, String type) {
    return type.equals(CameraInfo.TYPE.name())
        || (topic.endsWith(DESCRIPTION)
            && type.equals(dev.reverie.msgs.std_msgs.String.TYPE.name()));
  }

  /** Takes the first message of each topic that counts. */
  void add(String topic, String type, MemorySegment cdr) {
    if (counts(topic, type) && !parts.containsKey(topic)) {
      parts.put(topic, bytes(type, cdr));
    }
  }

  private static byte[] bytes(String type, MemorySegment cdr) {
    try {
      if (type.equals(CameraInfo.TYPE.name())) {
        CameraInfo info = CameraInfo.TYPE.decode(cdr);
        Header unstamped = new Header(new Time(0, 0), info.header().frameId());
        return CameraInfo.TYPE.encode(info.withHeader(unstamped));
      }
      return dev.reverie.msgs.std_msgs.String.TYPE
          .decode(cdr)
          .data()
          .getBytes(StandardCharsets.UTF_8);
    } catch (CdrException | IllegalArgumentException e) {
      return cdr.toArray(JAVA_BYTE); // as it is, be it what it may
    }
  }

  /** Hexadecimal; empty where nothing of the calibration was recorded. */
  String sha256() {
    if (parts.isEmpty()) {
      return "";
    }
    Sha256 hash = new Sha256();
    parts.forEach(
        (topic, bytes) -> {
          hash.add(ByteBuffer.wrap((topic + '\0').getBytes(StandardCharsets.UTF_8)));
          hash.add(ByteBuffer.wrap(bytes));
        });
    return hash.hex();
  }
}
