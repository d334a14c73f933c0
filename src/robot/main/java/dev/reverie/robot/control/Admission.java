package dev.reverie.robot.control;

import dev.reverie.robot.control.EpisodeRun.Request;
import dev.reverie.robot.sense.HoldReason;
import dev.reverie.robot.sense.HoldReason.Kind;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.robot.swap.LivePolicy;
import java.util.Optional;
import java.util.function.Supplier;

/** Decides whether an episode may begin. For the control thread. */
public final class Admission {
  private static final String NO_INSTRUCTION =
      "there is no instruction; say what is to be done, in the goal, on ~/instruction or by the"
          + " parameter 'instruction'";

  private final Supplier<Optional<LivePolicy>> policy;
  private String stopped = "";
  private String suspended = "";

  /**
   * Creates an admission under which nothing is stopped or suspended.
   *
   * @param policy the one that is live; empty where there is none
   */
  Admission(Supplier<Optional<LivePolicy>> policy) {
    this.policy = policy;
  }

  /** Lets no episode begin until {@link #resetStop}, for a person stopped the arm. */
  void stop(String reason) {
    stopped = reason;
  }

  public void resetStop() {
    stopped = "";
  }

  /** Lets no episode begin until {@link #admit}, for the node does not act. */
  void suspend(String reason) {
    suspended = reason;
  }

  public void admit() {
    suspended = "";
  }

  public boolean isStopped() {
    return !stopped.isEmpty();
  }

  /** Returns why the node does not act; empty where it does. */
  public Optional<HoldReason> suspended() {
    return suspended.isEmpty()
        ? Optional.empty()
        : Optional.of(HoldReason.of(Kind.INACTIVE, suspended));
  }

  /** Returns why the arm is stopped; empty where it is not. */
  public Optional<HoldReason> stopped() {
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
    if (request.instruction().isBlank()) {
      return Optional.of(NO_INSTRUCTION);
    }
    Optional<String> tooLong = RobotParameters.tooLong(request.instruction());
    if (tooLong.isPresent()) {
      return tooLong;
    }
    if (request.teleop()) {
      return Optional.empty();
    }
    return policy
        .get()
        .map(live -> unknownWord(live, request.instruction()))
        .orElse(noPolicy().map(HoldReason::text));
  }

  /** Returns that only a person can act; empty where a policy is live. */
  public Optional<HoldReason> noPolicy() {
    return policy.get().isPresent()
        ? Optional.empty()
        : Optional.of(
            HoldReason.of(
                Kind.NO_POLICY,
                "the node has no policy; move the arm by teleop, in a goal with teleop: true, or"
                    + " bring a policy in by ~/swap_policy"));
  }

  private static Optional<String> unknownWord(LivePolicy live, String instruction) {
    try {
      live.tokenizer().encode(instruction);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
