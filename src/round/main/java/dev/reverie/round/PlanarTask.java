package dev.reverie.round;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.report.ReverieProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A task of the planar arm, as the simulated arm tells it.
 *
 * @param name on the command line
 * @param instructions all that it takes
 * @param policy what a policy for it sees and moves, in the words of {@code bundle.json}
 */
record PlanarTask(String name, List<String> instructions, JsonNode policy) {
  /**
   * Asks the simulated arm.
   *
   * @param out gets what it tells of all tasks, and its log
   * @throws RoundException where there is no such task
   */
  static PlanarTask named(String name, Path out) {
    Path told = out.resolve("tasks.json");
    List<String> command = List.of("simulated-arm", "tasks", "--out", told.toString());
    try (ReverieProcess process =
        ReverieProcess.logged(out.resolve("logs/simulated_arm.log"), Map.of(), command)) {
      process.join();
    }
    List<String> names = new ArrayList<>();
    for (JsonNode task : RoundTraining.read(told)) {
      names.add(task.path("name").asText());
      if (names.getLast().equals(name)) {
        List<String> instructions = new ArrayList<>();
        task.path("instructions").forEach(text -> instructions.add(text.asText()));
        return new PlanarTask(name, instructions, task.path("policy"));
      }
    }
    throw new RoundException("--task is '%s'; there are %s".formatted(name, names));
  }

  /**
   * The policy that a node begins with to record demonstrations of a task: one of random weights;
   * empty where an arm file says what is recorded.
   *
   * @param out gets the policy, and logs
   */
  static Optional<Path> first(SimulatedScene scene, String name, Path out) {
    return scene.arm().isPresent()
        ? Optional.empty()
        : Optional.of(named(name, out).untrained(out));
  }

  /**
   * Makes a policy of random weights, so that the node knows what it is to record.
   *
   * @param out gets it, and the trainer's log
   */
  Path untrained(Path out) {
    Path bundle = out.resolve("bundles").resolve("untrained");
    Path file = out.resolve("policy.json");
    try {
      Files.writeString(file, policy.toString());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
    List<String> command =
        new ArrayList<>(List.of("train", "untrained", "--task", file.toString()));
    command.addAll(List.of("--out", bundle.toString()));
    instructions.forEach(text -> command.addAll(List.of("--instruction", text)));
    try (ReverieProcess process =
        ReverieProcess.logged(out.resolve("logs/trainer.log"), Map.of(), command)) {
      process.join();
    }
    return bundle;
  }
}
