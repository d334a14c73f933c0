package dev.reverie.robot.setup;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.arm.ArmException;
import dev.reverie.arm.ArmFile;
import dev.reverie.arm.ArmFile.Action;
import dev.reverie.arm.ArmFile.Controller;
import dev.reverie.arm.ArmFile.Controller.Kind;
import dev.reverie.arm.HandEye;
import dev.reverie.arm.Topics;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.ExecutionProvider;
import dev.reverie.policy.Task;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Parameter;
import dev.reverie.rcljava.ParameterDeclaration;
import dev.reverie.rollout.NearestNames;
import dev.reverie.rollout.RolloutTopic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The node's parameters, checked. Where there is an arm file, it gives their defaults.
 *
 * @param arm what the arm file says; empty where there is none
 * @param task what a policy of this arm sees and moves: the first policy's, else the arm file's
 * @param bundle folder of the policy bundle that is live first; empty where the node begins without
 * @param rolloutsDir folder that each episode's bag goes into
 * @param controlRateHz ticks a second; the policy's own rate
 * @param lockStep whether each observation gets exactly one command, and time stands still between
 * @param cameraTopics in the order of the task's cameras
 * @param frozenAfterS time after which a camera whose pixels stand still is frozen, in the order of
 *     the task's cameras; 0: never
 * @param joints where measured positions come from
 * @param recordedTopics of the cameras that no policy sees, by name
 * @param trajectoryTopic topic, or action, by which the arm takes its commands
 * @param maxObservationAgeS an older joint state or image is not acted on
 * @param syncToleranceS between the stamps of one observation's inputs
 * @param observationTimeoutS an episode that gets no usable observation for so long is aborted
 * @param requireListener whether the arm is not moved while nobody hears the commands
 * @param instruction of episodes whose goal has none
 * @param threads that one inference may use
 * @param execution what of ONNX Runtime runs policies
 * @param handEye files that say where cameras stand, which are published as static transforms
 * @param autostart whether the node configures and activates itself; else others do, by the
 *     services of lifecycle_msgs
 * @param motion how the arm is moved
 * @param guard what looks after it while it moves
 * @param swap how policies are swapped
 */
