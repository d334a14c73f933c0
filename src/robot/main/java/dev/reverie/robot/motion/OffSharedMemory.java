package dev.reverie.robot.motion;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The environment of a process that speaks ROS 2 without the shared memory of Fast DDS. Who writes
 * to a reader that way takes a lock of that reader's; where a process is stopped or killed with the
 * lock in its hand, all others that write to the reader wait for it, and what brakes the arm must
 * not. By UDP nobody waits for anybody.
 */
final class OffSharedMemory {
  private static final String RANGE = "ROS_AUTOMATIC_DISCOVERY_RANGE";
  private static final String LOCALHOST_ONLY = "ROS_LOCALHOST_ONLY";
  private static final String PEERS = "ROS_STATIC_PEERS";
  private static final String LOCALHOST = "127.0.0.1";

  /** Variables that name a profile, of Fast DDS 3 and of 2. */
  private static final List<String> PROFILES =
      List.of("FASTDDS_DEFAULT_PROFILES_FILE", "FASTRTPS_DEFAULT_PROFILES_FILE");

  private static final String BUILTIN = "FASTDDS_BUILTIN_TRANSPORTS";

  /** Name of the profile that comes with the project, which has shared memory. */
  private static final String OWN = "profile_name=\"reverie\"";

  private static final String PROFILE =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <dds xmlns="http://www.eprosima.com/XMLSchemas/fastRTPS_Profiles">
        <profiles>
          <transport_descriptors>
            <transport_descriptor>
              <transport_id>udp</transport_id>
              <type>UDPv4</type>
              <maxInitialPeersRange>100</maxInitialPeersRange>%s
            </transport_descriptor>
          </transport_descriptors>
          <participant profile_name="off_shared_memory" is_default_profile="true">
            <rtps>
              <userTransports>
                <transport_id>udp</transport_id>
              </userTransports>
              <useBuiltinTransports>false</useBuiltinTransports>
            </rtps>
          </participant>
        </profiles>
      </dds>
      """;

  private OffSharedMemory() {}

  /**
   * Changes the environment of a process that is to be started. With a profile of the user's own,
   * which may name a discovery server, only the transports that Fast DDS has by itself are left
   * out; another middleware is left alone.
   *
   * @param profile file that is written, and may go when the process has its node
   */
  static void write(Path profile, Map<String, String> environment) throws IOException {
    if (!environment.getOrDefault("RMW_IMPLEMENTATION", "rmw_fastrtps_cpp").contains("fastrtps")) {
      return;
    }
    if (hasForeignProfile(environment)) {
      environment.putIfAbsent(BUILTIN, "UDPv4");
      return;
    }
    boolean local =
        "LOCALHOST".equals(environment.get(RANGE)) || "1".equals(environment.get(LOCALHOST_ONLY));
    if (local) { // in that range rmw_fastrtps adds shared memory to whatever a profile says
      environment.remove(LOCALHOST_ONLY);
      environment.put(RANGE, "SUBNET");
      environment.merge(
          PEERS, LOCALHOST, (peers, peer) -> peers.isEmpty() ? peer : peers + ";" + peer);
    }
    String only =
        local
            ? "<interfaceWhiteList><address>%s</address></interfaceWhiteList>".formatted(LOCALHOST)
            : "";
    Files.writeString(profile, PROFILE.formatted(only));
    PROFILES.forEach(name -> environment.put(name, profile.toString()));
  }

  private static boolean hasForeignProfile(Map<String, String> environment) throws IOException {
    for (String name : PROFILES) {
      String file = environment.getOrDefault(name, "");
      if (!file.isEmpty()
          && Files.isReadable(Path.of(file))
          && !Files.readString(Path.of(file)).contains(OWN)) {
        return true;
      }
    }
    return false;
  }
}
