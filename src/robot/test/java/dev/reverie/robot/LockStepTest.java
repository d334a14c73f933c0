package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.policy.FlowSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.Observation;
import dev.reverie.policy.OnnxOptions;
import dev.reverie.policy.OnnxPolicy;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Sample;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.SmallDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Prepared
class LockStepTest {
  private static final long PERIOD = TestArm.PERIOD_NANOS;

  @TempDir Path folder;

  private RunningRobot robot(double... action) {
    return robot(action, "lock_step:=true");
  }

  private RunningRobot robot(double[] action, String... parameters) {
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), action).save(bundle);
    var robot = new RunningRobot(bundle, folder.resolve("rollouts"), parameters);
    robot.arm.describe(PlanarArm.xml());
    return robot;
  }

  @Test
  void eachObservationGetsOneCommandAndTheBagTellsAll() throws Exception {
    try (var robot = robot(1, -0.5)) {
      robot.arm.observe(PERIOD); // time stands still here until the goal comes
      var handle = robot.send(RunningRobot.goal().withSeed(7));
      for (int t = 1; t <= 10; t++) {
        double[] before = PlanarArm.forward(robot.arm.positions);
        JointTrajectory sent = robot.arm.follow();
        assertEquals(t * PERIOD, Stamps.nanos(sent.header().stamp()));
        double[] after = PlanarArm.forward(robot.arm.positions);
        assertEquals(0.04, after[0] - before[0], 1e-9);
        assertEquals(-0.02, after[1] - before[1], 1e-9);
        if (t < 10) {
          robot.arm.observe((t + 1) * PERIOD);
        }
      }
      robot.label("", Outcome.SUCCESS, 11 * PERIOD); // overtakes its observation
      robot.arm.observe(11 * PERIOD);
      var result = RunningRobot.end(handle);
      assertEquals(Outcome.SUCCESS, result.outcome().outcome());
      assertEquals(10, result.ticks());
      assertEquals(0, robot.arm.trajectories.size(), "the last observation gets no command");

      Episode episode = Episode.read(Path.of(result.bag()));
      assertEquals(result.episodeId(), episode.id());
      assertEquals(EpisodeOutcome.Kind.SUCCESS, episode.outcome().kind());
      assertEquals(10, episode.steps().size());
      assertEquals(3, episode.chunks().size());
      assertArrayEquals(new float[] {1, -0.5f}, episode.steps().get(9).action());
      assertEquals(11 * PERIOD, episode.last().stampNanos());
    }
  }

  @Test
  void aSuccessThatIsToldAgainKeepsItsMomentAndAFailureIsOfTheWholeEpisode() throws Exception {
    try (var robot = robot(1, -0.5)) {
      var handle = robot.send(RunningRobot.goal());
      for (int t = 1; t <= 7; t++) {
        robot.arm.observe(t * PERIOD);
        robot.arm.follow();
      }
      robot.label("", Outcome.FAILURE, 8 * PERIOD);
      robot.arm.observe(8 * PERIOD);
      var result = RunningRobot.end(handle);
      String id = result.episodeId();
      Path bag = Path.of(result.bag());
      robot.label(id, Outcome.SUCCESS, 5 * PERIOD);
      outcome(bag, EpisodeOutcome.Kind.SUCCESS, 5, 4);
      robot.label(id, Outcome.SUCCESS, 0);
      outcome(bag, EpisodeOutcome.Kind.SUCCESS, 5, 4);
      robot.label(id, Outcome.FAILURE, 0);
      outcome(bag, EpisodeOutcome.Kind.FAILURE, 8, 7);
      robot.label(id, Outcome.SUCCESS, 0); // nobody says when
      outcome(bag, EpisodeOutcome.Kind.SUCCESS, 8, 7);
    }
  }

  private static void outcome(Path bag, EpisodeOutcome.Kind kind, int period, int steps) {
    Episode episode = Episode.read(bag);
    assertEquals(kind, episode.outcome().kind());
    assertEquals(period * PERIOD, episode.outcome().stampNanos());
    assertEquals(steps, episode.steps().size());
  }

  @Test
  void soManyActionsOfAChunkAreCarriedOutAsTheParameterSays() throws Exception {
    try (var robot = robot(new double[] {1, -0.5}, "lock_step:=true", "executed:=3")) {
      var handle = robot.send(RunningRobot.goal());
      for (int t = 1; t <= 7; t++) {
        robot.arm.observe(t * PERIOD);
        robot.arm.follow();
      }
      robot.label("", Outcome.SUCCESS, 8 * PERIOD);
      robot.arm.observe(8 * PERIOD);
      Episode episode = Episode.read(Path.of(RunningRobot.end(handle).bag()));
      List<String> said =
          episode.steps().stream()
              .map(step -> step.command().chunk() + ":" + step.command().action())
              .toList();
      assertEquals(List.of("0:0", "0:1", "0:2", "1:0", "1:1", "1:2", "2:0"), said);
      assertEquals(4, episode.chunks().getFirst().horizon(), "all of it is recorded");
      assertEquals(8, episode.chunks().getFirst().actions().length);
    }
  }

  @Test
  void theSameSeedDrawsTheSameTokensWithTheirLogProbabilities() throws Exception {
    try (var robot = robot(0, 0)) {
      List<ActionChunk> first = sampled(robot, 0, 5);
      List<ActionChunk> same = sampled(robot, 100, 5);
      List<ActionChunk> other = sampled(robot, 200, 6);
      for (int i = 0; i < 2; i++) {
        assertArrayEquals(first.get(i).tokens(), same.get(i).tokens());
        assertArrayEquals(first.get(i).logProbabilities(), same.get(i).logProbabilities());
      }
      assertTrue(!Arrays.equals(first.get(0).tokens(), other.get(0).tokens()));
      assertEquals(1, first.get(0).temperature());
      assertEquals(5, first.get(0).seed());
      assertEquals(64, first.get(0).policyId().length());
      assertEquals(2, first.get(0).observationStamps().size());
    }
  }

  static List<HeadSpec> heads() {
    return List.of(
        new HeadSpec.Regression(List.of(0.2, 0.2)),
        new HeadSpec.Gaussian(),
        new FlowSpec(4, FlowSpec.Sampler.SDE, 0.7),
        new FlowSpec(4, FlowSpec.Sampler.ODE, 0.7));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void aRecordedChunkOfAnyHeadIsDrawnAgainFromItsSeedAndStamp(HeadSpec head) throws Exception {
    Path bundle = folder.resolve("bundle");
    TestBundles.ofHead(head).save(bundle);
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"), "lock_step:=true");
        var policy = OnnxPolicy.open(PolicyBundle.load(bundle), OnnxOptions.cpu(1))) {
      robot.arm.describe(PlanarArm.xml());
      var image = new CameraImage(16, 16, new byte[16 * 16 * 3]); // of no matter to this policy
      for (ActionChunk chunk : sampled(robot, 0, 5)) {
        var seen = new Observation(Map.of("camera", image), new double[3], "whatever");
        long stamp = Stamps.nanos(chunk.observationStamps().getFirst());
        Sample again = policy.draw(seen, 1, new SplittableRandom(5 + stamp));
        assertArrayEquals(again.actions(), chunk.actions());
        assertArrayEquals(again.logProbabilities(), chunk.logProbabilities());
        assertEquals(0, chunk.tokens().length);
      }
    }
  }

  private static List<ActionChunk> sampled(RunningRobot robot, long start, long seed)
      throws Exception {
    robot.arm.positions = PlanarArm.inverse(0.5, 0.4);
    var handle = robot.send(RunningRobot.goal().withTemperature(1).withSeed(seed));
    for (long t = start + 1; t <= start + 8; t++) {
      robot.arm.observe(t * PERIOD);
      robot.arm.follow();
    }
    robot.label("", Outcome.FAILURE, (start + 8) * PERIOD);
    RunningRobot.end(handle);
    List<ActionChunk> chunks = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      chunks.add(TestArm.take(robot.arm.chunks, "chunk"));
    }
    return chunks;
  }

  @Test
  void aDemonstrationIsRecordedAsActionsOfOneTick() throws Exception {
    try (var robot = robot(0, 0)) {
      var handle = robot.send(RunningRobot.goal().withTeleop(true));
      for (int t = 1; t <= 3; t++) {
        double[] tip = PlanarArm.forward(robot.arm.positions);
        robot.arm.command(t * PERIOD, PlanarArm.inverse(tip[0] + 0.02, tip[1] - 0.06));
        robot.arm.observe(t * PERIOD);
        robot.arm.follow();
        double[] moved = PlanarArm.forward(robot.arm.positions);
        assertEquals(-0.06, moved[1] - tip[1], 1e-9, "a person is not held to the policy's scale");
      }
      robot.arm.observe(4 * PERIOD);
      robot.label("", Outcome.SUCCESS, 4 * PERIOD);
      Episode episode = Episode.read(Path.of(RunningRobot.end(handle).bag()));
      assertEquals("teleop", episode.source());
      assertEquals(3, episode.steps().size());
      assertArrayEquals(new float[] {0.5f, -1}, episode.steps().get(1).action(), 1e-6f);
    }
  }

  @Test
  void aDemonstrationBeginsAtTheFirstObservationThatThePersonAnswers() throws Exception {
    try (var robot = robot(0, 0)) {
      robot.arm.observe(PERIOD); // before the arm's reset: the goal overtakes what comes after it
      var handle = robot.send(RunningRobot.goal().withTeleop(true));
      for (int t = 2; t <= 3; t++) {
        robot.arm.observe(t * PERIOD);
        robot.arm.command(t * PERIOD, PlanarArm.inverse(0.4, 0.45));
        assertEquals(t * PERIOD, Stamps.nanos(robot.arm.follow().header().stamp()));
      }
      robot.arm.observe(4 * PERIOD);
      robot.label("", Outcome.SUCCESS, 4 * PERIOD);
      Episode episode = Episode.read(Path.of(RunningRobot.end(handle).bag()));
      assertEquals(2, episode.steps().size());
      assertEquals(2 * PERIOD, episode.observation(0).stampNanos());
    }
  }

  @Test
  void anArmThatIsResetInMidDemonstrationGoesOn() throws Exception {
    try (var robot = robot(0, 0)) {
      var handle = robot.send(RunningRobot.goal().withTeleop(true));
      robot.arm.command(PERIOD, PlanarArm.inverse(0.4, 0.45));
      robot.arm.observe(PERIOD);
      robot.arm.follow();
      robot.arm.observe(2 * PERIOD); // nobody answers this one
      robot.arm.observe(3 * PERIOD);
      robot.arm.command(3 * PERIOD, PlanarArm.inverse(0.4, 0.45));
      assertEquals(3 * PERIOD, Stamps.nanos(robot.arm.follow().header().stamp()));
      robot.label("", Outcome.FAILURE, 3 * PERIOD);
      RunningRobot.end(handle);
    }
  }

  @Test
  void anObservationThatComesDuringAnInferenceIsAnswered() throws Exception {
    Path slow = folder.resolve("slow");
    TestBundles.thinking(TestBundles.spec(), 10, 0.1, 0).save(slow);
    try (var robot = new RunningRobot(slow, folder.resolve("rollouts"), "lock_step:=true")) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.observe(PERIOD); // before the arm's reset
      var handle = robot.send(RunningRobot.goal());
      robot.arm.observe(2 * PERIOD);
      long answered = Stamps.nanos(robot.arm.follow().header().stamp());
      if (answered == PERIOD) { // the policy was faster than this thread
        answered = Stamps.nanos(robot.arm.follow().header().stamp());
      }
      assertEquals(2 * PERIOD, answered);
      robot.label("", Outcome.FAILURE, 2 * PERIOD);
      RunningRobot.end(handle);
    }
  }

  @Test
  void aDemonstrationInWhichNobodyCommandsEndsAndSaysSo() throws Exception {
    try (var robot = robot(0, 0)) {
      robot.arm.observe(PERIOD);
      var outcome = RunningRobot.end(robot.send(RunningRobot.goal().withTeleop(true))).outcome();
      assertEquals(Outcome.ABORTED, outcome.outcome());
      assertTrue(outcome.reason().contains("nobody commands on 'teleop'"), outcome.reason());
    }
  }

  @Test
  void aFaultyObservationIsAnsweredByAHoldAndThePolicyGoesOn() throws Exception {
    try (var robot = robot(1, 0)) {
      var handle = robot.send(RunningRobot.goal());
      robot.arm.observe(PERIOD);
      double[] held = robot.arm.follow().points().get(0).positions();
      robot.arm.driver = s -> s.withPosition(new double[] {1, Double.NaN, 2});
      robot.arm.observe(2 * PERIOD);
      JointTrajectory hold = TestArm.take(robot.arm.trajectories, "hold");
      assertArrayEquals(held, hold.points().get(0).positions());
      assertEquals(2 * PERIOD, Stamps.nanos(hold.header().stamp()));
      robot.arm.driver = s -> s;
      robot.arm.camera = i -> i.withEncoding("16UC1");
      robot.arm.observe(3 * PERIOD);
      assertArrayEquals(held, robot.arm.follow().points().get(0).positions());
      robot.arm.camera = i -> i;
      robot.arm.observe(4 * PERIOD);
      robot.arm.follow();
      List<String> sources = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Command command = TestArm.take(robot.arm.commands, "command");
        sources.add(command.source() + " of chunk " + command.chunk());
      }
      assertEquals(
          List.of("policy of chunk 0", "hold of chunk 0", "hold of chunk 0", "policy of chunk 1"),
          sources);
      robot.label("", Outcome.FAILURE, 4 * PERIOD);
      RunningRobot.end(handle);
    }
  }

  @Test
  void anObservationThatComesAgainGetsItsCommandAgain() throws Exception {
    try (var robot = robot(1, 0)) {
      var handle = robot.send(RunningRobot.goal());
      robot.arm.observe(PERIOD);
      JointTrajectory first = TestArm.take(robot.arm.trajectories, "trajectory");
      robot.arm.observe(PERIOD);
      assertEquals(first, TestArm.take(robot.arm.trajectories, "trajectory"));
      robot.arm.observe(2 * PERIOD);
      TestArm.take(robot.arm.trajectories, "trajectory");
      robot.label("", Outcome.FAILURE, 2 * PERIOD);
      Episode episode = Episode.read(Path.of(RunningRobot.end(handle).bag()));
      assertEquals(1, episode.steps().size());
    }
  }

  @Test
  void aFullDiskAbortsTheEpisodeAndTheNextOneIsRecordedAgain() throws Exception {
    try (var robot = robot(1, 0);
        var disk = SmallDisk.mount(folder.resolve("rollouts"), 8192)) {
      var full = episode(robot, 0).outcome();
      assertEquals(Outcome.ABORTED, full.outcome());
      assertEquals("recorder", full.labeller());
      assertTrue(full.reason().contains("No space left on device"), full.reason());
      assertTrue(full.reason().contains("make room on its disk"), full.reason());
      disk.free();
      var recorded = episode(robot, 100);
      assertEquals(Outcome.SUCCESS, recorded.outcome().outcome());
      assertTrue(Episode.read(Path.of(recorded.bag())).outcome().success());
    }
  }

  private static RunPolicy.Result episode(RunningRobot robot, long start) throws Exception {
    robot.arm.positions = PlanarArm.inverse(0.4, 0.43);
    var handle = robot.send(RunningRobot.goal());
    for (long t = start + 1; t <= start + 6 && !handle.result().isDone(); t++) {
      robot.arm.observe(t * PERIOD);
      robot.arm.trajectories.poll(1, TimeUnit.SECONDS);
    }
    robot.label("", Outcome.SUCCESS, (start + 6) * PERIOD);
    return RunningRobot.end(handle);
  }
}
