package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.Bags;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.nn.LibtorchTest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Whole rounds of policies with other heads than tokens, one of them by adapters alone. */
class HeadRoundTest extends LibtorchTest {
  private final Path folder;

  HeadRoundTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"regression\", \"noise\": [0.3, 0.3]|4",
        "\"flow\", \"steps\": 3, \"sampler\": \"ode\", \"noise\": 0.7|0",
      })
  void aPolicyOfAnyHeadIsPretrainedAndImproved(String head, int rank) throws IOException {
    Path task =
        Files.writeString(
            folder.resolve("task.json"),
            TrainCommandTest.TASK.replace("\"tokens\", \"bins\": 5", head));
    Path settings =
        Files.writeString(
            folder.resolve("settings.json"),
            TrainCommandTest.LONGER.replaceFirst(
                "\\{", "{\"policy\": {\"adapterRank\": " + rank + "}, "));
    Bags.write(
        folder.resolve("demonstrations"), Examples.episodes("d", 6), TrainCommandTest.JOINTS, 4);
    run(
        "pretrain --demonstrations D/demonstrations --out D/models --seed 3 --task %s",
        task, settings);
    PolicyBundle base = PolicyBundle.load(folder.resolve("models/base"));
    Bags.write(
        folder.resolve("rollouts"),
        Examples.episodes("r", 8, base.id()),
        TrainCommandTest.JOINTS,
        4);
    String given =
        "train %s --rollouts D/rollouts --demonstrations D/demonstrations --base D/models/base"
            + " --models D/models --work D/%s --out D/%s-out --seed 3";
    for (String stage : new String[] {"improve", "dpo", "clone-by-advantage"}) {
      run(given.formatted(stage, stage, stage), task, settings);
      PolicyBundle better = PolicyBundle.load(folder.resolve(stage + "-out"));
      assertEquals(base.spec().head(), better.spec().head());
      assertEquals(base.weights().keySet(), better.weights().keySet());
      assertNotEquals(base.id(), better.id());
    }
  }

  private void run(String command, Path task, Path settings) {
    var errors = new StringWriter();
    String[] arguments =
        (command + " --settings " + settings)
            .replace("%s", task.toString())
            .replace("D/", folder + "/")
            .split(" ");
    CommandLine line = TrainCommand.commandLine().setErr(new PrintWriter(errors));
    int status = line.execute(arguments);
    assertTrue(status == 0, errors.toString());
  }
}
