package dev.reverie.doctor;

import dev.reverie.arm.JointBounds;
import dev.reverie.arm.JointSpace;
import dev.reverie.rcljava.EndpointInfo;
import dev.reverie.rollout.NearestNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Checks of joint states: topics, publishers, times, names and values. */
final class JointChecks {
  private static final double BEYOND_RAD = 0.01;

  private JointChecks() {}

  static List<Finding> check(Wanted wanted, Seen seen, Optional<JointSpace> space) {
    var findings = new ArrayList<Finding>();
    for (String topic : wanted.jointStates()) {
      findings.addAll(topic(wanted, seen, topic));
    }
    List<String> joints = wanted.task().map(task -> task.jointNames()).orElse(List.of());
    boolean heard = seen.joints().values().stream().anyMatch(t -> t.arrivals().count() > 0);
    if (heard) {
      findings.addAll(names(wanted, seen, joints));
      space.ifPresent(bounds -> findings.addAll(limits(wanted, seen, bounds)));
    }
    return findings;
  }

  private static List<Finding> topic(Wanted wanted, Seen seen, String topic) {
    Seen.Joints joints = seen.joints().get(topic);
    List<EndpointInfo> publishers = seen.publishersOf(topic);
    if (joints == null || publishers.isEmpty()) {
      List<String> others = seen.topicsOf("sensor_msgs/msg/JointState");
      return List.of(
          Finding.error(
              topic,
              others.stream().anyMatch(other -> !other.equals(topic))
                  ? "start the arm's driver, or remap joint_states; joint states are on " + others
                  : "start the arm's driver",
              "nobody publishes it"));
    }
    if (joints.arrivals().count() == 0) {
      return List.of(
          Finding.error(
              topic,
              "restart " + Seen.nodes(publishers),
              "%s publishes it, and nothing came",
              Seen.nodes(publishers)));
    }
    var findings = new ArrayList<Finding>();
    findings.add(rate(wanted, topic, joints.arrivals(), Seen.nodes(publishers)));
    findings.addAll(StampChecks.check(topic, joints.arrivals()));
    if (joints.malformed() > 0) {
      findings.add(
          Finding.error(
              topic,
              "repair the driver: one position a name",
              "%d messages have not as many positions as names",
              joints.malformed()));
    }
    return findings;
  }

  private static Finding rate(Wanted wanted, String topic, Arrivals arrivals, String from) {
    double hz = arrivals.rateHz().orElse(0);
    double needed = wanted.periodS().isPresent() ? 1 / wanted.periodS().getAsDouble() : 0;
    return hz < 0.9 * needed
        ? Finding.warning(
            topic,
            "raise the driver's rate, best to 100 Hz or more",
            "%.1f Hz from %s; the policy ticks at %.1f Hz",
            hz,
            from,
            needed)
        : Finding.ok(topic, "%.1f Hz from %s", hz, from);
  }

  private static List<Finding> names(Wanted wanted, Seen seen, List<String> joints) {
    Set<String> all = new TreeSet<>();
    seen.joints().values().forEach(topic -> all.addAll(topic.joints().keySet()));
    var findings = new ArrayList<Finding>();
    for (String joint : joints) {
      String outside = wanted.outside(joint);
      if (!all.contains(outside)) {
        findings.add(
            Finding.error(
                "joint " + joint,
                "map its name by joint_states.names or joint_states.prefix of the arm file, or by joint_names or joint_prefix; nearest: "
                    + NearestNames.of(outside, all),
                "no message has '%s'",
                outside));
      }
    }
    for (String name : joints.isEmpty() ? all : joints) {
      findings.addAll(values(seen, wanted.outside(name)));
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok("joints", "%s", String.join(", ", joints.isEmpty() ? all : joints)));
    }
    return findings;
  }

  private static List<Finding> values(Seen seen, String name) {
    var findings = new ArrayList<Finding>();
    Set<String> publishers = new TreeSet<>();
    seen.joints()
        .forEach(
            (topic, joints) -> {
              Seen.Joint joint = joints.joints().get(name);
              if (joint != null) {
                joint.publishers().forEach(gid -> publishers.add(node(seen, topic, gid)));
                if (!joint.finite()) {
                  findings.add(
                      Finding.error(
                          "joint " + name,
                          "check its encoder and the driver",
                          "its position is not a finite number"));
                }
              }
            });
    if (publishers.size() > 1) {
      findings.add(
          Finding.error(
              "joint " + name,
              "stop the publisher that is not the arm's",
              "comes from %s",
              String.join(" and ", publishers)));
    }
    return findings;
  }

  private static String node(Seen seen, String topic, String gid) {
    return seen.publishersOf(topic).stream()
        .filter(endpoint -> endpoint.gid().equals(gid))
        .map(EndpointInfo::fullName)
        .findFirst()
        .orElse("another node (" + gid.substring(0, 8) + ")");
  }

  private static List<Finding> limits(Wanted wanted, Seen seen, JointSpace space) {
    var findings = new ArrayList<Finding>();
    for (JointBounds bounds : space.joints()) {
      seen.joints().values().stream()
          .map(topic -> topic.joints().get(wanted.outside(bounds.joint())))
          .filter(joint -> joint != null && joint.finite())
          .map(Seen.Joint::position)
          .filter(at -> at < bounds.lower() - BEYOND_RAD || at > bounds.upper() + BEYOND_RAD)
          .map(
              at ->
                  Finding.error(
                      "joint " + bounds.joint(),
                      "move it back by hand, calibrate its zero, or correct the URDF",
                      "stands at %.3f %s, beyond its limits %.3f to %.3f",
                      at,
                      bounds.unit(),
                      bounds.lower(),
                      bounds.upper()))
          .forEach(findings::add);
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok("joint limits", "all %d joints stand within", space.size()));
    }
    return findings;
  }
}
