package dev.reverie.doctor;

import dev.reverie.arm.ArmFile.Controller.Kind;
import dev.reverie.msgs.controller_manager_msgs.ControllerState;
import dev.reverie.rcljava.EndpointInfo;
import dev.reverie.rcljava.Qos;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks of who takes the commands: whether somebody listens, is active and accepts what the node
 * sends. Settings: docs/controllers.md.
 */
final class ControllerChecks {
  static final String TRAJECTORY = "trajectory_msgs/msg/JointTrajectory";
  static final String ARRAY = "std_msgs/msg/Float64MultiArray";
  private static final String ABOUT = "controller";
  static final String FOLLOW = "control_msgs/action/FollowJointTrajectory";
  static final String GRIPPER = "control_msgs/action/GripperCommand";
  private static final Set<String> SETTINGS =
      Set.of(
          "joints",
          "command_joints",
          "command_interfaces",
          "state_interfaces",
          "interface_name",
          "allow_partial_joints_goal",
          "interpolate_from_desired_state",
          "open_loop_control", // its name before Kilted
          "interpolation_method",
          "allow_nonzero_velocity_at_trajectory_end",
          "allow_integration_in_goal_trajectories",
          "constraints.goal_time",
          "constraints.stopped_velocity_tolerance",
          "set_last_command_interface_value_as_state_on_activation",
          "cmd_timeout");

  /** Nodes that listen to everything, and move nothing. */
  private static final List<String> LISTENERS =
      List.of("rosbag", "ros2cli", "plotjuggler", "foxglove", "rqt", "rviz", "recorder", "echo");

  private ControllerChecks() {}

  /** Returns whether a parameter of a controller is one that the checks look at. */
  static boolean matters(String parameter) {
    return SETTINGS.contains(parameter)
        || parameter.matches("constraints\\..+\\.(trajectory|goal)");
  }

  /** Returns whether a node that hears commands may move the arm; others only listen. */
  static boolean moves(String node) {
    return LISTENERS.stream().noneMatch(node::contains);
  }

  /** Full names of the nodes that may move the arm by the commands. */
  static List<String> takers(Wanted wanted, Seen seen) {
    return commandTopics(wanted, seen).stream()
        .flatMap(topic -> seen.subscriptionsOf(topic).stream())
        .map(EndpointInfo::fullName)
        .filter(ControllerChecks::moves)
        .filter(name -> !seen.robots().containsKey(name + "/status"))
        .distinct()
        .toList();
  }

  private static List<String> commandTopics(Wanted wanted, Seen seen) {
    if (!wanted.commands().isEmpty()) {
      return wanted.kind() == Kind.FOLLOW_JOINT_TRAJECTORY ? List.of() : List.of(wanted.commands());
    }
    return heardTopics(wanted, seen);
  }

  /** Topics of either kind of commands on which somebody listens, but for those of people. */
  private static List<String> heardTopics(Wanted wanted, Seen seen) {
    return Stream.concat(seen.topicsOf(TRAJECTORY).stream(), seen.topicsOf(ARRAY).stream())
        .filter(topic -> !wanted.teleoperation().contains(topic))
        .filter(topic -> !seen.subscriptionsOf(topic).isEmpty())
        .toList();
  }

  static List<Finding> check(Wanted wanted, Seen seen) {
    var findings = new ArrayList<Finding>();
    if (wanted.kind() == Kind.FOLLOW_JOINT_TRAJECTORY) {
      findings.add(action(wanted.commands(), FOLLOW, seen));
    } else {
      findings.addAll(listening(wanted, seen));
    }
    wanted
        .arm()
        .map(arm -> arm.controller().gripper())
        .filter(gripper -> !gripper.isEmpty())
        .ifPresent(gripper -> findings.add(action(gripper, GRIPPER, seen)));
    for (String taker : takers(wanted, seen)) {
      findings.addAll(state(taker, seen.controllers()));
      findings.addAll(
          settings(taker, seen.parameters().getOrDefault(taker, Map.of()), joints(wanted)));
    }
    return findings;
  }

  private static List<String> joints(Wanted wanted) {
    return wanted.task().map(task -> task.jointNames()).orElse(List.of()).stream()
        .map(wanted::outside)
        .toList();
  }

  private static List<Finding> listening(Wanted wanted, Seen seen) {
    List<String> topics = commandTopics(wanted, seen);
    List<String> takers = takers(wanted, seen);
    if (takers.isEmpty()) {
      return List.of(
          Finding.error(
              ABOUT,
              "start and activate it, or say where it listens: controller.topic"
                  + elsewhere(wanted, seen),
              "nobody takes commands%s",
              wanted.commands().isEmpty() ? "" : " on " + wanted.commands()));
    }
    var findings = new ArrayList<Finding>();
    String type = wanted.kind() == Kind.STREAM ? ARRAY : TRAJECTORY;
    for (String topic : topics) {
      for (EndpointInfo taker : seen.subscriptionsOf(topic)) {
        if (takers.contains(taker.fullName())) {
          findings.add(taker(topic, wanted.commands().isEmpty() ? taker.type() : type, taker));
        }
      }
    }
    return findings;
  }

