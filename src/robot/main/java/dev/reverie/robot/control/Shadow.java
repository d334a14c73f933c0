package dev.reverie.robot.control;

import dev.reverie.arm.ArmFile;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.robot.setup.ShadowMode;
import dev.reverie.robot.swap.KnownBundles;
import dev.reverie.robot.swap.LivePolicy;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Decides whether commands go beside the arm instead of to it. A policy that has never moved this
 * arm begins so; one that was trained from a policy that has moved it does not, for then rounds
 * that improve a policy would stand still after each. For the control thread.
 */
public final class Shadow {
  private final ShadowMode mode;
  private final Optional<KnownBundles> known;
  private final Supplier<Optional<LivePolicy>> live;
  private boolean left; // a person said that the arm may move

  /**
   * Creates the decision for one node.
   *
   * @param live the policy that acts
   * @param warn takes what is wrong with the file of known policies
   */
  public Shadow(
      RobotParameters parameters,
      Path rollouts,
      Supplier<Optional<LivePolicy>> live,
      Consumer<String> warn) {
    mode = parameters.guard().shadow();
    this.live = live;
    known =
        parameters
            .arm()
            .filter(_ -> !parameters.lockStep())
            .map(ArmFile::name)
            .map(arm -> new KnownBundles(rollouts, arm, warn));
  }

  /** Returns whether what the live policy commands goes beside the arm. */
  public boolean isOn() {
    return switch (mode) {
      case ALWAYS -> !left;
      case NEVER -> false;
      case AUTO -> known.isPresent() && live.get().filter(now -> !isKnown(now)).isPresent();
    };
  }

  /** Returns whether an episode goes beside the arm. */
  boolean covers(EpisodeRun.Request request) {
    return isOn() && (mode == ShadowMode.ALWAYS || !request.teleop());
  }

  private boolean isKnown(LivePolicy policy) {
    return known
        .filter(file -> file.knows(policy.id()) || file.knows(policy.spec().lineage().parent()))
        .isPresent();
  }

  /** Takes notice that the policy moves the arm. */
  void moves() {
    live.get().ifPresent(policy -> known.ifPresent(file -> file.add(policy.id())));
  }

  /** Leaves; returns why not, empty where the arm moves from the next episode on. */
  public Optional<String> goLive() {
    if (!isOn()) {
      return Optional.of("the node is not in shadow: the arm moves");
    }
    left = true;
    moves();
    return Optional.empty();
  }

  /** Returns what a person should know; empty where the arm moves. */
  public Optional<String> notice() {
    if (!isOn()) {
      return Optional.empty();
    }
    String why =
        mode == ShadowMode.ALWAYS
            ? "parameter shadow is always"
            : "policy %s has never moved this arm"
                .formatted(live.get().map(LivePolicy::id).orElse(""));
    return Optional.of(
        "in shadow: what the policy commands goes beside the arm, for "
            + why
            + "; look at the differences in /diagnostics, then call ~/go_live");
  }
}
