package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.msgs.rosgraph_msgs.Clock;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.testing.Prepared;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stamps that say something else than the time. */
@Prepared
class StampsTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long STEP_NANOS = 50_000_000L;

  @TempDir Path folder;

  private Path bundle;

  @BeforeEach
  void save() {
    bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
  }

  @Test
  void aBagThatLoopsEndsTheEpisodeAndTheNextOneRuns() throws Exception {
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"), "use_sim_time:=true");
        ScheduledExecutorService player = Executors.newSingleThreadScheduledExecutor()) {
      Publisher<Clock> clock =
          robot.arm.node.createPublisher(Clock.TYPE, "clock", Qos.reliable(10));
      robot.arm.describe(PlanarArm.xml());
      var now = new AtomicLong(1000 * SECOND);
      Runnable step =
          () -> {
            long t = now.addAndGet(STEP_NANOS);
            clock.publish(new Clock(Stamps.time(t)));
            robot.arm.observe(t);
          };
      var _ = player.scheduleAtFixedRate(step, 0, STEP_NANOS, TimeUnit.NANOSECONDS);
      for (long jump : new long[] {-500 * SECOND, 300 * SECOND}) {
        var handle = robot.send(RunningRobot.goal());
        robot.arm.await(Command.POLICY);
        now.addAndGet(jump);
        RunPolicy.Result result = RunningRobot.end(handle);
        assertEquals(Outcome.ABORTED, result.outcome().outcome());
        String reason = result.outcome().reason();
        assertTrue(reason.contains(jump < 0 ? "fell back by" : "leapt ahead by"), reason);
        robot.arm.commands.clear();
      }
      var handle = robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      robot.label("", Outcome.SUCCESS, 0);
      assertEquals(Outcome.SUCCESS, RunningRobot.end(handle).outcome().outcome());
    }
  }

  @Test
  void simulatedTimeThatNobodyTellsIsNamed() throws Exception {
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"), "use_sim_time:=true")) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(10);
      robot.send(RunningRobot.goal());
      Hold hold = robot.arm.awaitHold("use_sim_time is true and nothing came on /clock").hold();
      assertEquals(new Hold(Hold.NO_OBSERVATION, ""), hold);
    }
  }

  @Test
  void aCameraThatSetsNoStampIsNamed() throws Exception {
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"))) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.camera = image -> image.withHeader(image.header().withStamp(new Time()));
      robot.arm.run(10);
      robot.send(RunningRobot.goal());
      Hold hold = robot.arm.awaitHold("image of camera 'camera' has the stamp 0").hold();
      assertEquals(new Hold(Hold.STALE, "camera"), hold);
    }
  }
}