  private static String elsewhere(Wanted wanted, Seen seen) {
    List<String> others =
        heardTopics(wanted, seen).stream()
            .filter(topic -> !topic.equals(wanted.commands()))
            .toList();
    return others.isEmpty() ? "" : "; somebody listens on " + others;
  }

  private static Finding taker(String topic, String type, EndpointInfo taker) {
    String node = taker.fullName();
    if (!taker.type().equals(type)) {
      return Finding.error(
          ABOUT,
          "set controller.kind in the arm file to what it takes",
          "%s takes %s on %s, and the node sends %s",
          node,
          taker.type(),
          topic,
          type);
    }
    if (taker.qos().durability() == Qos.Durability.TRANSIENT_LOCAL) {
      return Finding.error(
          ABOUT,
          "let it subscribe with volatile durability",
          "%s wants transient local commands on %s, which do not match",
          node,
          topic);
    }
    return Finding.ok(ABOUT, "%s takes %s on %s", node, type, topic);
  }

  private static Finding action(String name, String type, Seen seen) {
    List<String> there = seen.actionsOf(type);
    String absolute = name.startsWith("/") ? name : "/" + name;
    return there.stream().anyMatch(each -> each.equals(name) || each.endsWith(absolute))
        ? Finding.ok("action " + name, "%s", type)
        : Finding.error(
            "action " + name,
            there.isEmpty()
                ? "start the driver that has it"
                : "set controller.topic or controller.gripper to one of " + there,
            "no server of %s",
            type);
  }

  private static List<Finding> state(String taker, List<ControllerState> controllers) {
    String name = taker.substring(taker.lastIndexOf('/') + 1);
    return controllers.stream()
        .filter(controller -> controller.name().equals(name))
        .map(
            controller ->
                controller.state().equals("active")
                    ? Finding.ok(taker, "active, %s", controller.type())
                    : Finding.error(
                        taker,
                        "ros2 control switch_controllers --activate " + name,
                        "is %s: it drops every command",
                        controller.state()))
        .toList();
  }

  /** Returns whether a controller's parameters go with what the node sends. */
  static List<Finding> settings(String taker, Map<String, String> parameters, List<String> joints) {
    var findings = new ArrayList<Finding>();
    Optional<List<String>> own = list(parameters.get("joints"));
    boolean partial = "true".equals(parameters.get("allow_partial_joints_goal"));
    if (own.isPresent() && !joints.isEmpty()) {
      Set<String> lacks = new TreeSet<>(joints);
      lacks.removeAll(own.get());
      Set<String> more = new TreeSet<>(own.get());
      more.removeAll(joints);
      if (!lacks.isEmpty()) {
        findings.add(
            Finding.error(
                taker,
                "give the joints' names as the controller has them: " + own.get(),
                "does not know the joints %s: it rejects every trajectory",
                lacks));
      } else if (!more.isEmpty() && !partial) {
        findings.add(
            Finding.error(
                taker,
                "set its allow_partial_joints_goal: true, or command all of its joints",
                "also wants the joints %s: it rejects trajectories without them",
                more));
      }
    }
    list(parameters.get("command_interfaces"))
        .filter(interfaces -> !interfaces.contains("position"))
        .ifPresent(
            interfaces ->
                findings.add(
                    Finding.warning(
                        taker,
                        "prefer position; else tune its gains before the arm moves",
                        "commands the hardware by %s",
                        interfaces)));
    if ("none".equals(parameters.get("interpolation_method"))) {
      findings.add(
          Finding.warning(
              taker, "set its interpolation_method: splines", "jumps from point to point"));
    }
    String begins =
        parameters.containsKey("interpolate_from_desired_state")
            ? "interpolate_from_desired_state"
            : "open_loop_control";
    if ("false".equals(parameters.get(begins))) {
      findings.add(
          Finding.warning(
              taker,
              "set its %s: true".formatted(begins),
              "begins each trajectory where it measures the arm: one that follows a little late is pulled back at each tick"));
    }
    parameters.forEach(
        (name, value) -> {
          if (name.endsWith(".trajectory") && 0 < number(value) && number(value) < 0.02) {
            findings.add(
                Finding.warning(
                    taker,
                    "give it 0.1 rad or more",
                    "%s is %s: small lags abort the motion",
                    name,
                    value));
          }
        });
    if (findings.isEmpty() && !parameters.isEmpty()) {
      findings.add(Finding.ok(taker, "its settings go with the node's commands"));
    }
    return findings;
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Returns what stands in a parameter that is a list; empty where it is none, or has nothing. */
  static Optional<List<String>> list(@Nullable String text) {
    if (text == null || !text.startsWith("[") || text.equals("[]")) {
      return Optional.empty();
    }
    return Optional.of(
        Arrays.stream(text.substring(1, text.length() - 1).split(",", -1))
            .map(String::strip)
            .toList());
  }
}
