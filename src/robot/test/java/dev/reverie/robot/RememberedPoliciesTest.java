package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.PolicyEvent;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rcljava.Parameter;
import dev.reverie.rcljava.Qos;
import dev.reverie.robot.swap.PolicyStore;
import dev.reverie.rollout.AtomicFolder;
import dev.reverie.testing.Prepared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds that what is live survives a restart, and that a policy that is worse does not stay live.
 */
@Prepared
class RememberedPoliciesTest {
  /** The elbow, which is bent. */
  private static final int JOINT = 1;

  @TempDir Path folder;

  private final BlockingQueue<PolicyEvent> events = new LinkedBlockingQueue<>();
  private Path right;
  private Path left;
  private Path up;

  @BeforeEach
  void bundles() {
    right = save("right", TestBundles.bundle(TestBundles.spec(), 1, 0));
    left = save("left", TestBundles.bundle(TestBundles.spec(), -1, 0));
    up = save("up", TestBundles.bundle(TestBundles.spec(), 0, 1));
  }

  private Path save(String name, PolicyBundle bundle) {
    Path saved = folder.resolve(name);
    bundle.save(saved);
    return saved;
  }

  private RunningRobot robot(Path first, String... parameters) {
    List<String> all = new ArrayList<>(List.of(parameters));
    all.add("lock_step:=true");
    all.add("swap.state_dir:=" + Parameter.quoted(folder.resolve("state")));
    var robot = new RunningRobot(first, folder.resolve("rollouts"), all.toArray(String[]::new));
    robot.arm.node.createSubscription(
        PolicyEvent.TYPE, "robot/policy_event", Qos.transientLocal(20), events::add);
    robot.arm.describe(PlanarArm.xml());
    return robot;
  }

  private static String id(Path bundle) {
    return PolicyBundle.load(bundle).id();
  }

  private static String live(RunningRobot robot) throws Exception {
    return TestArm.take(robot.arm.statuses, "status").policyId();
  }

  @Test
  void theLivePolicyAndThoseBeforeItAreThereAfterARestart() throws Exception {
    try (var robot = robot(right)) {
      assertTrue(robot.swap(left).success());
      assertTrue(robot.swap(up).success());
    }
    try (var robot = robot(right)) {
      assertEquals(id(up), live(robot));
      String back = robot.trigger("rollback_policy").message();
      assertTrue(back.contains(id(left)), back);
    }
    try (var robot = robot(right)) {
      assertEquals(id(left), live(robot));
      String back = robot.trigger("rollback_policy").message();
      assertTrue(back.contains(id(right)), back);
      assertFalse(robot.trigger("rollback_policy").success());
    }
    try (var robot = robot(left)) {
      assertEquals(id(left), live(robot), "the parameter says otherwise than it did");
    }
  }

  @Test
  void whatIsDamagedOrGoneIsNotObeyed() throws Exception {
    try (var robot = robot(right)) {
      assertTrue(robot.swap(left).success());
      assertTrue(robot.swap(up).success());
    }
    AtomicFolder.delete(left);
    try (var robot = robot(right)) {
      assertEquals(id(up), live(robot));
      String back = robot.trigger("rollback_policy").message();
      assertTrue(back.contains(id(right)), "the one between is gone: " + back);
      assertTrue(robot.swap(up).success());
    }
    Path file = folder.resolve("state").resolve(PolicyStore.FILE);
    byte[] bytes = Files.readAllBytes(file);
    List<String> warnings = new ArrayList<>();
    var store = new PolicyStore(folder.resolve("state"), right.toString(), warnings::add);
    assertEquals(id(up), store.read().orElseThrow().live().id());
    for (int i = 0; i < bytes.length - 1; i++) {
      bytes[i] ^= 4;
      Files.write(file, bytes);
      assertEquals(Optional.empty(), store.read(), "byte " + i);
      bytes[i] ^= 4;
    }
    assertEquals(bytes.length - 1, warnings.size());
    assertTrue(warnings.getFirst().contains("is not obeyed"), warnings.getFirst());
    bytes[70] ^= 4;
    Files.write(file, bytes);
    try (var robot = robot(right)) {
      assertEquals(id(right), live(robot));
    }
  }

  /** A policy that acts at the pose where episodes begin, and fails beyond. */
  private Path breaks() {
    return save(
        "breaks", OddBundles.brokenAbove(JOINT, PlanarArm.inverse(0.4, 0.43)[JOINT] + 0.05));
  }

  /** Lets the policy of {@link #breaks} act where it fails, until it is rolled back. */
  private PolicyEvent rolledBack(RunningRobot robot) throws Exception {
    double[] beyond = PlanarArm.inverse(0.4, 0.43);
    beyond[JOINT] += 0.1;
    var handle = robot.send(RunningRobot.goal());
    PolicyEvent event = null;
    for (int t = 1; t < 20 && (event == null || event.state() != PolicyEvent.ROLLED_BACK); t++) {
      robot.arm.positions = beyond;
      robot.arm.observe(t * TestArm.PERIOD_NANOS);
      robot.arm.follow();
      PolicyEvent next = events.poll();
      for (; next != null && next.state() != PolicyEvent.ROLLED_BACK; next = events.poll()) {
        // those of the swap
      }
      event = next;
    }
    robot.label("", Outcome.FAILURE, 0);
    RunningRobot.end(handle);
    assertTrue(event != null, "it is rolled back");
    return event;
  }

  @Test
  void aPolicyWhoseInferenceFailsIsRolledBackWithTheReason() throws Exception {
    try (var robot = robot(right, "swap.max_failures:=2")) {
      assertTrue(robot.swap(breaks()).success());
      PolicyEvent event = rolledBack(robot);
      assertEquals(id(right), event.livePolicyId());
      assertTrue(event.reason().contains("failed 2 times in a row"), event.reason());
    }
  }

  @Test
  void aPolicyThatWasSwappedInIsWatchedAfterARestartToo() throws Exception {
    Path breaks = breaks();
    try (var robot = robot(right, "swap.max_failures:=2")) {
      assertTrue(robot.swap(breaks).success());
    }
    try (var robot = robot(right, "swap.max_failures:=2")) {
      assertEquals(id(breaks), live(robot));
      assertEquals(id(right), rolledBack(robot).livePolicyId());
    }
  }

  @Test
  void aPolicyThatSucceedsTooRarelyIsRolledBack() throws Exception {
    try (var robot = robot(right, "swap.expected_success:=0.8")) {
      assertTrue(robot.swap(left).success());
      for (int episode = 0; episode < 3; episode++) {
        long stamp = (episode + 1) * 100L * TestArm.PERIOD_NANOS;
        var handle = robot.send(RunningRobot.goal());
        robot.arm.positions = PlanarArm.inverse(0.4, 0.43);
        robot.arm.observe(stamp);
        robot.arm.follow();
        robot.label("", Outcome.FAILURE, stamp);
        RunningRobot.end(handle);
      }
      PolicyEvent event = TestArm.take(events, "event");
      while (event.state() != PolicyEvent.ROLLED_BACK) {
        event = TestArm.take(events, "rollback");
      }
      assertTrue(event.reason().contains("0 of 3 episodes succeeded"), event.reason());
      assertEquals(id(right), event.livePolicyId());
    }
  }
}
