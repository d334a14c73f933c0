package dev.reverie.robot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Parameter;
import dev.reverie.rcljava.ParameterDeclaration;
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
  private static final double MIN_S = 1e-3;
  private static final double MAX_S = 3600;

  RobotParameters {
    if (!(controlRateHz > 0 && Double.isFinite(controlRateHz))) {
      throw new RobotException(
          "parameter control_rate_hz is %s; give the rate that the policy was trained at"
              .formatted(controlRateHz));
    }
  }

  /** Declares and reads the parameter {@code bundle}, which decides on the names of others. */
  static Path bundle(Node node) {
    String given =
        node.declareParameter(
            ParameterDeclaration.of("bundle", "models/base")
                .describedAs("folder of the policy bundle that is live first")
                .readOnly());
    Path folder = Path.of(given).toAbsolutePath().normalize();
    if (!Files.isDirectory(folder)) {
      throw new RobotException(
          "there is no policy bundle '%s'; give a folder: --ros-args -p bundle:=models/base"
              .formatted(folder));
    }
    return folder;
  }

  /** Reads all others. They are read once: none can be set while the node runs. */
  static RobotParameters read(Node node, Path bundle, BundleSpec spec) {
    boolean lockStep =
        declare(
            node,
            ParameterDeclaration.of("lock_step", false),
            "whether each observation gets exactly one command, and time stands still between");
    List<String> topics = new ArrayList<>();
    for (BundleSpec.Camera camera : spec.cameras()) {
      topics.add(
          declare(
              node,
              ParameterDeclaration.of(
                  "camera.%s.topic".formatted(camera.name()), camera.name() + "/image_raw"),
              "topic of its images; one that ends in /compressed has CompressedImage"));
    }
    var parameters =
        new RobotParameters(
            bundle.toString(),
            declare(
                node,
                ParameterDeclaration.of("rollouts_dir", "out/rollouts"),
                "folder that each episode's bag goes into"),
            declare(
                node,
                ParameterDeclaration.of("control_rate_hz", 1 / spec.chunk().periodS())
                    .constrainedTo("the rate that the policy was trained at"),
                "control ticks a second"),
            lockStep,
            topics,
            declare(
                node,
                ParameterDeclaration.of("max_observation_age_s", 0.3).range(MIN_S, MAX_S),
                "s; an older joint state or image is not acted on"),
            declare(
                node,
                ParameterDeclaration.of("sync_tolerance_s", lockStep ? 0.0 : 0.02).range(0, MAX_S),
                "s between the stamps of one observation's inputs"),
            declare(
                node,
                ParameterDeclaration.of("observation_timeout_s", 10.0).range(MIN_S, MAX_S),
                "s; an episode that gets no usable observation for so long is aborted"),
            declare(
                node,
                ParameterDeclaration.of("instruction", ""),
                "instruction of episodes whose goal has none"),
            declare(
                node,
                ParameterDeclaration.of("threads", 1).range(1, 256),
                "threads that one inference may use"),
            declare(
                node,
                ParameterDeclaration.of("autostart", true),
                "whether the node configures and activates itself; else others do"));
    List<String> unknown = node.parameters().undeclared();
    if (!unknown.isEmpty()) {
      throw new RobotException(
          "unknown parameters %s; this node knows %s"
              .formatted(unknown, node.parameters().all().stream().map(Parameter::name).toList()));
    }
    return parameters;
  }

  private static <T> T declare(Node node, ParameterDeclaration<T> declaration, String description) {
    return node.declareParameter(declaration.describedAs(description).readOnly());
  }

  double periodS() {
    return 1 / controlRateHz;
  }

  long periodNanos() {
    return Math.round(periodS() * 1e9);
  }

  /** Returns the parameters as they stand in a bag. */
  String json() {
    try {
      return new ObjectMapper().writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