public record RobotParameters(
    @JsonIgnore Optional<ArmFile> arm,
    @JsonIgnore Task task,
    String bundle,
    String rolloutsDir,
    double controlRateHz,
    boolean lockStep,
    List<String> cameraTopics,
    List<Double> frozenAfterS,
    JointInput joints,
    Map<String, String> recordedTopics,
    String trajectoryTopic,
    double maxObservationAgeS,
    double syncToleranceS,
    double observationTimeoutS,
    boolean requireListener,
    String instruction,
    long threads,
    Execution execution,
    List<String> handEye,
    boolean autostart,
    MotionParameters motion,
    GuardParameters guard,
    SwapParameters swap) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Characters of an instruction, at most. */
  static final int MAX_INSTRUCTION = 1000;

  private static final double MIN_S = 1e-3;
  private static final double MAX_S = 3600;
  private static final double FROZEN_AFTER_S = 1;

  public RobotParameters {
    double periodS = 1 / controlRateHz;
    if (!(periodS >= Action.MIN_PERIOD_S && periodS <= Action.MAX_PERIOD_S)) {
      throw new RobotException(
          "parameter control_rate_hz is %s, an action every %s s, of which there may be one every %s to %s s; give the rate that the policy was trained at, such as 10.0"
              .formatted(controlRateHz, periodS, Action.MIN_PERIOD_S, Action.MAX_PERIOD_S));
    }
    requireText("rollouts_dir", rolloutsDir, "give a folder, such as out/rollouts");
    requireText("controller.topic", trajectoryTopic, "give the topic of the controller");
    for (int i = 0; i < cameraTopics.size(); i++) {
      requireTopic(task.cameraNames().get(i), cameraTopics.get(i));
    }
    recordedTopics.forEach(RobotParameters::requireTopic);
    handEye.forEach(file -> requireText("hand_eye", file, "give files of calibrate hand-eye"));
  }

  private static void requireTopic(String camera, String topic) {
    requireText(
        "camera.%s.topic".formatted(camera),
        topic,
        "give the topic of its images, such as %s/image_raw".formatted(camera));
  }

  /** Refuses a text that says nothing. */
  private static void requireText(String parameter, String text, String remedy) {
    if (text.isBlank()) {
      throw new RobotException(
          "parameter %s is '%s'; %s, or leave it out".formatted(parameter, text, remedy));
    }
  }

  /** Reads all that do not decide on the names of others. None can be set while the node runs. */
  public static RobotParameters read(Node node, StartFiles files) {
    boolean lockStep =
        declare(
            node,
            ParameterDeclaration.of("lock_step", false),
            "whether each observation gets exactly one command, and time stands still between");
    Task task = files.task();
    SequencedMap<String, String> topics = new LinkedHashMap<>();
    List<Double> frozen = new ArrayList<>();
    for (BundleSpec.Camera camera : task.cameras()) {
      topics.put(camera.name(), cameraTopic(node, files, camera.name()));
      frozen.add(frozenAfterS(node, files, camera.name(), lockStep));
    }
    SequencedMap<String, String> recorded = new LinkedHashMap<>();
    files
        .arm()
        .ifPresent(
            arm -> {
              for (String camera : arm.cameras().keySet()) {
                if (!topics.containsKey(camera)) {
                  recorded.put(camera, cameraTopic(node, files, camera));
                }
              }
            });
    var parameters =
        new RobotParameters(
            files.arm(),
            task,
            files.bundle().map(Object::toString).orElse(""),
            declare(
                node,
                ParameterDeclaration.of("rollouts_dir", "out/rollouts"),
                "folder that each episode's bag goes into"),
            declare(
                node,
                ParameterDeclaration.of("control_rate_hz", 1 / task.chunk().periodS())
                    .constrainedTo("the rate that the policy was trained at"),
                "control ticks a second"),
            lockStep,
            List.copyOf(topics.values()),
            frozen,
            JointInput.read(node, files),
            recorded,
            declare(
                node,
                ParameterDeclaration.of(
                    "controller.topic",
                    files
                        .arm()
                        .map(arm -> arm.controller().topic())
                        .filter(topic -> !topic.isEmpty())
                        .orElse(RolloutTopic.JOINT_TRAJECTORY.name())),
                "topic, or action, by which the arm takes its commands"),
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
                ParameterDeclaration.of("require_listener", !lockStep),
                "whether the arm is not moved while nobody hears the commands"),
            declare(
                node,
                ParameterDeclaration.of("instruction", ""),
                "instruction of episodes whose goal has none"),
            declare(
                node,
                ParameterDeclaration.of("threads", 1).range(1, 256),
                "threads that one inference may use"),
            MotionParameters.one(
                Execution.class,
                "execution",
                declare(
                    node,
                    ParameterDeclaration.of("execution", "auto")
                        .constrainedTo("auto, tensorrt, cuda or cpu"),
                    "what of ONNX Runtime runs policies: auto for CUDA where it is there and can be"
                        + " used, else the CPU")),
            declare(
                node,
                ParameterDeclaration.of("hand_eye", List.of()),
                "files of calibrate hand-eye, which are published on /tf_static"),
            declare(
                node,
                ParameterDeclaration.of("autostart", true),
                "whether the node configures and activates itself; else others do"),
            MotionParameters.read(node, files.arm(), lockStep),
            GuardParameters.read(node, lockStep),
            SwapParameters.read(node));
    parameters.handEye.forEach(RobotParameters::requireHandEye);
    parameters.execution.requireBuilt(ExecutionProvider::built);
    tooLong(parameters.instruction)
        .ifPresent(
            told -> {
              throw new RobotException("parameter 'instruction': " + told);
            });
    parameters.requireTopicsApart(node::resolveTopic);
    List<String> unknown = node.parameters().undeclared();
    if (!unknown.isEmpty()) {
      List<String> known = node.parameters().all().stream().map(Parameter::name).toList();
      String nearest =
          unknown.stream()
              .map(name -> "'%s' are %s".formatted(name, NearestNames.of(name, known)))
              .collect(Collectors.joining(", to "));
      throw new RobotException(
          "unknown parameters %s; the nearest to %s; this node knows %s"
              .formatted(unknown, nearest, known));
    }
    return parameters;
  }

  /** Says that an instruction is longer than any; empty where it is not. */
  public static Optional<String> tooLong(String instruction) {
    return instruction.length() > MAX_INSTRUCTION
        ? Optional.of(
            "the instruction has %d characters; give at most %d"
                .formatted(instruction.length(), MAX_INSTRUCTION))
        : Optional.empty();
  }

  /** Returns the kind of output; in lock-step each command is a trajectory of one point. */
  public Kind output() {
    return lockStep ? Kind.TRAJECTORY : motion.output();
  }

  /** Returns the topic on which the arm takes its commands; empty where it takes goals. */
  public Optional<String> commandTopic() {
    return Optional.of(Controller.commands(output(), trajectoryTopic))
        .filter(_ -> output() != Kind.FOLLOW_JOINT_TRAJECTORY);
  }

  /** Refuses one topic for two cameras, or for a camera and something else. */
  private void requireTopicsApart(UnaryOperator<String> resolved) {
    SequencedMap<String, String> uses = new LinkedHashMap<>();
    for (String topic : joints.topics()) {
      uses.put("joint state " + topic, topic);
    }
    commandTopic().ifPresent(topic -> uses.put("controller.topic", resolved.apply(topic)));
    for (int i = 0; i < cameraTopics.size(); i++) {
      uses.put(Topics.camera(task.cameraNames().get(i)), resolved.apply(cameraTopics.get(i)));
    }
    recordedTopics.forEach((name, topic) -> uses.put(Topics.camera(name), resolved.apply(topic)));
    try {
      Topics.requireApart(uses);
    } catch (IllegalArgumentException e) {
      throw new RobotException(e.getMessage() + ", or end the remapping", e);
    }
  }

  /** Refuses at the start what would be missed when the node is configured. */
  private static void requireHandEye(String file) {
    try {
      var _ = HandEye.read(Path.of(file));
    } catch (ArmException e) {
      throw new RobotException("parameter hand_eye: " + e.getMessage(), e);
    }
  }

  private static String cameraTopic(Node node, StartFiles files, String camera) {
    String topic =
        files
            .arm()
            .flatMap(arm -> Optional.ofNullable(arm.cameras().get(camera)))
            .map(known -> known.imageTopic(camera))
            .orElse(camera + "/image_raw");
    return declare(
        node,
        ParameterDeclaration.of("camera.%s.topic".formatted(camera), topic),
        "topic of its images; one that ends in /compressed has CompressedImage");
  }

  private static double frozenAfterS(Node node, StartFiles files, String camera, boolean lockStep) {
    double usual =
        files
            .arm()
            .flatMap(arm -> Optional.ofNullable(arm.cameras().get(camera)))
            .map(ArmFile.Camera::frozenAfterS)
            .orElse(FROZEN_AFTER_S);
    double given =
        declare(
            node,
            ParameterDeclaration.of("camera.%s.frozen_after_s".formatted(camera), usual)
                .range(0, MAX_S),
            "s; pixels that stand still for so long while the arm moves hold it; 0, and in lock-step: never");
    return lockStep ? 0 : given;
  }

  static <T> T declare(Node node, ParameterDeclaration<T> declaration, String description) {
    return node.declareParameter(declaration.describedAs(description).readOnly());
  }

  public double periodS() {
    return 1 / controlRateHz;
  }

  public long periodNanos() {
    return Math.round(periodS() * 1e9);
  }

  /**
   * Returns the parameters as they stand in a bag, with the {@code task} in the words of {@code
   * bundle.json}, with the topics of all cameras by name as {@code cameras}, and with what the arm
   * file says as {@code arm}.
   *
   * @param resolved full name of a topic
   */
  public String json(UnaryOperator<String> resolved) {
    try {
      ObjectNode all = JSON.valueToTree(this);
      all.set("task", JSON.readTree(task.json()));
      ObjectNode cameras = all.putObject("cameras");
      for (int i = 0; i < cameraTopics.size(); i++) {
        cameras.put(task.cameraNames().get(i), resolved.apply(cameraTopics.get(i)));
      }
      recordedTopics.forEach((name, topic) -> cameras.put(name, resolved.apply(topic)));
      if (arm.isPresent()) {
        all.set("arm", JSON.readTree(arm.get().json()));
      }
      return all.toString();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
