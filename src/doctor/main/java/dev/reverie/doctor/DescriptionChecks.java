package dev.reverie.doctor;

import dev.reverie.arm.ArmException;
import dev.reverie.arm.ArmModel;
import dev.reverie.arm.JointBounds;
import dev.reverie.arm.JointSpace;
import dev.reverie.arm.Urdf;
import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Task;
import dev.reverie.rcljava.EndpointInfo;
import dev.reverie.rcljava.Qos.Durability;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Checks of the arm's URDF and of what publishes it. */
final class DescriptionChecks {
  private static final String ABOUT = "URDF";

  private DescriptionChecks() {}

  /** The publisher of robot_description, and whether it keeps the text for who comes later. */
  static List<Finding> published(Wanted wanted, Seen seen) {
    String topic = wanted.description();
    List<EndpointInfo> publishers = seen.publishersOf(topic);
    if (publishers.isEmpty()) {
      List<String> texts =
          seen.topicsOf("std_msgs/msg/String").stream()
              .filter(name -> !name.equals(topic))
              .toList();
      return List.of(
          Finding.error(
              topic,
              "start robot_state_publisher with the arm's URDF"
                  + (texts.isEmpty() ? "" : ", or remap it; texts are on " + texts),
              "nobody publishes it"));
    }
    if (publishers.stream().allMatch(p -> p.qos().durability() == Durability.VOLATILE)) {
      return List.of(
          Finding.error(
              topic,
              "publish it as robot_state_publisher does: transient local",
              "%s does not keep it for who comes later",
              Seen.nodes(publishers)));
    }
    if (seen.descriptions().isEmpty()) {
      return List.of(
          Finding.error(
              topic, "restart " + Seen.nodes(publishers), "nothing came, though it is published"));
    }
    return List.of(
        publishers.size() > 1
            ? Finding.warning(
                topic,
                "stop all but the arm's own",
                "%d publishers: %s",
                publishers.size(),
                Seen.nodes(publishers))
            : Finding.ok(topic, "from %s, latched", Seen.nodes(publishers)));
  }

  /**
   * Returns whether a URDF has what is wanted of an arm; that it can be read, where nothing is.
   *
   * @param findings gets how it is
   * @return the joints that are wanted, where it has them
   */
  static Optional<JointSpace> fits(String urdf, Wanted wanted, List<Finding> findings) {
    if (wanted.task().isEmpty()) {
      findings.addAll(alone(urdf));
      return Optional.empty();
    }
    Task task = wanted.task().get();
    try {
      ArmModel model =
          ArmModel.of(
              urdf,
              wanted.names(),
              task,
              wanted.arm(),
              task.chunk().periodS(),
              StampChecks.MAX_AGE_S);
      findings.add(Finding.ok(ABOUT, "has the joints %s", task.jointNames()));
      model.notices().forEach(notice -> findings.add(Finding.ok(ABOUT, "%s", notice)));
      return Optional.of(model.joints());
    } catch (ArmException e) {
      findings.add(refused(e));
      return Optional.empty();
    }
  }

  /** A URDF by itself: whether it can be read, and which joints could be commanded. */
  static List<Finding> alone(String text) {
    Urdf urdf;
    try {
      urdf = Urdf.parse(text);
    } catch (ArmException e) {
      return List.of(refused(e));
    }
    var findings = new ArrayList<Finding>();
    findings.add(
        Finding.ok(
            ABOUT, "'%s': %d links, root '%s'", urdf.name(), urdf.links().size(), urdf.root()));
    urdf.notices().forEach(notice -> findings.add(Finding.ok(ABOUT, "%s", notice)));
    List<String> driven = urdf.driven();
    if (driven.isEmpty()) {
      findings.add(
          Finding.warning(ABOUT, "give the URDF of an arm", "no joint of it can be commanded"));
    }
    driven.forEach(joint -> findings.add(joint(text, joint)));
    return findings;
  }

  private static Finding joint(String urdf, String joint) {
    List<String> one = List.of(joint);
    var space = new ActionSpace.JointPositions(one, List.of(-1.0), List.of(1.0));
    var task = new Task(List.of(), one, space, new BundleSpec.Chunk(1, 0.1));
    try {
      JointSpace joints =
          ArmModel.of(urdf, task, Optional.empty(), 0.1, StampChecks.MAX_AGE_S).joints();
      return Finding.ok("joint " + joint, limits(joints.of(0)));
    } catch (ArmException e) {
      return Finding.warning("joint " + joint, remedy(e), "%s", reason(e));
    }
  }

  /** The limits of a joint, for people. */
  static String limits(JointBounds bounds) {
    String range =
        bounds.continuous()
            ? "turns without end"
            : String.format(
                Locale.ROOT, "%.3g to %.3g %s", bounds.lower(), bounds.upper(), bounds.unit());
    return String.format(
        Locale.ROOT, "%s, at most %.3g %s/s", range, bounds.velocity(), bounds.unit());
  }

  /** Returns why there is no URDF, or why it cannot be used. */
  static Finding refused(ArmException e) {
    return Finding.error(ABOUT, remedy(e), "%s", reason(e));
  }

  private static String reason(ArmException e) {
    String message = String.valueOf(e.getMessage());
    int at = message.lastIndexOf("; ");
    return at < 0 ? message : message.substring(0, at);
  }

  private static String remedy(ArmException e) {
    String message = String.valueOf(e.getMessage());
    int at = message.lastIndexOf("; ");
    return at < 0
        ? "repair the URDF, or use a bundle or arm file of this arm"
        : message.substring(at + 2);
  }
}
