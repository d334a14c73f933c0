package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.PolicyEvent;
import dev.reverie.msgs.reverie.SwapPolicy;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.policy.BundleSignature;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rcljava.Parameter;
import dev.reverie.rcljava.Qos;
import dev.reverie.testing.Prepared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A swap is whole or not at all, and whoever asks gets an answer in time. */
@Prepared
class SwapTransactionTest {
  @TempDir Path folder;

  private final BlockingQueue<PolicyEvent> events = new LinkedBlockingQueue<>();

  private Path save(String name, PolicyBundle bundle) {
    Path saved = folder.resolve(name);
    bundle.save(saved);
    return saved;
  }

  private RunningRobot robot(String... parameters) throws Exception {
    Path bundle = save("right", TestBundles.bundle(TestBundles.spec(), 1, 0));
    var robot = new RunningRobot(bundle, folder.resolve("rollouts"), parameters);
    robot.arm.node.createSubscription(
        PolicyEvent.TYPE, "robot/policy_event", Qos.transientLocal(20), events::add);
    robot.arm.describe(PlanarArm.xml());
    return robot;
  }

  private Path left() {
    return save("left", TestBundles.bundle(TestBundles.spec(), -1, 0));
  }

  private static void refused(SwapPolicy.Response response, String... words) {
    assertFalse(response.success(), response.policyId());
    for (String word : words) {
      assertTrue(response.message().contains(word), response.message());
    }
  }

  private void awaitState(byte state) throws Exception {
    while (TestArm.take(events, "event " + state).state() != state) {
      // those before it
    }
  }

  @Test
  void aBundleThatTakesTooLongIsBrokenOffAndTheNextOneIsSwappedIn() throws Exception {
    Path slow = save("slow", OddBundles.slow(200, 2000));
    Path left = left();
    // Which is time enough for the small one on a machine that has much to do.
    try (var robot = robot("lock_step:=true", "swap.load_timeout_s:=12.0")) {
      refused(robot.swap(slow), "12.0 s");
      var next = robot.swap(left);
      assertTrue(next.success(), next.message());
      assertEquals(PolicyBundle.load(left).id(), next.policyId());
    }
  }

  @Test
  void aSwapWhoseTimeIsOverOrThatIsCancelledNeverGoesLive() throws Exception {
    Path slow = save("slow", OddBundles.slow(200, 2000));
    try (var robot = robot("lock_step:=true")) {
      String first = PolicyBundle.load(folder.resolve("right")).id();
      var soon = new SwapPolicy.Request().withBundle(slow.toString());
      var timed =
          robot.beginSwap(soon.withTimeout(Stamps.duration(Duration.ofSeconds(2).toNanos())));
      refused(RunningRobot.get(timed), "not live within 2", "stays");
      awaitState(PolicyEvent.CANCELLED);

      var cancelled = robot.beginSwap(slow);
      awaitState(PolicyEvent.VERIFIED);
      refused(robot.swap(slow), "under way", "verified", "cancel_swap");
      assertTrue(robot.trigger("cancel_swap").success());
      var response = RunningRobot.get(cancelled);
      refused(response, "cancel_swap");
      assertEquals(first, response.policyId());
      assertFalse(robot.trigger("cancel_swap").success(), "nothing is left to cancel");
    }
  }

  @Test
  void aBundleThatTakesTooMuchMemoryIsRefusedAndSoIsOneThatJavaCannotHold() throws Exception {
    Path large = save("large", OddBundles.large(700));
    Path pictures = save("pictures", OddBundles.ofPictures(16384));
    try (var robot = robot("lock_step:=true", "swap.memory_mb:=400")) {
      refused(robot.swap(large), "more than 400 MB", "swap.memory_mb");
      refused(robot.swap(pictures, "cameras"), "needs more than the", "-Xmx");
      assertTrue(robot.swap(left()).success());
    }
  }

  @Test
  void whatDiffersFromTheLivePolicyIsRefusedUnlessItIsNamed() throws Exception {
    List<String> words = List.of("insert", "the", "peg", "into", "blue", "green", "red", "slot");
    Path exchanged = save("exchanged", OddBundles.told(words));
    var crop = new BundleSpec.Crop(0.4, 0.4, 0.2, 0.2);
    var camera =
        new BundleSpec.Camera("camera", TestBundles.PIXELS, TestBundles.PIXELS, false, crop);
    BundleSpec cropped = TestBundles.spec(camera, PlanarArm.JOINTS, PlanarArm.SPACE, 0.1);
    Path cut = save("cut", TestBundles.bundle(cropped, -1, 0));
    try (var robot = robot("lock_step:=true")) {
      refused(robot.swap(exchanged), "language.words", "\"blue\"", "may_differ");
      refused(robot.swap(cut), "cameras.camera.crop", "0.2", "may_differ");
      refused(robot.swap(cut, "language"), "cameras.camera.crop");
      refused(robot.swap(cut, "cameras.camera.crops"), "which is no field", "cameras.camera.crop");
      assertTrue(robot.swap(cut, "cameras.camera.crop").success());
      assertTrue(robot.swap(exchanged, "language", "cameras").success());
    }
  }

