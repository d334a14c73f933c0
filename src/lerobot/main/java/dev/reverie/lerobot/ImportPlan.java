package dev.reverie.lerobot;

import dev.reverie.policy.Task;
import dev.reverie.rollout.NearestNames;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Plans how a dataset's features become an episode: worked out and checked before anything is
 * written.
 *
 * @param joints names of the state's entries
 * @param units of the dataset's numbers
 * @param cameras names by the key of the feature
 * @param mapping of the dataset's action; empty: the policy's own action is in the dataset
 * @param task what a policy of the arm sees and moves, where the options say it
 * @param periodNanos from one kept frame to the next
 * @param ignored features that are not imported
 */
record ImportPlan(
    List<String> joints,
    JointUnits units,
    SequencedMap<String, String> cameras,
    Optional<ActionMapping> mapping,
    Optional<Task> task,
    long periodNanos,
    List<String> ignored) {
  /** Ending of the name that LeRobot's robots give to a joint's position. */
  static final String POSITION = ".pos";

  private static final Set<String> COUNTS =
      Set.of(
          Keys.TIMESTAMP, Keys.FRAME, Keys.EPISODE, Keys.INDEX, Keys.TASK, Keys.REWARD, Keys.DONE);

  /** Works out how a dataset is imported. */
  static ImportPlan of(DatasetReader reader, Import options) {
    DatasetInfo info = reader.info();
    List<String> joints = joints(info, options);
    requireKnown(options.continuous(), joints);
    JointUnits units =
        JointUnits.of(
            info,
            numeric(info, Keys.STATE).names(),
            joints,
            reader.extremes(Keys.STATE, joints.size()),
            options);
    SequencedMap<String, String> cameras = cameras(info, options);
    double period = options.every() / info.fps();
    Optional<Task> task = options.task().map(Task::read);
    task.ifPresent(target -> requireTask(info, options, target, joints, cameras, period));
    Optional<ActionMapping> mapping = mapping(info, options, joints, task);
    requireOutcome(info, options);
    Set<String> used = new LinkedHashSet<>(COUNTS);
    used.addAll(cameras.keySet());
    used.addAll(
        List.of(Keys.STATE, Keys.ACTION, Keys.SUCCESS, Keys.POLICY_ACTION, Keys.HELD, Keys.STAMP));
    return new ImportPlan(
        joints,
        units,
        cameras,
        mapping,
        task,
        Math.round(period * 1e9),
        info.features().keySet().stream().filter(key -> !used.contains(key)).toList());
  }

  private static List<String> joints(DatasetInfo info, Import options) {
    Feature state = numeric(info, Keys.STATE);
    List<String> names =
        options.jointNames().isEmpty()
            ? state.names().stream()
                .map(
                    name ->
                        name.endsWith(POSITION)
                            ? name.substring(0, name.length() - POSITION.length())
                            : name)
                .toList()
            : options.jointNames();
    if (names.size() != state.size() || Set.copyOf(names).size() != names.size()) {
      throw new LerobotException(
          "%s has %d entries, and the names of its joints are %s; give one name for each with --joint-names"
              .formatted(Keys.STATE, state.size(), names));
    }
    return names;
  }

  private static void requireKnown(Set<String> continuous, List<String> joints) {
    for (String joint : continuous) {
      if (!joints.contains(joint)) {
        throw new LerobotException(
            "--continuous names '%s', which is none of the dataset's joints; nearest: %s"
                .formatted(joint, NearestNames.of(joint, joints)));
      }
    }
  }

  private static Feature numeric(DatasetInfo info, String key) {
    Feature feature = info.features().get(key);
    if (feature == null) {
      throw new LerobotException(
          "the dataset has no feature '%s'; it has %s".formatted(key, info.features().keySet()));
    }
    if (!feature.numeric()) {
      throw new LerobotException(
          "feature '%s' is %s of shape %s; only a row of numbers can be imported"
              .formatted(key, feature.dtype(), feature.shape()));
    }
    return feature;
  }

  private static SequencedMap<String, String> cameras(DatasetInfo info, Import options) {
    SequencedMap<String, String> cameras = new LinkedHashMap<>();
    if (options.cameras().isEmpty()) {
      info.features()
          .forEach(
              (key, feature) -> {
                if (feature.picture()) {
                  cameras.put(key, key.substring(key.lastIndexOf('.') + 1));
                }
              });
    }
    options.cameras().forEach((name, camera) -> cameras.put(cameraKey(info, name), camera));
    if (cameras.isEmpty()) {
      throw new LerobotException(
          "the dataset has no camera; it has %s".formatted(info.features().keySet()));
    }
    if (Set.copyOf(cameras.values()).size() != cameras.size()
        || !cameras.values().stream().allMatch(name -> name.matches("[A-Za-z][A-Za-z0-9_]*"))) {
      throw new LerobotException(
          "cameras cannot be called %s; give each a name of its own, of letters, digits and _, with --camera NAME_IN_DATASET=NAME"
              .formatted(cameras.values()));
    }
    return cameras;
  }

  private static String cameraKey(DatasetInfo info, String name) {
    for (String key : List.of(Keys.IMAGES + name, name)) {
      Feature feature = info.features().get(key);
      if (feature != null && feature.picture()) {
        return key;
      }
    }
    throw new LerobotException(
        "the dataset has no camera '%s'; it has %s".formatted(name, info.features().keySet()));
  }

  private static void requireTask(
      DatasetInfo info,
      Import options,
      Task task,
      List<String> joints,
      SequencedMap<String, String> cameras,
      double period) {
    if (!joints.containsAll(task.jointNames())) {
      throw new LerobotException(
          "the task's joints are %s, the dataset's %s; rename these, in their order, with --joint-names"
              .formatted(task.jointNames(), joints));
    }
    List<String> wanted = task.cameraNames();
    if (!cameras.values().containsAll(wanted)) {
      throw new LerobotException(
          "the task's cameras are %s, the dataset's %s; rename with --camera NAME_IN_DATASET=NAME"
              .formatted(wanted, cameras.values()));
    }
    double wantedPeriod = task.chunk().periodS();
    if (Math.abs(period / wantedPeriod - 1) > 0.01) {
      double every = wantedPeriod * info.fps();
      throw new LerobotException(
          "the dataset has %s frames a second%s, and the task a step each %s s; %s"
              .formatted(
                  number(info.fps()),
                  options.every() == 1 ? "" : ", of which one in " + options.every() + " is taken",
                  number(wantedPeriod),
                  every > 0.99 && Math.abs(every / Math.round(every) - 1) <= 0.01
                      ? "give --every " + Math.round(every)
                      : "no --every fits: record at a multiple of %s frames a second, or change the task's period_s"
                          .formatted(number(1 / wantedPeriod))));
    }
  }

  private static Optional<ActionMapping> mapping(
      DatasetInfo info, Import options, List<String> joints, Optional<Task> task) {
    Feature own = info.features().get(Keys.POLICY_ACTION);
    if (own != null && options.action().isEmpty()) {
      int size = task.map(t -> t.actionSpace().dimensions()).orElse(own.size());
      if (own.size() != size) {
        throw new LerobotException(
            "%s has %d numbers, the task's actions %d; import for the task that the policy of the rollouts had, or say with --action what '%s' is"
                .formatted(Keys.POLICY_ACTION, own.size(), size, Keys.ACTION));
      }
      if (options.every() != 1) {
        throw new LerobotException(
            "%s cannot be had from every %dth frame; leave --every out, or say with --action what '%s' is"
                .formatted(Keys.POLICY_ACTION, options.every(), Keys.ACTION));
      }
      return Optional.empty();
    }
    if (task.isEmpty()) {
      throw new LerobotException(
          "the dataset does not tell the policy's action; give with --task the policy bundle or the"
              + " task file that it is imported for");
    }
    Feature action = numeric(info, Keys.ACTION);
    List<String> state = numeric(info, Keys.STATE).names();
    List<String> names =
        action.names().stream()
            .map(name -> state.contains(name) ? joints.get(state.indexOf(name)) : name)
            .toList();
    return Optional.of(
        ActionMapping.of(
            options.action(),
            joints,
            names,
            action.size(),
            task.get().actionSpace(),
            options.continuous(),
            options.clamp()));
  }

  private static void requireOutcome(DatasetInfo info, Import options) {
    if (options.outcome().isEmpty() && !info.features().containsKey(Keys.SUCCESS)) {
      throw new LerobotException(
          "the dataset does not tell how its episodes went (it has no '%s'); say it with --outcome, success for good demonstrations"
              .formatted(Keys.SUCCESS));
    }
  }

  /** Four digits at most. */
  static String number(double value) {
    return new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros().toPlainString();
  }
}
