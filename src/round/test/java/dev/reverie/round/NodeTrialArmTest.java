package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.reverie.ResetArm;
import dev.reverie.policy.BundleSignature;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rcljava.Client;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rollout.Episode;
import dev.reverie.testing.Prepared;
import java.io.BufferedReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Beside a real robot node and the simulated arm, whose scene this test puts back. */
@Prepared
class NodeTrialArmTest {
  private static final Path ROOT = Path.of(System.getProperty("reverie.root"));
  private static final Path BASE = ROOT.resolve("models/base");
  private static final Duration ANSWER = Duration.ofSeconds(30);

  @TempDir Path folder;

  /** Puts the scene back when a person is asked to. */
  private static final class Person extends PrintStream {
    private final Runnable puts;

    Person(Runnable puts) {
      super(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
      this.puts = puts;
    }

    @Override
    public void println(String line) {
      System.out.println(line);
      if (line.contains("put the scene as it was")) {
        puts.run();
      }
    }
  }

  private static NodeTrialArm.Request request(String node, String... mayDiffer) {
    return new NodeTrialArm.Request(
        node,
        "insert the peg into the red slot",
        Duration.ofSeconds(60),
        1,
        5,
        false,
        List.of(mayDiffer),
        Optional.of(Duration.ZERO),
        "test",
        Optional.empty());
  }

  @Test
  void twoPoliciesThatActAlikeEndAPairAlikeAndAStopEndsTheEpisode() throws Exception {
    PolicyBundle base = PolicyBundle.load(BASE);
    Path other = folder.resolve("other");
    BundleSpec.Lineage lineage = base.spec().lineage();
    base.withLineage(
            new BundleSpec.Lineage(
                base.id(), lineage.rollouts(), lineage.settings(), lineage.measured()))
        .save(other);
    try (var cell =
            ArmCell.start(
                SimulatedScene.task("insert"), Optional.of(BASE), folder.resolve("cell"));
        var context = Context.init(new String[0])) {
      Node node = context.createNode("person");
      Client<ResetArm.Request, ResetArm.Response> reset =
          node.createClient(ResetArm.TYPE, "simulated_arm/reset");
      var executor = new Executor(context);
      executor.add(node);
      Thread.ofPlatform().daemon().start(executor::spin);
      assertTrue(reset.waitForService(ANSWER));
      var person =
          new Person(
              () -> context.await("reset", reset.call(new ResetArm.Request().withSeed(7)), ANSWER));
      try (var arm = new NodeTrialArm(new Console(person, false), request("/robot"))) {
        EpisodeResult one = counted(arm, 1, new Recorder.Recorded(BASE, base.id()));
        EpisodeResult two =
            counted(arm, 2, new Recorder.Recorded(other, PolicyBundle.load(other).id()));
        assertTrue(one.reason().startsWith("simulated_arm: "), one.reason());
        assertEquals(one.success(), two.success());
        Episode first = Episode.read(one.bag());
        Episode second = Episode.read(two.bag());
        for (int t = 0; t < 8; t++) {
          assertArrayEquals(
              first.steps().get(t).action(), second.steps().get(t).action(), "step " + t);
        }
        assertNotEquals(one.episodeId(), two.episodeId());
        assertEquals(base.id(), first.policyId());
        assertEquals(PolicyBundle.load(other).id(), second.policyId());
        assertEquals(first.seed(), second.seed());

        assertStoppedWithOneLine(other);
        EpisodeResult _ = counted(arm, 3, new Recorder.Recorded(BASE, base.id())); // none runs

        Path cropped = cropped(base);
        var told = new Recorder.Recorded(cropped, PolicyBundle.load(cropped).id());
        assertTrue(message(() -> arm.run(3, 1, told)).contains("cameras.camera.crop"));
        try (var differing =
            new NodeTrialArm(new Console(person, false), request("/robot", "cameras"))) {
          EpisodeResult _ = counted(differing, 4, told);
        }

        Path gone = folder.resolve("gone");
        assertTrue(
            message(() -> arm.run(3, 1, new Recorder.Recorded(gone, "gone")))
                .contains(gone.toString()));
      }
      cell.requireAlive();
    }
  }

  /** The same policy that sees a little less of its camera. */
  private Path cropped(PolicyBundle base) throws Exception {
    Path bundle = folder.resolve("cropped");
    base.save(bundle);
    Path spec = bundle.resolve("bundle.json");
    Files.writeString(
        spec, Files.readString(spec).replaceFirst("\"width\" : 1.0", "\"width\" : 0.98"));
    String _ = BundleSignature.renew(bundle);
    return bundle;
  }

  /** The scene is not put back this time, so that the episode goes on until somebody ends it. */
  private void assertStoppedWithOneLine(Path other) throws Exception {
    Process evaluate =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "@" + ROOT.resolve("setup/java/round.args"),
                "-cp",
                System.getProperty("java.class.path"),
                RoundCommand.class.getName(),
                "evaluate",
                BASE.toString(),
                other.toString(),
                "--node=/robot",
                "--instruction=insert the peg into the red slot",
                "--time-limit=600",
                "--pause=0",
                "--out=" + folder.resolve("stopped"))
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    try (BufferedReader lines = evaluate.inputReader()) {
      StopTest.awaitLine(lines, "   it runs");
      assertTrue(evaluate.toHandle().destroy(), "SIGTERM, as SIGINT"); // which Maven may ignore
      String rest = lines.lines().collect(Collectors.joining("\n"));
      assertTrue(evaluate.waitFor(ANSWER.toSeconds(), TimeUnit.SECONDS), rest);
      assertEquals("reverie: stopped before the end; the same command goes on", rest);
      assertEquals(1, evaluate.exitValue());
    } finally {
      evaluate.destroyForcibly();
    }
  }

  /** An episode that a busy machine aborted is run again, as a comparison does. */
  private static EpisodeResult counted(TrialArm arm, int trial, Recorder.Recorded policy) {
    TrialArm.Attempt attempt = arm.run(trial, 0, policy);
    for (int i = 0; i < 2 && attempt instanceof TrialArm.LeftOut; i++) {
      attempt = arm.run(trial, 0, policy);
    }
    return assertInstanceOf(TrialArm.Counted.class, attempt).episode();
  }

  @Test
  void whatIsNotThereOrIsNoNameIsRefused() {
    var console = new Console(new PrintStream(OutputStream.nullOutputStream()), false);
    String said = message(() -> new NodeTrialArm(console, request("/nobody")));
    assertTrue(said.contains("no robot node /nobody answers"), said);
    said = message(() -> new NodeTrialArm(console, request("two words")));
    assertTrue(said.contains("'two words'"), said);
  }

  private static String message(Runnable refused) {
    return String.valueOf(assertThrows(RuntimeException.class, refused::run).getMessage());
  }
}
