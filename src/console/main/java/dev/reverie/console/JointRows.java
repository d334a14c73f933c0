package dev.reverie.console;

import dev.reverie.arm.JointBounds;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The joints as a page shows them: measured, sent, and where the motion leads.
 *
 * @param measured positions by the name in messages
 * @param command the newest one; null where none came
 * @param trajectory likewise
 */
record JointRows(
    RobotSetup setup,
    List<JointBounds> bounds,
    Map<String, Double> measured,
    @Nullable Command command,
    @Nullable JointTrajectory trajectory) {
  /** The rows, in the order of the policy's joints where it is known. */
  List<Snapshot.Joint> list() {
    List<String> names =
        setup
            .task()
            .map(of -> of.jointNames())
            .orElse(command == null ? List.copyOf(measured.keySet()) : command.jointNames());
    List<Snapshot.Joint> all = new ArrayList<>();
    for (String name : names) {
      String outside = setup.names().inMessages(name);
      Optional<JointBounds> bound =
          bounds.stream().filter(each -> each.joint().equals(name)).findFirst();
      all.add(
          new Snapshot.Joint(
              name,
              bound.map(JointBounds::unit).orElse("rad"),
              bound.map(JointBounds::lower).map(JointRows::finite).orElse(null),
              bound.map(JointBounds::upper).map(JointRows::finite).orElse(null),
              finite(measured.getOrDefault(outside, Double.NaN)),
              sent(name),
              ahead(outside)));
    }
    return all;
  }

  private @Nullable Double sent(String name) {
    int at = command == null ? -1 : command.jointNames().indexOf(name);
    return command == null || at < 0 || at >= command.positions().length
        ? null
        : finite(command.positions()[at]);
  }

  private @Nullable Double ahead(String outside) {
    int at = trajectory == null ? -1 : trajectory.jointNames().indexOf(outside);
    if (trajectory == null || at < 0 || trajectory.points().isEmpty()) {
      return null;
    }
    double[] last = trajectory.points().getLast().positions();
    return at < last.length ? finite(last[at]) : null;
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
