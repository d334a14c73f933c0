package dev.reverie.round;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.report.ReverieProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Says by the reward classifier of a round how an episode went, in the trainer's process.
 *
 * @param bundle a policy that acts, for what its cameras see
 * @param models as {@code pretrain} leaves them
 * @param work folder of a round that has ended
 * @param out folder of what it writes
 */
record EpisodeJudge(Path bundle, Path models, Path work, Path out) {
  static final String LABELLER = "reward_classifier";

  /** The outcome of the episode in a bag that is complete. */
  Outcome judge(Path bag) {
    Path list = out.resolve("judged.txt");
    Path judged = out.resolve("judged.json");
    try {
      Files.writeString(list, bag + "\n");
      var command =
          List.of(
              "train",
              "judge",
              "--bundle",
              bundle.toString(),
              "--models",
              models.toString(),
              "--work",
              work.toString(),
              "--cache",
              out.resolve("cache").toString(),
              "--bags",
              list.toString(),
              "--out",
              judged.toString());
      try (var process = ReverieProcess.unprepared(command)) { // who evaluates may have no trainer
        process.join();
      }
      JsonNode said = RoundSummary.JSON.readTree(judged.toFile());
      JsonNode episode = said.at("/episodes/0");
      String reason =
          String.format(
              Locale.ROOT,
              "probability %.3f, threshold %.3f",
              episode.path("probability").asDouble(),
              said.path("threshold").asDouble());
      boolean success = episode.path("success").asBoolean();
      return new Outcome(
          new Header(), success ? Outcome.SUCCESS : Outcome.FAILURE, LABELLER, reason);
    } catch (IOException e) {
      throw new UncheckedIOException("the reward classifier did not judge " + bag, e);
    }
  }
}
