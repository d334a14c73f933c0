package dev.reverie.console;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.robot.RunningRobot;
import dev.reverie.robot.TestBundles;
import dev.reverie.testing.Commands;
import dev.reverie.testing.Prepared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Chromium drives the page beside a real robot node, by Playwright and axe of the versions in
 * test/browser/package-lock.json. The pictures that it takes are left in target/browser.
 */
@Prepared
class BrowserTest {
  private static final Path MODULE = Path.of(System.getProperty("reverie.root"), "src/console");
  private static final Path WORK = MODULE.resolve("target/browser");

  @TempDir Path folder;

  /** Skips the test where there is no browser. */
  private static void prepare() throws Exception {
    for (String program : List.of("/usr/bin/chromium", "/usr/bin/node", "/usr/bin/npm")) {
      assumeTrue(
          Files.isExecutable(Path.of(program)),
          program + " is not there; apt-get install chromium nodejs npm (Node.js 20 or newer)");
    }
    Files.createDirectories(WORK);
    for (String file :
        List.of(
            "package.json",
            "package-lock.json",
            "browser.mjs",
            "live.mjs",
            "rollouts.mjs",
            "policies.mjs",
            "rounds.mjs",
            "play.mjs")) {
      Files.write(WORK.resolve(file), Files.readAllBytes(MODULE.resolve("test/browser/" + file)));
    }
    if (!Files.isDirectory(WORK.resolve("node_modules/playwright-core"))) {
      Commands.run(
          120,
          List.of(
              "npm",
              "ci",
              "--ignore-scripts",
              "--no-audit",
              "--no-fund",
              "--prefix",
              WORK.toString()));
    }
  }

  @Test
  void thePageIsDrivenByTheKeyboardInEverySizeAndTheme() throws Exception {
    prepare();
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
    try (var robot =
            new RunningRobot(
                bundle, folder.resolve("rollouts"), LiveTest.handEye(folder), "shadow:=always");
        var console = new TestConsole(robot.arm.node.namespace() + "/robot")) {
      robot.arm.camera = image -> image.withHeader(image.header().withFrameId(LiveTest.FRAME));
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(20);
      drive(
          "live.mjs",
          console.console.url(),
          TestConsole.TOKENS.operator(),
          TestConsole.TOKENS.viewer(),
          RunningRobot.goal().instruction());
    }
  }

  @Test
  void policiesAreSwappedByTheKeyboardInEverySizeAndTheme() throws Exception {
    prepare();
    ReplaysTest.assumeBuilt();
    Path policies = folder.resolve("policies");
    PoliciesTest.Family family = PoliciesTest.Family.make(policies);
    try (var robot =
            new RunningRobot(family.base(), folder.resolve("rollouts"), PoliciesTest.PATIENT);
        var console =
            new TestConsole(
                robot.arm.node.namespace() + "/robot",
                Optional.of(folder.resolve("rollouts")),
                List.of(policies),
                folder.resolve("no-rounds-yet"))) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(20);
      try (Browser ada = console.operator("Ada")) {
        ReplaysTest.record(ada, 1);
      }
      drive(
          "policies.mjs",
          console.console.url(),
          TestConsole.TOKENS.operator(),
          TestConsole.TOKENS.viewer());
    }
  }

  @Test
  void roundsAreLookedAtByTheKeyboardInEverySizeAndTheme() throws Exception {
    prepare();
    RunsTest.make(folder);
    try (var console = new TestConsole("/nobody", List.of(), folder)) {
      drive("rounds.mjs", console.console.url(), TestConsole.TOKENS.viewer(), folder.toString());
    }
  }

  @Test
  void anArmIsSteeredInImaginationByTheKeyboardInEverySizeAndTheme() throws Exception {
    prepare();
    Path rounds = TinyRound.rounds();
    Path rollouts = rounds.resolve("tiny/rollouts");
    try (var console =
        new TestConsole("/nobody", Optional.of(rollouts), List.of(), rounds, Play.IDLE)) {
      drive(
          "play.mjs",
          console.console.url(),
          TestConsole.TOKENS.operator(),
          TestConsole.TOKENS.viewer());
    }
  }

  @Test
  void aRecordedEpisodeIsPlayedByTheKeyboard() throws Exception {
    prepare();
    Path rollouts = folder.resolve("rollouts");
    for (int i = 0; i < 3; i++) {
      FilmTest.record(
          rollouts,
          "20261130T10000000%d-0001".formatted(i),
          "<img src=x onerror=document.title='run'>");
    }
    try (var console = new TestConsole(rollouts)) {
      drive(
          "rollouts.mjs",
          console.console.url(),
          TestConsole.TOKENS.operator(),
          rollouts.toString());
    }
  }

  /** Runs a script of test/browser, the last argument of which is where its pictures go. */
  private static void drive(String script, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("node", WORK.resolve(script).toString()));
    command.addAll(List.of(arguments));
    command.add(WORK.toString());
    List<String> said = Commands.run(1800, command);
    assertTrue(said.contains("all views were driven"), String.join("\n", said));
  }
}
