package dev.reverie.robot.setup;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.SigningKeys;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.ParameterDeclaration;
import java.nio.file.Path;

/**
 * The parameters of how policies are swapped.
 *
 * @param loadTimeoutS a bundle that is not live by then never will be, s
 * @param memoryMb that the process in which it is tried may take, MiB, mapped files aside
 * @param history policies that a rollback can return to, which stay in memory
 * @param keys folder of the public keys of whoever may sign bundles; empty: nobody has to
 * @param stateDir folder in which it is remembered which policy is live; empty: nowhere
 * @param replayMaxLimited share of the ticks of recorded episodes that the safety gate may limit
 * @param replayMaxDifference of a joint's command from the recorded one, rad or m
 * @param watch when a policy that was swapped in is rolled back by itself
 */
public record SwapParameters(
    double loadTimeoutS,
    long memoryMb,
    long history,
    String keys,
    String stateDir,
    double replayMaxLimited,
    double replayMaxDifference,
    WatchParameters watch) {
  /** The values where nothing is said. */
  public static final SwapParameters DEFAULT =
      new SwapParameters(60, 4096, 3, "", "", 0.2, 0.5, WatchParameters.DEFAULT);

  /** Declares and reads them. */
  static SwapParameters read(Node node) {
    return new SwapParameters(
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("swap.load_timeout_s", DEFAULT.loadTimeoutS).range(0.1, 3600),
            "s; a policy bundle that is not live by then is refused"),
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("swap.memory_mb", DEFAULT.memoryMb).range(64, 1 << 24),
            "MiB that a policy bundle may take while it is tried"),
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("swap.history", DEFAULT.history).range(0, 16),
            "policies that a rollback can return to; they stay in memory"),
        keys(node),
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("swap.state_dir", DEFAULT.stateDir),
            "folder in which it is remembered over a restart which policy is live; empty: nowhere"),
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("swap.replay_max_limited", DEFAULT.replayMaxLimited)
                .range(1e-6, 1),
            "share of recorded ticks that the safety gate may limit of a policy that is replayed"),
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("swap.replay_max_difference", DEFAULT.replayMaxDifference)
                .range(1e-6, 1e6),
            "rad or m; greatest of a joint's command from the recorded one in a replay"),
        WatchParameters.read(node));
  }

  private static String keys(Node node) {
    String folder =
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("swap.keys", DEFAULT.keys),
            "folder of public keys, one of which has signed each bundle; empty: none has to");
    if (!folder.isEmpty()) {
      try {
        var _ = SigningKeys.publicKeys(Path.of(folder));
      } catch (BundleException e) {
        throw new RobotException("parameter swap.keys: " + e.getMessage(), e);
      }
    }
    return folder;
  }
}
