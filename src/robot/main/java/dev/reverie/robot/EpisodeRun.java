package dev.reverie.robot;

import dev.reverie.msgs.reverie.Outcome;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** An episode while it runs. For the control thread. */
final class EpisodeRun {

  /**
   * What was asked for.
   *
   * @param instruction in words
   * @param teleop whether a person acts, not the policy
   * @param temperature of the tokens; 0: greedy
   * @param seed of the tokens drawn
   * @param limitNanos in the clock of the observations; 0: none
   */
  record Request(
      String instruction, boolean teleop, float temperature, long seed, long limitNanos) {
    Request withInstruction(String value) {
      return new Request(value, teleop, temperature, seed, limitNanos);
    }
  }

  /**
   * How it ended.
   *
   * @param bag folder of the rollout; empty if nothing was recorded
   * @param ticks commands sent
   */
  record Ended(String id, Outcome outcome, Optional<Path> bag, int ticks) {}

  /** Who waits for the episode. */
  interface Client {
    /** After each chunk. */
    default void progress(String id, int ticks, long stampNanos) {}

    void ended(Ended ended);
  }

  final String id;
  final Request request;
  final Client client;
  final RandomGenerator random;

  /** Whether the first observation has come and the bag is open. */
  boolean open;

  long firstStampNanos;

  /** Of the control period that runs, from 0. */
  long tick;

  /** Commands that answered an observation. */
  int commands;

  int chunks;

  /** Why the arm holds still; empty while it moves. */
  Optional<HoldReason> heldFor = Optional.empty();

  /** Who moves the arm instead of the policy; empty where nobody does. */
  String person = "";

  /** {@link System#nanoTime} when the policy or a person last moved the arm, or it began. */
  long aliveNanos;

  EpisodeRun(String id, Request request, Client client, long nowNanos) {
    this.id = id;
    this.request = request;
    this.client = client;
    random = new SplittableRandom(request.seed());
    aliveNanos = nowNanos;
  }
}
