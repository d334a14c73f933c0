package dev.reverie.robot.swap;

import dev.reverie.policy.BundleLimits;
import dev.reverie.policy.ExecutionProvider;
import dev.reverie.policy.OnnxOptions;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.ProviderException;
import dev.reverie.robot.setup.Execution;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.rollout.CameraCalibration;
import java.util.Map;

/**
 * The runtime of a node's policies.
 *
 * @param threads of one inference
 * @param execution what of ONNX Runtime is to run them
 * @param lockStep whether time stands still while a chunk is made, so that nobody asks how long
 */
public record PolicyRuntime(int threads, Execution execution, boolean lockStep) {
  static PolicyRuntime of(RobotParameters parameters) {
    return new PolicyRuntime(
        (int) parameters.threads(), parameters.execution(), parameters.lockStep());
  }

  /**
   * Loads and warms up a policy.
   *
   * @param lenses calibrations of the cameras whose pictures are rectified, by name
   * @throws RobotException where what was asked for cannot run it, or gives other numbers than the
   *     CPU
   */
  LivePolicy load(PolicyBundle bundle, Map<String, CameraCalibration> lenses) {
    var options = new OnnxOptions(threads, execution.providers(ExecutionProvider.built()));
    try {
      return LivePolicy.open(bundle, options, lenses);
    } catch (ProviderException e) {
      throw new RobotException(
          "parameter execution is '%s', which cannot run policy %s: %s; set execution to auto or cpu, or look at what ./reverie doctor says of the GPU"
              .formatted(execution.word(), bundle.id(), e.getMessage()),
          e);
    }
  }

  /**
   * Loads and warms up a policy that is to move the arm, and holds it to its bundle's limits.
   *
   * @param lenses calibrations of the cameras whose pictures are rectified, by name
   * @throws dev.reverie.policy.BundleException where it cannot be used, or takes more than its
   *     bundle allows
   */
  public LivePolicy open(PolicyBundle bundle, Map<String, CameraCalibration> lenses) {
    BundleLimits limits = BundleLimits.begin(bundle);
    LivePolicy policy = load(bundle, lenses);
    try {
      limits.requireLoaded();
      limits.requireMemory();
      if (!lockStep) {
        limits.requireInference(policy.warmNanos() / 1e9);
      }
      return policy;
    } catch (RuntimeException e) {
      policy.close();
      throw e;
    }
  }
}
