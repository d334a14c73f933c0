package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.Rollouts;
import dev.reverie.testing.Prepared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Practice on the simulated arm, over real ROS 2, with a trainer that asks for its rollouts. */
@Prepared
class OnlineGrpoTest {
  private static final Path BASE = Path.of(System.getProperty("reverie.root"), "models/base");
  private static final int GROUPS = 3;
  private static final int SIZE = 4; // seed 1: some succeed, some fail

  @Test
  void aPolicyPractisesOnRolloutsOfGroupsThatStartAlike(@TempDir Path folder) throws IOException {
    Path settings =
        Files.writeString(
            folder.resolve("settings.json"),
            """
            {"grpo": {"groupSize": %d}, "onlineGrpo": {"iterations": 2, "groups": %d, "epochs": 1}}
            """
                .formatted(SIZE, GROUPS));
    Path out = folder.resolve("run");
    int status =
        RoundCommand.commandLine()
            .execute(
                "online-grpo",
                "--bundle",
                BASE.toString(),
                "--out",
                out.toString(),
                "--settings",
                settings.toString());
    assertEquals(0, status);
    String base = PolicyBundle.load(BASE).id();
    PolicyBundle better = PolicyBundle.load(out.resolve("bundles/improved"));
    assertNotEquals(base, better.id());
    assertEquals(2 * GROUPS * SIZE, better.spec().lineage().rollouts().size());

    List<Episode> first = episodes(out.resolve("training/arm/0000/rollouts/0000"));
    assertEquals(SIZE, first.size());
    assertTrue(first.stream().allMatch(episode -> episode.policyId().equals(base)));
    Episode one = first.getFirst();
    for (Episode other : first.subList(1, SIZE)) {
      assertEquals(one.instruction(), other.instruction());
      assertArrayEquals(one.observation(0).jointPositions(), other.observation(0).jointPositions());
      assertTrue(
          !Arrays.equals(one.chunks().getFirst().tokens(), other.chunks().getFirst().tokens()),
          "another draw");
    }
    Episode later = episodes(out.resolve("training/arm/0001/rollouts/0000")).getFirst();
    assertNotEquals(base, later.policyId());
    assertEquals(PolicyBundle.load(out.resolve("training/arm/0001/policy")).id(), later.policyId());
  }

  private static List<Episode> episodes(Path folder) {
    return Rollouts.bags(folder).stream().map(Episode::read).toList();
  }
}
