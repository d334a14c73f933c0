package dev.reverie.robot;

import dev.reverie.robot.EpisodeRun.Request;
import dev.reverie.robot.HoldReason.Kind;
import java.util.Optional;
import java.util.function.Supplier;

/** Decides whether an episode may begin. For the control thread. */
final class Admission {
  private final Supplier<LivePolicy> policy;
  private String stopped = "";
  private String suspended = "";

  /**
   * Creates an admission under which nothing is stopped or suspended.
   *
   * @param policy the one that is live
   */
  Admission(Supplier<LivePolicy> policy) {
    this.policy = policy;
  }

  /** Lets no episode begin until {@link #resetStop}, for a person stopped the arm. */
  void stop(String reason) {
    stopped = reason;
  }

  void resetStop() {
    stopped = "";
  }

  /** Lets no episode begin until {@link #admit}, for the node does not act. */
  void suspend(String reason) {
    suspended = reason;
  }

  void admit() {
    suspended = "";
  }

  boolean isStopped() {
    return !stopped.isEmpty();
  }

  /** Returns why the node does not act; empty where it does. */
  Optional<HoldReason> suspended() {
    return suspended.isEmpty()
        ? Optional.empty()
        : Optional.of(HoldReason.of(Kind.INACTIVE, suspended));
  }

  /** Returns why the arm is stopped; empty where it is not. */
  Optional<HoldReason> stopped() {
    return stopped.isEmpty()
        ? Optional.empty()
        : Optional.of(HoldReason.of(Kind.STOPPED, "stopped: " + stopped));
  }

  /**
   * Returns why an episode may not begin; empty where it may.
   *
   * @param running the episode that runs
   */
  Optional<String> refusal(Request request, Optional<EpisodeRun> running) {
    if (!stopped.isEmpty()) {
      return Optional.of("the arm was stopped (" + stopped + "); call ~/reset_stop first");
    }
    if (!suspended.isEmpty()) {
      return Optional.of(suspended);
    }
    if (running.isPresent()) {
      return Optional.of("episode " + running.get().id() + " runs; cancel it, or wait for its end");
    }
    if (!(request.temperature() >= 0) || Float.isInfinite(request.temperature())) {
      return Optional.of(
          "temperature is " + request.temperature() + "; give 0 (greedy) or a positive number");
    }
    if (request.limitNanos() < 0) {
      return Optional.of("time_limit is negative; give 0 for none");
    }
    return request.teleop() ? Optional.empty() : unknownWord(request.instruction());
  }

  private Optional<String> unknownWord(String instruction) {
    try {
      policy.get().tokenizer().encode(instruction);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
