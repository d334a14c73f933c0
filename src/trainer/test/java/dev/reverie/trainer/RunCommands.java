package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.Bags;
import dev.reverie.trainer.data.Examples;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import picocli.CommandLine;

/** Runs the trainer's commands on a test's folder, for which {@code D/} stands in them. */
record RunCommands(Path folder) {
  /** Writes a folder of example episodes, of which half succeed. */
  void write(String name, String prefix, int episodes, String policy) {
    Bags.write(
        folder.resolve(name),
        Examples.episodes(prefix, episodes, policy),
        TrainCommandTest.JOINTS,
        4);
  }

  /** Loads a bundle of the folder. */
  PolicyBundle bundle(String name) {
    return PolicyBundle.load(folder.resolve(name));
  }

  /**
   * Runs a command line to its end.
   *
   * @return what it says on standard error
   */
  String run(int status, String line) {
    StringWriter errors = new StringWriter();
    CommandLine command = TrainCommand.commandLine();
    command.setErr(new PrintWriter(errors, true));
    assertEquals(
        status, command.execute(line.replace("D/", folder + "/").split(" ", -1)), errors::toString);
    return errors.toString();
  }

  /** Runs a command line that is refused with all of these words. */
  void refused(String line, String... why) {
    String said = run(1, line);
    for (String each : why) {
      assertTrue(said.contains(each), said);
    }
  }
}
