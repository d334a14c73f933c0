package dev.reverie.doctor;

import dev.reverie.arm.ArmFile;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Task;
import dev.reverie.rollout.JointNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The arm as arm file and bundle want it; topics are full names. Where there is neither, the usual
 * topics are looked at, and every camera.
 *
 * @param task what a policy sees and moves; empty where nobody says it
 * @param names that the joints have in messages and URDF
 * @param cameras by name
 * @param periodS between actions; empty where nobody says it
 * @param commands topic or action of the commands; empty: any controller is looked for
 * @param teleoperation topics by which a person moves the arm
 */
record Wanted(
    Optional<ArmFile> arm,
    Optional<PolicyBundle> bundle,
    Optional<Task> task,
    String description,
    List<String> jointStates,
    JointNames names,
    Map<String, Camera> cameras,
    OptionalDouble periodS,
    String commands,
    ArmFile.Controller.Kind kind,
    List<String> teleoperation) {
  /** The time that the robot node has where no arm file says it. */
  static final double FROZEN_AFTER_S = 1;

  /**
   * A camera.
   *
   * @param topic of its images
   * @param seen how the policy sees it; empty where no policy does
   * @param frozenAfterS as in the arm file; 0: pixels may stand still
   */
  record Camera(String topic, Optional<BundleSpec.Camera> seen, double frozenAfterS) {
    boolean compressed() {
      return topic.endsWith("/compressed");
    }
  }

  /**
   * Puts together what arm file and bundle say; the bundle says what a policy sees.
   *
   * @param resolve makes full names of topics
   */
  static Wanted of(
      Optional<ArmFile> arm, Optional<PolicyBundle> bundle, UnaryOperator<String> resolve) {
    Optional<Task> task = bundle.map(each -> each.spec().task()).or(() -> arm.map(ArmFile::task));
    Map<String, Camera> cameras = new LinkedHashMap<>();
    arm.ifPresent(
        file ->
            file.cameras()
                .forEach(
                    (name, camera) ->
                        cameras.put(
                            name,
                            new Camera(
                                resolve.apply(camera.imageTopic(name)),
                                Optional.empty(),
                                camera.frozenAfterS()))));
    task.ifPresent(
        what ->
            what.cameras()
                .forEach(
                    camera -> {
                      Camera known = cameras.get(camera.name());
                      String topic =
                          known == null ? resolve.apply(camera.name() + "/image_raw") : known.topic;
                      double frozen = known == null ? FROZEN_AFTER_S : known.frozenAfterS;
                      cameras.put(camera.name(), new Camera(topic, Optional.of(camera), frozen));
                    }));
    return new Wanted(
        arm,
        bundle,
        task,
        resolve.apply(arm.map(file -> file.description().topic()).orElse("robot_description")),
        arm.map(file -> file.jointStates().topics()).orElse(List.of("joint_states")).stream()
            .map(resolve)
            .toList(),
        arm.map(file -> file.jointStates().jointNames()).orElse(JointNames.SAME),
        cameras,
        task.map(what -> OptionalDouble.of(what.chunk().periodS())).orElse(OptionalDouble.empty()),
        arm.map(file -> resolve.apply(file.controller().commands()))
            .orElseGet(() -> task.isPresent() ? resolve.apply("joint_trajectory") : ""),
        arm.map(file -> file.controller().kind()).orElse(ArmFile.Controller.Kind.TRAJECTORY),
        arm
            .map(ArmFile::teleoperation)
            .orElse(ArmFile.Teleoperation.BY_TRAJECTORY)
            .topics()
            .stream()
            .map(resolve)
            .toList());
  }

  /** Returns the same with other topics of joint states. */
  Wanted withJointStates(List<String> topics) {
    return with(topics, names);
  }

  /** Returns the same with other names of the joints. */
  Wanted withNames(JointNames others) {
    return with(jointStates, others);
  }

  private Wanted with(List<String> topics, JointNames others) {
    return new Wanted(
        arm,
        bundle,
        task,
        description,
        topics,
        others,
        cameras,
        periodS,
        commands,
        kind,
        teleoperation);
  }

  /** The names of the arm's joints in messages; empty where nobody says them. */
  Set<String> joints() {
    return task.stream()
        .flatMap(what -> what.jointNames().stream())
        .map(this::outside)
        .collect(Collectors.toSet());
  }

  /** The name of a joint in messages and URDF. */
  String outside(String joint) {
    return names.inMessages(joint);
  }
}
