package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.mcap.McapReader;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.PolicyEvent;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rcljava.Qos;
import dev.reverie.rollout.Rollouts;
import dev.reverie.testing.Prepared;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A policy that is swapped in while the arm moves in real time, and goes back by itself. */
@Prepared
class RolledBackTest {
  private static final List<Byte> SWAPPED_AND_BACK =
      List.of(
          PolicyEvent.STAGED,
          PolicyEvent.VERIFIED,
          PolicyEvent.LOADED,
          PolicyEvent.PROBED,
          PolicyEvent.WAITING,
          PolicyEvent.LIVE,
          PolicyEvent.ROLLED_BACK);

  @TempDir Path folder;

  private final BlockingQueue<PolicyEvent> events = new LinkedBlockingQueue<>();
  private Path right;
  private Path left;

  @BeforeEach
  void bundles() {
    right = folder.resolve("right");
    TestBundles.bundle(TestBundles.spec(), 1, 0).save(right);
    left = folder.resolve("left");
    TestBundles.bundle(TestBundles.spec(), -1, 0).save(left);
  }

  private RunningRobot robot(String... parameters) {
    var robot = new RunningRobot(right, folder.resolve("rollouts"), parameters);
    robot.arm.node.createSubscription(
        PolicyEvent.TYPE, "robot/policy_event", Qos.transientLocal(20), events::add);
    robot.arm.describe(PlanarArm.xml());
    return robot;
  }

  /** Returns why the policy went back, once it has. */
  private Optional<String> wentBack() {
    for (PolicyEvent event = events.poll(); event != null; event = events.poll()) {
      if (event.state() == PolicyEvent.ROLLED_BACK) {
        assertEquals(PolicyBundle.load(right).id(), event.livePolicyId());
        return Optional.of(event.reason());
      }
    }
    return Optional.empty();
  }

  /** The states that the episode's bag tells of. */
  private List<Byte> recorded() throws Exception {
    Path bag = Rollouts.bags(folder.resolve("rollouts")).getFirst();
    List<Byte> states = new ArrayList<>();
    try (var reader = McapReader.open(bag.resolve(bag.getFileName() + "_0.mcap"))) {
      reader
          .messages()
          .forEach(
              message -> {
                if (message.channel().topic().endsWith("/policy_event")) {
                  states.add(
                      PolicyEvent.TYPE
                          .decode(message.data().toArray(ValueLayout.JAVA_BYTE))
                          .state());
                }
              });
    }
    return states;
  }

  @Test
  void aPolicyThatIsSlowSeveralTimesInARowGoesBackAndTheBagTellsEachState() throws Exception {
    try (var robot =
        robot(
            "observation_timeout_s:=2.0", // others use the machine too
            "swap.max_slow:=3",
            "swap.max_inference_s:=0.00001")) {
      robot.arm.run(20);
      var handle = robot.send(RunningRobot.goal());
      assertTrue(robot.swap(left).success());
      Optional<String> reason = wentBack();
      for (int i = 0; i < 600 && reason.isEmpty(); i++) {
        Thread.sleep(100);
        reason = wentBack();
      }
      String why = reason.orElseThrow();
      assertTrue(why.contains("took more than 1.0E-5 s 3 times in a row"), why);
      robot.label("", Outcome.FAILURE, 0);
      RunningRobot.end(handle);
    }
    assertEquals(SWAPPED_AND_BACK, recorded());
  }

  @Test
  void aPolicyThatIsLimitedSeveralTimesInARowGoesBackAndTheBagTellsEachState() throws Exception {
    try (var robot = robot("lock_step:=true", "swap.max_limited_ticks:=4")) {
      var handle = robot.send(RunningRobot.goal());
      var swapped = robot.beginSwap(left);
      Optional<String> reason = Optional.empty();
      int t = 0;
      while (reason.isEmpty() && t < 30_000) {
        robot.arm.positions = PlanarArm.inverse(0.1, 0.43); // to the left it leaves its workspace
        robot.arm.observe(++t * TestArm.PERIOD_NANOS);
        robot.arm.follow();
        Thread.sleep(10); // the policy is tried meanwhile
        reason = wentBack();
      }
      assertTrue(swapped.get().success(), () -> swapped.join().message());
      String why = reason.orElseThrow();
      assertTrue(why.contains("4 ticks in a row were limited: workspace"), why);
      robot.label("", Outcome.FAILURE, t * TestArm.PERIOD_NANOS);
      RunningRobot.end(handle);
    }
    assertEquals(SWAPPED_AND_BACK, recorded());
  }
}
