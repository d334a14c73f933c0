package dev.reverie.robot.motion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OffSharedMemoryTest {
  @TempDir Path folder;

  private Map<String, String> written(Map<String, String> environment) throws IOException {
    var changed = new HashMap<>(environment);
    OffSharedMemory.write(profile(), changed);
    return changed;
  }

  private Path profile() {
    return folder.resolve("profile.xml");
  }

  @Test
  void onTheLoopbackAloneItStaysOnTheLoopback() throws Exception {
    Map<String, String> changed =
        written(Map.of("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST", "ROS_STATIC_PEERS", "arm"));
    assertEquals("SUBNET", changed.get("ROS_AUTOMATIC_DISCOVERY_RANGE"));
    assertEquals("arm;127.0.0.1", changed.get("ROS_STATIC_PEERS"));
    assertEquals(profile().toString(), changed.get("FASTRTPS_DEFAULT_PROFILES_FILE"));
    String text = Files.readString(profile());
    assertTrue(text.contains("<interfaceWhiteList><address>127.0.0.1<"), text);
    assertFalse(text.contains("SHM"), text);
    assertEquals(
        "SUBNET", written(Map.of("ROS_LOCALHOST_ONLY", "1")).get("ROS_AUTOMATIC_DISCOVERY_RANGE"));
  }

  @Test
  void elsewhereItReachesWhatOthersReach() throws Exception {
    Path own =
        Files.writeString(folder.resolve("own.xml"), "<participant profile_name=\"reverie\">");
    Map<String, String> changed = written(Map.of("FASTDDS_DEFAULT_PROFILES_FILE", own.toString()));
    assertEquals(profile().toString(), changed.get("FASTDDS_DEFAULT_PROFILES_FILE"));
    assertFalse(changed.containsKey("ROS_AUTOMATIC_DISCOVERY_RANGE"));
    assertFalse(Files.readString(profile()).contains("interfaceWhiteList"));
  }

  @Test
  void aProfileOfTheUsersAndAnotherMiddlewareStayAsTheyAre() throws Exception {
    Path theirs = Files.writeString(folder.resolve("theirs.xml"), "<dds/>");
    var environment = Map.of("FASTRTPS_DEFAULT_PROFILES_FILE", theirs.toString());
    var expected = new HashMap<>(environment);
    expected.put("FASTDDS_BUILTIN_TRANSPORTS", "UDPv4");
    assertEquals(expected, written(environment));
    var other = Map.of("RMW_IMPLEMENTATION", "rmw_cyclonedds_cpp");
    assertEquals(other, written(other));
    assertFalse(Files.exists(profile()));
  }
}
