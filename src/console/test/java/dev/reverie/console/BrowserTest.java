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
import java.util.List;
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
    for (String file : List.of("package.json", "package-lock.json", "browser.mjs", "live.mjs")) {
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
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"));
        var console = new TestConsole(robot.arm.node.namespace() + "/robot")) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(20);
      List<String> said =
          Commands.run(
              300,
              List.of(
                  "node",
                  WORK.resolve("live.mjs").toString(),
                  console.console.url(),
                  TestConsole.TOKENS.operator(),
                  TestConsole.TOKENS.viewer(),
                  RunningRobot.goal().instruction(),
                  WORK.toString()));
      assertTrue(said.contains("all views were driven"), String.join("\n", said));
    }
  }
}
