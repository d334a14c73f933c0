package dev.reverie.sim;

import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import java.util.Arrays;
import java.util.List;

/** Reads what the arm shall do out of a trajectory: its first point. */
final class CommandReader {
  private CommandReader() {}

  /**
   * Reads the joint positions to aim at.
   *
   * @param joints of the arm
   * @return joint positions in their order, rad
   * @throws IllegalArgumentException saying what is wrong with the message
   */
  static double[] positions(JointTrajectory message, List<String> joints) {
    List<String> names = message.jointNames();
    if (names.size() != joints.size() || !names.containsAll(joints)) {
      throw new IllegalArgumentException(
          "joint_names are %s; this arm has the joints %s, name each once"
              .formatted(names, joints));
    }
    if (message.points().isEmpty()) {
      throw new IllegalArgumentException("there are no points; give one with positions");
    }
    double[] given = message.points().getFirst().positions();
    if (given.length != names.size()) {
      throw new IllegalArgumentException(
          "the first point has %d positions for %d joints".formatted(given.length, names.size()));
    }
    for (double position : given) {
      if (!Double.isFinite(position)) {
        throw new IllegalArgumentException(
            "positions are %s rad; they must be finite numbers".formatted(Arrays.toString(given)));
      }
    }
    return joints.stream().mapToDouble(joint -> given[names.indexOf(joint)]).toArray();
  }
}