  @Test
  void aPolicyIsProbedAtEachWordAndAtWhatTheCamerasSawLast() throws Exception {
    Path word = save("word", OddBundles.brokenAt("green", Float.MAX_VALUE));
    Path weight = save("weight", OddBundles.brokenAt("green", Float.NaN));
    double[] measured = PlanarArm.inverse(0.4, 0.43);
    int joint = IntStream.range(0, 3).filter(j -> measured[j] > 0.2).findFirst().orElseThrow();
    Path seen = save("seen", OddBundles.brokenAbove(joint, measured[joint] - 0.1));
    Path notSeen = save("not_seen", OddBundles.brokenAbove(joint, measured[joint] + 0.1));
    try (var robot = robot("lock_step:=true")) {
      refused(robot.swap(word), "the instruction 'green'", "NaN");
      refused(robot.swap(weight), "weight 'embedding' holds NaN");
      robot.arm.observe(TestArm.PERIOD_NANOS);
      Thread.sleep(500); // until it has come; nothing tells that it has
      refused(robot.swap(seen), "observation 1 of the last", "NaN");
      var fits = robot.swap(notSeen);
      assertTrue(fits.success(), fits.message());
    }
  }

  @Test
  void theLivePolicyAgainChangesNothingAndRollbacksGoAsDeepAsTheHistory() throws Exception {
    Path left = left();
    Path up = save("up", TestBundles.bundle(TestBundles.spec(), 0, 1));
    Path down = save("down", TestBundles.bundle(TestBundles.spec(), 0, -1));
    try (var robot = robot("lock_step:=true", "swap.history:=2")) {
      assertTrue(robot.swap(left).success());
      var again = robot.swap(left);
      assertTrue(again.success());
      assertEquals(again.policyId(), again.previousPolicyId());
      assertTrue(robot.swap(up).success());
      assertTrue(robot.swap(down).success());
      for (Path expected : List.of(up, left)) {
        long began = System.nanoTime();
        String told = robot.trigger("rollback_policy").message();
        assertTrue(System.nanoTime() - began < 1_000_000_000L, "a rollback is fast");
        assertTrue(told.contains(PolicyBundle.load(expected).id()), told);
      }
      assertFalse(robot.trigger("rollback_policy").success(), "the first one is too far back");
    }
  }

  @Test
  void eachStateIsToldInItsOrder() throws Exception {
    Path left = left();
    try (var robot = robot("lock_step:=true")) {
      assertTrue(robot.swap(left).success());
      String id = PolicyBundle.load(left).id();
      for (byte state :
          new byte[] {
            PolicyEvent.STAGED,
            PolicyEvent.VERIFIED,
            PolicyEvent.LOADED,
            PolicyEvent.PROBED,
            PolicyEvent.WAITING,
            PolicyEvent.LIVE
          }) {
        PolicyEvent event = TestArm.take(events, "event");
        assertEquals(state, event.state());
        assertEquals(id, event.policyId());
        assertEquals(left.toString(), event.bundle());
      }
      assertTrue(robot.trigger("rollback_policy").success());
      PolicyEvent back = TestArm.take(events, "event");
      assertEquals(PolicyEvent.ROLLED_BACK, back.state());
      assertEquals(PolicyBundle.load(folder.resolve("right")).id(), back.livePolicyId());
    }
  }

  @Test
  void aSwapThatWaitsForTheEndOfAChunkGoesLiveWhenTheArmIsHeld() throws Exception {
    BundleSpec slow = TestBundles.spec("camera", PlanarArm.JOINTS, PlanarArm.SPACE, 1);
    Path first = save("right", TestBundles.bundle(slow, 0.1, 0));
    Path next = save("left", TestBundles.bundle(slow, -0.1, 0));
    try (var robot = new RunningRobot(first, folder.resolve("rollouts"))) {
      robot.arm.node.createSubscription(
          PolicyEvent.TYPE, "robot/policy_event", Qos.transientLocal(20), events::add);
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(20);
      var handle = robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      var swap = robot.beginSwap(next);
      awaitState(PolicyEvent.WAITING);
      robot.arm.driver = s -> s.withHeader(new Header(new Time(1, 0), ""));
      assertTrue(RunningRobot.get(swap).success());
      robot.arm.awaitHold("joint state");
      robot.label("", Outcome.SUCCESS, 0);
      assertEquals(Outcome.SUCCESS, RunningRobot.end(handle).outcome().outcome(), "it still ran");
    }
  }

  @Test
  void whereKeysAreGivenABundleMustBeSignedByOneOfThem() throws Exception {
    Path keys = Files.createDirectory(folder.resolve("keys"));
    KeyPair known = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    KeyPair unknown = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    Files.writeString(
        keys.resolve("lab.pem"),
        "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
            .formatted(Base64.getEncoder().encodeToString(known.getPublic().getEncoded())));
    Path first = save("right", TestBundles.bundle(TestBundles.spec(), 1, 0));
    BundleSignature.sign(first, known.getPrivate());
    Path left = left();
    try (var robot =
        new RunningRobot(
            first,
            folder.resolve("rollouts"),
            "lock_step:=true",
            "swap.keys:=" + Parameter.quoted(keys))) {
      refused(robot.swap(left), "is not signed");
      BundleSignature.sign(left, unknown.getPrivate());
      refused(robot.swap(left), "signed by nobody whom this robot knows");
      BundleSignature.sign(left, known.getPrivate());
      var response = robot.swap(left);
      assertTrue(response.success(), response.message());
    }
  }
}
