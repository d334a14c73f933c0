package dev.reverie.round;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.report.ReverieProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Practice on the simulated arm: the trainer leaves a policy and asks for groups of rollouts, and
 * the arm gives them, until the trainer ends.
 */
record OnlineGrpo(RoundTraining training, ArmCell cell, EpisodeBatch batch) {
  private static final long POLL_MILLIS = 50;

  /**
   * Practises from a policy on.
   *
   * @return successes among all rollouts of the run
   */
  Success run(Path base) {
    try (ReverieProcess trainer = training.onlineGrpo(base)) {
      for (int n = 0; isAsked(n, trainer); n++) {
        JsonNode asked = RoundTraining.read(request(n));
        int groups = asked.path("groups").asInt();
        cell.swap(training.asked(n).resolve("policy"));
        batch.groups(
            n * groups,
            groups,
            asked.path("groupSize").asInt(),
            asked.path("temperature").floatValue(),
            training.asked(n).resolve("rollouts"));
      }
      trainer.requireSuccess();
    }
    List<Boolean> outcomes = Recorder.outcomes(training.work().resolve("arm"));
    return Success.of(outcomes);
  }

  private Path request(int n) {
    return training.asked(n).resolve("request.json");
  }

  /** Waits for the n-th request, or for the trainer's end. */
  private boolean isAsked(int n, ReverieProcess trainer) {
    while (!Files.exists(request(n))) {
      if (trainer.ended().isDone()) {
        return Files.exists(request(n));
      }
      cell.requireAlive();
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RoundException("stopped before the end", e);
      }
    }
    return true;
  }
}
