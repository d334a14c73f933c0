package dev.reverie.doctor;

import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.rcljava.EndpointInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Checks of nodes: their names, who else moves the arm, and the robot node where it runs. */
final class NodeChecks {
  private NodeChecks() {}

  static List<Finding> check(Wanted wanted, Seen seen) {
    var findings = new ArrayList<Finding>();
    findings.add(names(seen.nodes()));
    findings.addAll(commanding(wanted, seen));
    for (String topic : wanted.teleoperation()) {
      List<EndpointInfo> persons = seen.publishersOf(topic);
      if (!persons.isEmpty()) {
        findings.add(
            persons.size() > 1
                ? Finding.warning(
                    topic, "stop all but one", "several command: %s", Seen.nodes(persons))
                : Finding.ok(topic, "from %s", Seen.nodes(persons)));
      }
    }
    seen.robots().forEach((topic, status) -> findings.addAll(robot(topic, status)));
    return findings;
  }

  private static Finding names(List<String> nodes) {
    Set<String> once = new HashSet<>();
    Set<String> twice = new TreeSet<>();
    nodes.stream().filter(name -> !once.add(name)).forEach(twice::add);
    return twice.isEmpty()
        ? Finding.ok("nodes", "%d, each with a name of its own", nodes.size())
        : Finding.error(
            "nodes",
            "stop one of each, or start it with -r __node:=NAME",
            "several have the name %s",
            String.join(", ", twice));
  }

  /** Others than one robot node that publish commands. */
  private static List<Finding> commanding(Wanted wanted, Seen seen) {
    if (wanted.commands().isEmpty()) {
      return List.of();
    }
    List<String> robots =
        seen.robots().keySet().stream()
            .map(topic -> topic.substring(0, topic.lastIndexOf('/')))
            .toList();
    List<EndpointInfo> publishers =
        seen.publishersOf(wanted.commands()).stream()
            .filter(publisher -> !publisher.node().startsWith("_")) // brakes beside its robot node
            .toList();
    List<String> others =
        publishers.stream()
            .map(EndpointInfo::fullName)
            .filter(name -> !robots.contains(name))
            .toList();
    if (!others.isEmpty()) {
      return List.of(
          Finding.warning(
              wanted.commands(),
              "stop it before the robot node moves the arm",
              "%s commands the arm too",
              String.join(", ", others)));
    }
    return publishers.size() > 1
        ? List.of(
            Finding.error(
                wanted.commands(),
                "stop all but one",
                "%d robot nodes command the arm: %s",
                publishers.size(),
                Seen.nodes(publishers)))
        : List.of();
  }

  private static List<Finding> robot(String topic, Status status) {
    String node = topic.substring(0, topic.lastIndexOf('/'));
    var findings = new ArrayList<Finding>();
    boolean waits = status.holdReason().isEmpty() || status.hold().kind() == Hold.NO_EPISODE;
    findings.add(
        waits
            ? Finding.ok(
                node,
                "%s%s",
                status.state(),
                status.holdReason().isEmpty() ? "" : ", " + status.holdReason())
            : Finding.warning(
                node,
                "docs/robot-node.md explains each reason to hold",
                "%s, holds: %s",
                status.state(),
                status.holdReason()));
    status
        .notices()
        .forEach(
            notice ->
                findings.add(
                    Finding.warning(node, "docs/robot-node.md explains it", "%s", notice)));
    return findings;
  }
}
