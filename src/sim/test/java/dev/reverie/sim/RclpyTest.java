package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Commands;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A robot node in rclpy runs episodes of the expert on the simulated arm. */
@Prepared
class RclpyTest {
  @Test
  void anEpisodeInLockStepIsTheOneThatTheSeedGivesWithoutRos() throws Exception {
    try (var rig = new ArmRig("lock_step:=true")) {
      List<String> episodes = robot(rig, "lock_step", "1", "2", "3", "1");
      long first = 1_100_000_000L;
      for (int i = 0; i < episodes.size(); i++) {
        String got = episodes.get(i);
        var expected = episode(List.of(1L, 2L, 3L, 1L).get(i));
        assertTrue(got.contains("\"ticks\": %d,".formatted(expected.ticks)), got);
        assertTrue(got.contains(expected.hash), got);
        assertTrue(got.contains(expected.instruction), got);
        assertTrue(got.contains("\"outcome\": " + (expected.success ? 1 : 2)), got);
        assertTrue(got.contains("\"periods\": [100000000]"), got);
        assertTrue(got.contains("\"first\": " + first / 1e9), got);
        long last = first + expected.ticks * 100_000_000L;
        assertTrue(got.contains("\"stamp\": " + last / 1e9), got);
        assertTrue(got.contains("\"described\": true"), got);
        first = last + 100_000_000L;
      }
    }
  }

  @Test
  void anEpisodeInRealTimeComesToItsOutcome() throws Exception {
    try (var rig = new ArmRig("control_rate_hz:=25.0")) {
      String episode = robot(rig, "real_time", "8").getFirst();
      assertTrue(episode.contains("\"labeller\": \"simulated_arm\""), episode);
    }
  }

  private static List<String> robot(ArmRig rig, String mode, String... seeds) throws Exception {
    List<String> command = new ArrayList<>(Python.command("sim/test/python/robot.py", mode));
    command.addAll(List.of(seeds));
    command.addAll(List.of("--ros-args", "-r", "__ns:=" + rig.namespace));
    command.addAll(List.of("-r", "/clock:=" + rig.namespace + "/clock"));
    List<String> lines = Commands.run(120, command);
    assertEquals(seeds.length, lines.size());
    return lines;
  }

  private record Expected(String instruction, int ticks, boolean success, String hash) {}

  private static Expected episode(long seed) throws Exception {
    var digest = MessageDigest.getInstance("SHA-256");
    try (var scene = new PegScene()) {
      var camera = new RayCamera(scene.simulation(), PegScene.CAMERA, 48, 2);
      var episode = new TaskEpisode(scene, List.of(camera), 3_200_000_000L);
      String instruction = episode.begin(seed, "", 0, true);
      Optional<ArmEpisode.Ending> ending = Optional.empty();
      int ticks = 0;
      for (; ending.isEmpty(); ticks++) {
        SensorReadings seen = episode.readings();
        var positions = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        positions.asDoubleBuffer().put(seen.positions());
        digest.update(positions.array());
        digest.update(seen.pictures().getFirst());
        episode.command(episode.demonstration().orElseThrow());
        ending = episode.tick();
      }
      return new Expected(
          instruction, ticks, ending.get().success(), HexFormat.of().formatHex(digest.digest()));
    }
  }
}
