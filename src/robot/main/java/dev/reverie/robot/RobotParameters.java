package dev.reverie.robot;

import dev.reverie.policy.BundleSpec;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The node's parameters, checked.
 *
 * @param bundle folder of the policy bundle that is live first
 * @param rolloutsDir folder that each episode's bag goes into
 * @param controlRateHz ticks a second; the policy's own rate
 * @param lockStep whether each observation gets exactly one command, and time stands still between
 * @param cameraTopics in the order of the policy's cameras
 * @param maxObservationAgeS an older joint state or image is not acted on
 * @param syncToleranceS between the stamps of one observation's inputs
 * @param observationTimeoutS an episode that gets no usable observation for so long is aborted
 * @param instruction of episodes whose goal has none
 * @param threads that one inference may use
 * @param autostart whether the node configures and activates itself; else others do, by the
 *     services of lifecycle_msgs
 */
record RobotParameters(
    String bundle,
    String rolloutsDir,
    double controlRateHz,
    boolean lockStep,
    List<String> cameraTopics,
    double maxObservationAgeS,
    double syncToleranceS,
    double observationTimeoutS,
    String instruction,
    long threads,
    boolean autostart) {

  RobotParameters {
    positive("control_rate_hz", controlRateHz, "the rate that the policy was trained at");
    positive("max_observation_age_s", maxObservationAgeS, "seconds, such as 0.3");
    positive("observation_timeout_s", observationTimeoutS, "seconds, such as 10");
    if (!(syncToleranceS >= 0)) {
      throw bad("sync_tolerance_s", syncToleranceS, "seconds, 0 or more");
    }
    if (threads < 1 || threads > 256) {
      throw bad("threads", threads, "1 to 256");
    }
  }

  /** The parameter {@code bundle}, which decides on the names of others. */
  static Path bundle(Node node) {
    Path folder =
        Path.of(node.declareParameter("bundle", "models/base")).toAbsolutePath().normalize();
    if (!Files.isDirectory(folder)) {
      throw new RobotException(
          "there is no policy bundle '%s'; give a folder: --ros-args -p bundle:=models/base"
              .formatted(folder));
    }
    return folder;
  }

  /** Reads all others. */
  static RobotParameters read(Node node, Path bundle, BundleSpec spec) {
    boolean lockStep = node.declareParameter("lock_step", false);
    List<String> topics = new ArrayList<>();
    for (BundleSpec.Camera camera : spec.cameras()) {
      topics.add(
          node.declareParameter(
              "camera.%s.topic".formatted(camera.name()), camera.name() + "/image_raw"));
    }
    var parameters =
        new RobotParameters(
            bundle.toString(),
            node.declareParameter("rollouts_dir", "out/rollouts"),
            node.declareParameter("control_rate_hz", 1 / spec.chunk().periodS()),
            lockStep,
            topics,
            node.declareParameter("max_observation_age_s", 0.3),
            node.declareParameter("sync_tolerance_s", lockStep ? 0.0 : 0.02),
            node.declareParameter("observation_timeout_s", 10.0),
            node.declareParameter("instruction", ""),
            node.declareParameter("threads", 1L),
            node.declareParameter("autostart", true));
    List<String> unknown = node.parameters().undeclared();
    if (!unknown.isEmpty()) {
      throw new RobotException(
          "unknown parameters %s; this node knows %s"
              .formatted(unknown, node.parameters().all().stream().map(Parameter::name).toList()));
    }
    return parameters;
  }

  double periodS() {
    return 1 / controlRateHz;
  }

  private static void positive(String name, double value, String remedy) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw bad(name, value, remedy);
    }
  }

  private static RobotException bad(String name, Object value, String remedy) {
    return new RobotException("parameter %s is %s; give %s".formatted(name, value, remedy));
  }
}
