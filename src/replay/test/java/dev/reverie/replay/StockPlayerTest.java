package dev.reverie.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.robot.RunningRobot;
import dev.reverie.robot.TestBundles;
import dev.reverie.rollout.BagMessages;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Prepared
class StockPlayerTest {
  @TempDir Path folder;

  /**
   * The chunks that both runs ask for at the same observation are the same; on a busy machine a run
   * may miss a tick, and then acts on other observations. Positions add to those before: they are
   * the same as long as both runs did the same.
   */
  @Test
  void aBagPlayedByAStockPlayerIntoTheLiveNodeGivesTheSameNumbers() throws Exception {
    Path bundle = folder.resolve("bundle");
    TestBundles.seeing(TestBundles.spec(), 3).save(bundle);
    Path bag = RecordedEpisodes.realTime(bundle, folder.resolve("recorded"), 12);

    JsonNode ours =
        ReplayTest.replay(0, folder, "ours", bag, "--policy", bundle, "--recorded-speed");
    Path played = playedByRosbags(bundle, bag);
    JsonNode theirs =
        ReplayTest.replay(
            0, folder, "theirs", bag, "--policy", bundle, "--played", folder.resolve("played"));
    int observations = ours.at("/counts/observations").asInt();
    for (JsonNode one : List.of(ours, theirs)) {
      int answered = one.at("/counts/answered").asInt();
      assertTrue(answered > observations / 2, answered + " of " + observations + " answered");
    }
    double likelihood = likelihood(ours);
    assertEquals(likelihood, likelihood(theirs), 1e-12, "asked on the same observations");

    ReplayedEpisode live = ReplayedEpisode.read(played);
    var mode = new ReplaySession.Mode(false, false, 0, 1);
    try (var replayed = ReplayedPolicy.load(bundle, mode)) {
      var recorded = RecordedBag.open(bag, replayed.spec(), BagOptions.NONE);
      ReplayedEpisode own = replayed.play(recorded);
      int same = 0;
      boolean sameWay = true;
      var stamps = new TreeSet<>(live.commands().keySet());
      stamps.addAll(own.commands().keySet());
      for (long stamp : stamps) {
        var mine = own.commands().get(stamp);
        var other = live.commands().get(stamp);
        if (mine == null || other == null || !startsAlike(own, mine, live, other)) {
          sameWay = false;
          continue;
        }
        assertArrayEquals(own.action(mine).orElseThrow(), live.action(other).orElseThrow());
        if (sameWay) {
          assertArrayEquals(mine.positions(), other.positions());
        }
        same++;
      }
      assertTrue(same > 0, "no observation was answered from the same chunk in both runs");
    }
  }

  private static double likelihood(JsonNode result) {
    return ReplayTest.measure(result, "log_likelihood.of_successful_actions")
        .at("/policy/value")
        .asDouble();
  }

  private static boolean startsAlike(
      ReplayedEpisode a, Command mine, ReplayedEpisode b, Command other) {
    var first = a.chunks().get(mine.chunk());
    var second = b.chunks().get(other.chunk());
    return mine.source().equals(Command.POLICY)
        && other.source().equals(Command.POLICY)
        && mine.action() == other.action()
        && first != null
        && second != null
        && first.observationStamps().equals(second.observationStamps());
  }

  /** The bag that the live node records meanwhile. */
  private Path playedByRosbags(Path bundle, Path bag) throws Exception {
    try (var robot = new RunningRobot(bundle, folder.resolve("played"), "use_sim_time:=true")) {
      var handle = robot.send(RunningRobot.goal());
      var recorded = BagMessages.open(bag);
      String joints =
          recorded.types().keySet().stream()
              .filter(topic -> topic.endsWith("/joint_states"))
              .findFirst()
              .orElseThrow();
      Python.run(
          "replay/test/python/play_bag.py",
          bag,
          "--to",
          robot.arm.node.namespace(),
          "--from",
          joints.substring(0, joints.length() - "/joint_states".length()));
      robot.label("", Outcome.SUCCESS, 0);
      return Path.of(RunningRobot.end(handle).bag());
    }
  }
}
