package dev.reverie.console;

import dev.reverie.arm.ArmException;
import dev.reverie.arm.ArmFile;
import dev.reverie.arm.UrdfFile;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Task;
import dev.reverie.rcljava.Parameter;
import dev.reverie.rcljava.ParameterClient;
import dev.reverie.rollout.JointNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * A robot node's setup: what its parameters say, and the files that they name, as far as this
 * machine has them.
 *
 * @param stateDir folder in which it remembers what was live; empty: it does not
 * @param cameras topic of each camera's images, as the parameters have it
 * @param names of the joints in messages
 * @param task what its policy sees and moves; empty where neither bundle nor arm file can be read
 * @param remarks what could not be learned, and why
 */
record RobotSetup(
    String bundle,
    String rolloutsDir,
    String stateDir,
    String instruction,
    String trajectoryTopic,
    Map<String, String> cameras,
    List<String> jointTopics,
    JointNames names,
    Optional<Task> task,
    Optional<ArmFile> arm,
    List<String> remarks) {
  static final RobotSetup UNKNOWN =
      new RobotSetup(
          "",
          "",
          "",
          "",
          "joint_trajectory",
          Map.of(),
          List.of("joint_states"),
          JointNames.SAME,
          Optional.empty(),
          Optional.empty(),
          List.of());

  private static final long ANSWER_MILLIS = 3000;

  /**
   * Asks a node for its parameters and reads the files that they name.
   *
   * @throws TimeoutException where it does not answer
   */
  static RobotSetup ask(ParameterClient client)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<String> names = client.list().get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
    List<String> wanted = names.stream().filter(RobotSetup::matters).sorted().toList();
    Map<String, Object> values =
        client.get(wanted).get(ANSWER_MILLIS, TimeUnit.MILLISECONDS).stream()
            .collect(Collectors.toMap(Parameter::name, Parameter::value));
    return of(values);
  }

  private static boolean matters(String name) {
    return List.of(
                "arm",
                "bundle",
                "rollouts_dir",
                "swap.state_dir",
                "instruction",
                "controller.topic",
                "joint_names",
                "joint_prefix")
            .contains(name)
        || name.matches("camera\\..+\\.topic");
  }

  private static RobotSetup of(Map<String, Object> values) {
    var remarks = new ArrayList<String>();
    Map<String, String> cameras = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          if (name.startsWith("camera.") && name.endsWith(".topic")) {
            cameras.put(
                name.substring("camera.".length(), name.length() - ".topic".length()),
                value.toString());
          }
        });
    Optional<ArmFile> arm = arm(text(values, "arm"), remarks);
    String bundle = text(values, "bundle");
    Optional<Task> task = task(bundle, remarks).or(() -> arm.map(ArmFile::task));
    JointNames known = arm.map(file -> file.jointStates().jointNames()).orElse(JointNames.SAME);
    return new RobotSetup(
        bundle,
        text(values, "rollouts_dir"),
        text(values, "swap.state_dir"),
        text(values, "instruction"),
        text(values, "controller.topic"),
        cameras,
        arm.map(file -> file.jointStates().topics()).orElse(UNKNOWN.jointTopics),
        names(values, known, task, remarks),
        task,
        arm,
        List.copyOf(remarks));
  }

  private static String text(Map<String, Object> values, String name) {
    return values.getOrDefault(name, "").toString();
  }

  private static JointNames names(
      Map<String, Object> values, JointNames known, Optional<Task> task, List<String> remarks) {
    List<String> pairs = new ArrayList<>();
    if (values.get("joint_names") instanceof List<?> given) {
      given.forEach(pair -> pairs.add(pair.toString()));
    }
    try {
      return task.isPresent()
          ? JointNames.of(pairs, text(values, "joint_prefix"), known, task.get().jointNames())
          : JointNames.of(pairs, text(values, "joint_prefix"));
    } catch (IllegalArgumentException e) {
      remarks.add("the names of the joints cannot be read: " + e.getMessage());
      return JointNames.SAME;
    }
  }

  private static Optional<ArmFile> arm(String file, List<String> remarks) {
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ArmFile.read(Path.of(file)));
    } catch (ArmException e) {
      remarks.add("limits of the arm file are not shown: " + e.getMessage());
      return Optional.empty();
    }
  }

  private static Optional<Task> task(String bundle, List<String> remarks) {
    if (bundle.isEmpty()) {
      return Optional.empty();
    }
    if (!Files.isDirectory(Path.of(bundle))) {
      remarks.add(
          "the bundle %s is not on this machine, so what the policy sees is not shown; start the console beside the node"
              .formatted(bundle));
      return Optional.empty();
    }
    try {
      return Optional.of(Task.read(Path.of(bundle)));
    } catch (BundleException e) {
      remarks.add("what the policy sees is not shown: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** The same with another policy's bundle. */
  RobotSetup withBundle(String other) {
    var said = new ArrayList<String>();
    Optional<Task> seen = task(other, said).or(() -> arm.map(ArmFile::task));
    return new RobotSetup(
        other,
        rolloutsDir,
        stateDir,
        instruction,
        trajectoryTopic,
        cameras,
        jointTopics,
        names,
        seen,
        arm,
        List.copyOf(said));
  }

  /** Returns what the policy sees of a camera. */
  Optional<BundleSpec.Camera> view(String camera) {
    return task.stream()
        .flatMap(each -> each.cameras().stream())
        .filter(each -> each.name().equals(camera))
        .findFirst();
  }

  /** The topic that has the URDF, where the arm file names none as a file. */
  String descriptionTopic() {
    return arm.map(file -> file.description().topic()).orElse("robot_description");
  }

  /**
   * The arm, where URDF and policy are known.
   *
   * @param heard URDF that is published, which counts where the arm file names no other; empty:
   *     none yet
   * @throws ArmException where the URDF cannot be read, or is not that of this arm
   */
  Optional<KnownArm> known(String heard) {
    String urdf =
        arm.map(file -> file.description().urdf())
            .filter(file -> !file.isEmpty())
            .map(file -> UrdfFile.readSound(Path.of(file)))
            .orElse(heard);
    return task.filter(_ -> !urdf.isEmpty()).map(of -> new KnownArm(urdf, names, of, arm));
  }
}
