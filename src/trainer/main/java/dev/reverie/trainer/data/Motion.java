package dev.reverie.trainer.data;

import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.Task;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The effect of an action of 1 on the arm, and how often it comes: actions of recordings mean the
 * same to a policy only where this is the same. Where a tip may be and whether it keeps its
 * orientation is no part of it: that changes no action.
 */
record Motion(ActionSpace space, double periodS) {
  /** Share by which numbers may differ: files round them. */
  private static final double NEAR = 0.005;

  static Motion of(Task task) {
    return new Motion(task.actionSpace(), task.chunk().periodS());
  }

  /** Returns what the configuration of a bag tells; bags of before and of others tell nothing. */
  static Optional<Motion> recorded(String configuration, Path bag) {
    try {
      return Task.recorded(configuration, bag).map(Motion::of);
    } catch (BundleException e) {
      return Optional.empty();
    }
  }

  /**
   * Refuses a bag whose actions mean something else.
   *
   * @throws TrainerException with both
   */
  void require(String configuration, Path bag) {
    Optional<Motion> told = recorded(configuration, bag);
    if (told.isPresent() && !isLike(told.get())) {
      throw new TrainerException(
          "%s was recorded with another meaning of actions: %s, and the policy's are %s; leave the bag out, or give a task or policy with the same"
              .formatted(bag, told.get().text(), text()));
    }
  }

  private boolean isLike(Motion other) {
    return words().equals(other.words()) && near(numbers(), other.numbers());
  }

  private static boolean near(List<Double> some, List<Double> others) {
    return some.size() == others.size()
        && IntStream.range(0, some.size())
            .allMatch(
                i ->
                    Math.abs(some.get(i) - others.get(i))
                        <= NEAR * Math.max(Math.abs(some.get(i)), Math.abs(others.get(i))));
  }

  /** Returns it in words, such as for a message; the same text means the same. */
  String text() {
    return "%s, every %s s"
        .formatted(
            space.each().stream().map(Motion::text).collect(Collectors.joining(" and ")), periodS);
  }

  private static String text(ActionSpace part) {
    return switch (part) {
      case ActionSpace.EndEffector tip ->
          "motions of '%s' in the axes of '%s' by %s %s m%s"
              .formatted(
                  tip.tipLink(),
                  tip.frame(),
                  tip.axes(),
                  tip.scaleM(),
                  tip.rotations().isEmpty()
                      ? ""
                      : " and %s %s rad".formatted(tip.rotations(), tip.scaleRad()));
      case ActionSpace.EndEffectorPose to ->
          "poses of '%s' in the axes of '%s' from %s to %s m, turned by %s"
              .formatted(
                  to.tipLink(),
                  to.frame(),
                  to.workspace().min(),
                  to.workspace().max(),
                  to.rotation().numbers());
      case ActionSpace.BinaryGripper gripper ->
          "'%s' at %s or %s".formatted(gripper.joint(), gripper.closed(), gripper.open());
      case ActionSpace.JointPositions to ->
          "positions of %s from %s to %s rad".formatted(to.joints(), to.minRad(), to.maxRad());
      case ActionSpace.JointDeltas by ->
          "motions of %s by %s rad".formatted(by.joints(), by.scaleRad());
      case ActionSpace.Parts parts -> throw new IllegalStateException("parts in " + parts);
    };
  }

  private List<List<String>> words() {
    return space.each().stream()
        .map(
            part ->
                switch (part) {
                  case ActionSpace.EndEffector tip -> {
                    List<String> words = new ArrayList<>(tip.axes());
                    words.addAll(tip.rotations());
                    words.addAll(List.of("tip", tip.frame(), tip.tipLink()));
                    yield words;
                  }
                  case ActionSpace.EndEffectorPose to -> {
                    List<String> words = new ArrayList<>(to.rotation().numbers());
                    words.addAll(List.of("pose", to.frame(), to.tipLink()));
                    yield words;
                  }
                  default -> {
                    List<String> words = new ArrayList<>(part.joints());
                    words.add(part.getClass().getSimpleName());
                    yield words;
                  }
                })
        .toList();
  }

  private List<Double> numbers() {
    List<Double> numbers = new ArrayList<>();
    for (ActionSpace part : space.each()) {
      switch (part) {
        case ActionSpace.EndEffector tip -> {
          numbers.addAll(tip.scaleM());
          numbers.addAll(tip.scaleRad());
        }
        case ActionSpace.JointPositions to -> {
          numbers.addAll(to.minRad());
          numbers.addAll(to.maxRad());
        }
        case ActionSpace.EndEffectorPose to -> {
          numbers.addAll(to.workspace().min());
          numbers.addAll(to.workspace().max());
        }
        case ActionSpace.BinaryGripper gripper ->
            numbers.addAll(List.of(gripper.closed(), gripper.open()));
        case ActionSpace.JointDeltas by -> numbers.addAll(by.scaleRad());
        case ActionSpace.Parts parts -> throw new IllegalStateException("parts in " + parts);
      }
    }
    numbers.add(periodS);
    return numbers;
  }
}
