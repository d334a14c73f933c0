package dev.reverie.trainer;

import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reverie train play}: somebody steers the arm in a round's imagination. */
@Command(
    name = "play",
    description =
        "Steps inside the world model of a round, for a program that asks for them in lines of"
            + " JSON; the console's Play is one.",
    footer = {
      "",
      "A line of standard input asks, a line of standard output answers, with pictures in base64:",
      "  {\"do\": \"start\", \"bag\": \"FOLDER\", \"frame\": 0}   from a recorded frame",
      "  {\"do\": \"act\", \"actions\": [[0.5, 0]]}           one action or more, each in [-1, 1]",
      "  {\"do\": \"policy\"}                               one chunk by the policy",
      "What cannot be done is answered by {\"refused\": \"WHY\"}. The end of the input ends it."
    },
    mixinStandardHelpOptions = true)
final class PlayCommand implements Callable<Integer> {
  @Mixin private RunOptions.Common common = new RunOptions.Common();

  @Option(
      names = "--work",
      required = true,
      paramLabel = "DIR",
      description = "Folder of a round that has ended.")
  private Path work;

  @Option(
      names = "--bundle",
      paramLabel = "BUNDLE",
      description = "The policy that may act (default: the better one of the round).")
  private @Nullable Path bundle;

  @Option(
      names = "--models",
      paramLabel = "DIR",
      description =
          "Auto-encoder and world model, as pretrain leaves them (default: those of the round).")
  private @Nullable Path models;

  @Override
  public Integer call() {
    PrintStream answers = System.out;
    System.setOut(System.err); // what readers of bags say of their progress is no answer
    try {
      return common.run(common.settings(), () -> play(answers));
    } finally {
      System.setOut(answers);
    }
  }

  private void play(PrintStream answers) {
    PlayFolders folders = PlayFolders.of(work, bundle, models);
    RoundWorld world =
        RoundWorld.open(folders.bundle(), folders.models(), work, common.seed(), TrainCommand.STOP);
    try (var player = new Player(world, folders.models(), common.cache(work))) {
      new PlayLines(player, TrainCommand.STOP)
          .answer(new InputStreamReader(System.in, StandardCharsets.UTF_8), answers);
    }
  }
}
