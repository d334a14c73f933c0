package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.reverie.PolicyEvent;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.reverie.SwapPolicy;
import dev.reverie.rcljava.Parameter;
import dev.reverie.rcljava.Qos;
import dev.reverie.testing.Prepared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The node as a process that gets SIGTERM while ONNX Runtime prepares a policy. */
@Prepared
class EndWhileLoadingTest {
  /** Time within which a node ends that waits for a session for some time first. */
  private static final long END_S = 12;

  private static int count;

  @TempDir Path folder;

  private final BlockingQueue<PolicyEvent> events = new LinkedBlockingQueue<>();
  private Path slow;
  private Path quick;

  @BeforeEach
  void bundles() {
    slow = folder.resolve("slow");
    OddBundles.slow(12_000, 8).save(slow);
    quick = folder.resolve("quick");
    TestBundles.bundle(TestBundles.spec(), 1, 0).save(quick);
  }

  private Process start(String namespace, Path bundle) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            RobotCommand.class.getName(),
            "--ros-args",
            "-r",
            "__ns:=" + namespace,
            "-p",
            "bundle:=" + Parameter.quoted(bundle),
            "-p",
            "lock_step:=true",
            "-p",
            "rollouts_dir:=" + Parameter.quoted(folder.resolve("rollouts")))
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  private static String namespace() {
    return "/end_%d_%d".formatted(ProcessHandle.current().pid(), count++);
  }

  private void endsWell(Process node) throws Exception {
    node.destroy(); // SIGTERM
    assertTrue(node.waitFor(END_S, TimeUnit.SECONDS), "it ends");
    String log = Files.readString(folder.resolve("log"));
    assertEquals(0, node.exitValue(), log);
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> crashes = files.filter(file -> file.toString().contains("hs_err")).toList();
      assertEquals(List.of(), crashes, log);
    }
  }

  @Test
  void theFirstPolicyMayBeAnywhereOnItsWay() throws Exception {
    for (int afterMs : new int[] {1500, 2500, 3500, 4500, 6000, 8000}) {
      Process node = start(namespace(), slow);
      Thread.sleep(afterMs); // wherever it is by then is what is tried
      endsWell(node);
    }
  }

  @Test
  void soMayOneThatIsSwappedIn() throws Exception {
    for (int afterMs : new int[] {0, 700, 2000}) {
      String namespace = namespace();
      Process node = start(namespace, quick);
      try (var arm = new TestArm(namespace);
          var swap = arm.node.createClient(SwapPolicy.TYPE, "robot/swap_policy")) {
        arm.node.createSubscription(
            PolicyEvent.TYPE, "robot/policy_event", Qos.transientLocal(20), events::add);
        assertTrue(swap.waitForService(Duration.ofSeconds(30)), "the node is there");
        while (!TestArm.take(arm.statuses, "status").state().equals(Status.ACTIVE)) {
          // it is about to be activated
        }
        var _ = swap.call(new SwapPolicy.Request().withBundle(slow.toString()));
        if (afterMs > 0) {
          while (TestArm.take(events, "event").state() != PolicyEvent.VERIFIED) {
            // those before it
          }
        }
        Thread.sleep(afterMs); // wherever it is by then is what is tried
        endsWell(node);
      }
    }
  }

  @Test
  void soMayOneThatIsTakenIntoTheNodeItself() throws Exception {
    Path brief = folder.resolve("brief");
    OddBundles.slow(4, 1500).save(brief);
    String namespace = namespace();
    Process node = start(namespace, quick);
    try (var arm = new TestArm(namespace);
        var swap = arm.node.createClient(SwapPolicy.TYPE, "robot/swap_policy")) {
      arm.node.createSubscription(
          PolicyEvent.TYPE, "robot/policy_event", Qos.transientLocal(20), events::add);
      assertTrue(swap.waitForService(Duration.ofSeconds(30)), "the node is there");
      while (!TestArm.take(arm.statuses, "status").state().equals(Status.ACTIVE)) {
        // it is about to be activated
      }
      var _ = swap.call(new SwapPolicy.Request().withBundle(brief.toString()));
      while (TestArm.take(events, "event").state() != PolicyEvent.PROBED) {
        // those before it
      }
      endsWell(node);
    }
  }
}
