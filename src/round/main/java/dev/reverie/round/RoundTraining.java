package dev.reverie.round;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.policy.JsonWords;
import dev.reverie.report.ReverieProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * The trainer's commands on the folder of a round, each in a process of its own.
 *
 * @param out folder of the round
 * @param cache of decoded episodes; rounds may share it
 * @param seed of all that is drawn
 * @param settings of the trainer
 */
record RoundTraining(
    Path out, Path cache, long seed, TrainerSettings settings, Console console, Waiting waiting) {
  /**
   * Folder that a round leaves for the next one: base policy, auto-encoder, world model, as in
   * models/.
   */
  static final String NEXT = "next";

  /**
   * The file of what the world model has learned from, and what judges it: no later round changes
   * that.
   */
  private static final String SPLIT = "split.json";

  /** The file that a world model that is shown where the arm is needs to draw it. */
  private static final String SILHOUETTE = "silhouette.json";

  /** Waits for work that another process does. */
  @FunctionalInterface
  interface Waiting {
    void await(String what, CompletableFuture<Void> work);
  }

  /** The folder of the run, where a stopped one goes on. */
  Path work() {
    return out.resolve("training");
  }

  /** The better policy, once it is there. */
  Path improved() {
    return out.resolve("bundles").resolve("improved");
  }

  /** Returns what the training tells of itself, once it has ended. */
  Path result() {
    return work().resolve("improve.json");
  }

  /** Tells whether the better policy is there with all that is told of it. */
  boolean ended() {
    return Files.exists(result()) && Files.exists(improved());
  }

  /**
   * The auto-encoder and the world model that the round begins with: those that the one before
   * left. Where an earlier version left them, nothing tells what that world model has learned from,
   * and so what may judge it: then the first ones, whose world model is aligned anew on all
   * recordings of the run; a training that such a version began with them goes on with them.
   *
   * @param left folder that the round before has left
   * @param first folder of the run's first ones
   */
  Path beginning(Path left, Path first) {
    if (Files.exists(left.resolve(SPLIT)) || begunByAnEarlierVersion()) {
      return left;
    }
    console.line(
        "   an earlier version left %s, without the %s that tells which recordings its world model has learned from: no audit of it could be believed. So this round aligns that of %s anew on all recordings of the run"
            .formatted(left, SPLIT, first));
    return first;
  }

  private boolean begunByAnEarlierVersion() {
    Path split = work().resolve(SPLIT);
    return Files.exists(split)
        ? read(split).path("bySeed").asBoolean()
        : Files.isDirectory(work()) && hasStages();
  }

  private boolean hasStages() {
    try (Stream<Path> files = Files.list(work())) {
      return files.anyMatch(file -> file.toString().endsWith(".safetensors"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + work(), e);
    }
  }

  /** Trains base policy, auto-encoder and world model on demonstrations. */
  Path pretrain(Path demonstrations) {
    Path made = out.resolve("models");
    List<Object> command = new ArrayList<>(List.of("pretrain", "--out", made));
    command.addAll(commonOptions(demonstrations));
    try (ReverieProcess process = start(command)) {
      waiting.await("end of the pretraining", process.ended());
      process.requireSuccess();
    }
    return made;
  }

  /**
   * Starts the training of the round on its {@code demonstrations} and {@code rollouts}.
   *
   * @param from folder of auto-encoder and world model
   */
  ReverieProcess improve(Path from, Path base) {
    List<Object> command = new ArrayList<>(List.of("train", "improve"));
    command.addAll(List.of("--rollouts", out.resolve("rollouts"), "--base", base));
    command.addAll(List.of("--models", from, "--work", work(), "--out", improved()));
    command.addAll(commonOptions(out.resolve("demonstrations")));
    return start(command);
  }

  /** Starts practice on the arm, which asks for rollouts below {@link #asked}. */
  ReverieProcess onlineGrpo(Path base) {
    List<Object> command = new ArrayList<>(List.of("train", "online-grpo", "--base", base));
    command.addAll(List.of("--work", work(), "--out", improved()));
    command.addAll(options());
    return start(command);
  }

  /** The folder in which practice on the arm asks for its n-th rollouts. */
  Path asked(int n) {
    return work().resolve("arm").resolve(String.format(Locale.ROOT, "%04d", n));
  }

  /**
   * Holds imagination against the episodes of an evaluation, whose scenes nothing learned from.
   *
   * @param policy {@code base} or {@code improved}
   */
  RoundAudit audit(Path from, Path bundle, String policy) {
    Path file = work().resolve("audit_%s.json".formatted(policy));
    List<Object> command = new ArrayList<>(List.of("train", "audit"));
    command.addAll(List.of("--bags", out.resolve("evaluation").resolve(policy)));
    command.addAll(List.of("--bundle", bundle, "--models", from));
    command.addAll(List.of("--work", work(), "--out", file));
    command.addAll(List.of("--cache", cache, "--seed", seed));
    try (ReverieProcess process = start(command)) {
      waiting.await("end of the audit", process.ended());
      if (!process.endedWith(RoundAudit.DISTRUSTED)) {
        process.requireSuccess();
      }
    }
    return RoundAudit.of(read(file));
  }

  /** Leaves what the next round begins with: it appears whole or not at all. */
  void leaveForNext(Path from, Path better) {
    Path made = out.resolve("." + NEXT);
    Folders.delete(made);
    Folders.copy(better, made.resolve("base"));
    copy(from, made, "vae");
    copy(work(), made, "world_model");
    copyIfThere(work().resolve(SPLIT), made);
    copyIfThere(from.resolve(SILHOUETTE), made);
    Folders.force(made);
    Folders.replace(made, out.resolve(NEXT));
  }

  /** Copies a network's weights, and its graph where that is the user's own. */
  private static void copy(Path from, Path into, String stage) {
    String weights = stage + ".safetensors";
    Folders.copy(from.resolve(weights), into.resolve(weights));
    copyIfThere(from.resolve(stage + ".onnx"), into);
  }

  private static void copyIfThere(Path file, Path into) {
    if (Files.exists(file)) {
      Folders.copy(file, into.resolve(file.getFileName()));
    }
  }

  /** Pretraining and practice see the same demonstrations, which are decoded once. */
  private List<Object> commonOptions(Path demonstrations) {
    List<Object> options = new ArrayList<>(List.of("--demonstrations", demonstrations));
    options.addAll(options());
    return options;
  }

  private List<Object> options() {
    List<Object> options = new ArrayList<>(List.of("--cache", cache, "--seed", seed));
    options.addAll(settings.options());
    return options;
  }

  private ReverieProcess start(List<?> command) {
    return ReverieProcess.followed(
        out.resolve("logs").resolve("trainer.log"),
        command.stream().map(String::valueOf).toList(),
        new StageLines(System::nanoTime, console::line));
  }

  /** Refuses settings that the trainer would refuse. */
  static void requireSettings(List<String> options, Path log) {
    List<String> command = new ArrayList<>(List.of("train", "settings"));
    command.addAll(options);
    try (ReverieProcess process = ReverieProcess.logged(log, Map.of(), command)) {
      process.join();
    }
  }

  static JsonNode read(Path file) {
    try {
      return RoundSummary.JSON.readTree(file.toFile());
    } catch (JsonProcessingException e) {
      throw new RoundException("%s is not JSON: %s".formatted(file, JsonWords.reason(e)), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
