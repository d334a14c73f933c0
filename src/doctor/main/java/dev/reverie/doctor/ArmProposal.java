package dev.reverie.doctor;

import dev.reverie.arm.ArmFile;
import dev.reverie.arm.ArmFile.Controller;
import dev.reverie.arm.ArmFile.Controller.Kind;
import dev.reverie.arm.JointLimits;
import dev.reverie.arm.TipLinks;
import dev.reverie.arm.Urdf;
import dev.reverie.policy.ActionSpace;
import dev.reverie.rcljava.EndpointInfo;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Proposes an arm file for what is there of an arm.
 *
 * @param arm with the URDF in the file of this name beside it, where one came
 * @param found what it was made from, for people
 * @param assumed what nobody said, for people
 */
record ArmProposal(ArmFile arm, List<String> found, List<String> assumed) {
  private static final double PERIOD_S = 0.1;
  private static final int HORIZON = 4;

  /** Below what most arms can do: a person can follow it with their eyes. */
  private static final double MAX_RAD_PER_S = 1.0;

  private static final double MAX_M_PER_S = 0.1;

  /** Share of the velocity limit that one action makes. */
  private static final double SCALE = 0.5;

  /** Digits of a number that a person is to read. */
  private static final MathContext SHORT = new MathContext(3);

  /** Links that are told, of a hand with many fingers. */
  private static final int MOST_TIPS = 8;

  /** Time in which a joint gets to its velocity limit. */
  private static final double RAMP_S = 0.25;

  /**
   * Words of a person about an arm; what is empty is found.
   *
   * @param controller topic or action
   * @param cameras topics by name
   * @param policyCameras names of those that a policy sees
   */
  record Said(
      String name,
      String controller,
      List<String> joints,
      List<String> jointStates,
      Map<String, String> cameras,
      Set<String> policyCameras,
      double periodS) {}

  /** A way to command the arm. */
  private record Way(Kind kind, String topic, String node, List<String> joints) {
    String moves() {
      return joints.isEmpty() ? "joints that it does not say" : String.join(", ", joints);
    }
  }

  /**
   * Proposes an arm file.
   *
   * @param urdfFile name that the URDF has beside the arm file
   * @throws IllegalArgumentException where too little is there, with the remedy
   */
  static ArmProposal of(Seen seen, Optional<Urdf> urdf, String urdfFile, Said said) {
    List<String> found = new ArrayList<>();
    List<String> assumed = new ArrayList<>();
    List<Way> ways = ways(seen);
    Way way = choose(ways, said, assumed);
    List<String> joints = joints(seen, urdf, said, way, assumed);
    found.add("controller: %s (%s)".formatted(way.topic, word(way.kind)));
    ways.stream()
        .filter(other -> !other.equals(way))
        .forEach(
            other ->
                found.add("not used: %s, which moves %s".formatted(other.topic, other.moves())));
    List<String> states = jointStates(seen, said, joints, found, assumed);
    Map<String, ArmFile.Camera> cameras = CameraProposal.of(seen, said, found, assumed);
    double periodS = said.periodS > 0 ? said.periodS : periodS(seen, cameras, assumed);
    Map<String, JointLimits> limits = limits(urdf, joints, assumed);
    List<Double> scale =
        joints.stream().map(joint -> scale(velocity(urdf, joint), periodS)).toList();
    assumed.add(
        "action space joint_deltas, %s at most in one action; set action.space for another"
            .formatted(scale));
    seen.actionsOf(ControllerChecks.GRIPPER)
        .forEach(
            action ->
                assumed.add(
                    "there is the gripper action %s: set controller.gripper to it and controller.gripper_joint to its joint, and add that to joints, for a policy to move it"
                        .formatted(action)));
    urdf.ifPresent(known -> tips(known, joints, assumed));
    var arm =
        new ArmFile(
            said.name.isEmpty() ? urdf.map(Urdf::name).orElse("arm") : said.name,
            new ArmFile.Description("robot_description", urdf.isPresent() ? urdfFile : "", ""),
            new ArmFile.JointStates(states, Map.of(), ""),
            joints,
            cameras,
            new ArmFile.Action(
                new ActionSpace.JointDeltas(joints, scale),
                periodS,
                HORIZON,
                ArmFile.From.COMMANDED),
            new ArmFile.Limits(limits, List.of(), List.of(), 0),
            new Controller(way.kind, way.topic, 100, "", "", 0),
            ArmFile.Teleoperation.BY_TRAJECTORY);
    return new ArmProposal(arm, List.copyOf(found), List.copyOf(assumed));
  }

  static String word(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static List<Way> ways(Seen seen) {
    List<Way> ways = new ArrayList<>();
    for (Kind kind : List.of(Kind.TRAJECTORY, Kind.STREAM)) {
      String type = kind == Kind.STREAM ? ControllerChecks.ARRAY : ControllerChecks.TRAJECTORY;
      for (String topic : seen.topicsOf(type)) {
        seen.subscriptionsOf(topic).stream()
            .map(EndpointInfo::fullName)
            .filter(ControllerChecks::moves)
            .filter(node -> !seen.robots().containsKey(node + "/status"))
            .findFirst()
            .ifPresent(node -> ways.add(new Way(kind, topic, node, commanded(seen, node))));
      }
    }
    for (String action : seen.actionsOf(ControllerChecks.FOLLOW)) {
      String node = action.substring(0, Math.max(0, action.lastIndexOf('/')));
      if (ways.stream().noneMatch(way -> way.node.equals(node))) {
        ways.add(new Way(Kind.FOLLOW_JOINT_TRAJECTORY, action, node, commanded(seen, node)));
      }
    }
    return ways;
  }

  /** Joints that a controller says it moves; empty where it does not say. */
  private static List<String> commanded(Seen seen, String node) {
    Map<String, String> parameters = seen.parameters().getOrDefault(node, Map.of());
    return ControllerChecks.list(parameters.get("joints")).orElse(List.of());
  }

  private static Way choose(List<Way> ways, Said said, List<String> assumed) {
    List<Way> wanted =
        ways.stream()
            .filter(way -> said.controller.isEmpty() || way.topic.equals(said.controller))
            .toList();
    if (wanted.isEmpty() && !said.controller.isEmpty()) {
      assumed.add(
          "nobody takes commands on %s yet; it is taken as a trajectory controller's topic"
              .formatted(said.controller));
      return new Way(Kind.TRAJECTORY, said.controller, "", List.of());
    }
    if (wanted.isEmpty()) {
      String usual = "joint_trajectory_controller/joint_trajectory";
      assumed.add(
          "nobody takes commands; the controller's topic is taken to be %s: start it and run this again, or give --controller TOPIC"
              .formatted(usual));
      return new Way(Kind.TRAJECTORY, usual, "", List.of());
    }
    Way most = wanted.getFirst();
    for (Way way : wanted) {
      most = way.joints.size() > most.joints.size() ? way : most;
    }
    if (wanted.size() > 1) {
      int joints = most.joints.size();
      long same = wanted.stream().filter(way -> way.joints.size() == joints).count();
      assumed.add(
          "%d controllers take commands; of them %s, which moves %s, %s; choose another by --controller TOPIC"
              .formatted(
                  wanted.size(),
                  most.topic,
                  most.moves(),
                  same > 1
                      ? "the first of %d that move as many".formatted(same)
                      : "more than others"));
    }
    return most;
  }

  private static List<String> joints(
      Seen seen, Optional<Urdf> urdf, Said said, Way way, List<String> assumed) {
    if (!said.joints.isEmpty()) {
      return said.joints;
    }
    if (!way.joints.isEmpty()) {
      return way.joints;
    }
    Set<String> measured = new LinkedHashSet<>();
    seen.joints().values().forEach(topic -> measured.addAll(topic.joints().keySet()));
    List<String> joints =
        urdf.map(known -> known.driven().stream().filter(measured::contains).toList())
            .filter(known -> !known.isEmpty())
            .orElse(List.copyOf(measured));
    if (joints.isEmpty()) {
      throw new IllegalArgumentException(
          "no joint is known: no joint states came, and no controller says its joints; start the arm's driver in this ROS domain, or give --joints a,b,c");
    }
    assumed.add(
        "the controller does not say its joints; all that are measured and move by themselves: %s (--joints)"
            .formatted(joints));
    return joints;
  }

  /** The topics that tell the joints, as few as do. */
  private static List<String> jointStates(
      Seen seen, Said said, List<String> joints, List<String> found, List<String> assumed) {
    seen.joints()
        .forEach(
            (topic, told) ->
                found.add(
                    "joint states: %s at %.0f Hz: %s"
                        .formatted(
                            topic,
                            told.arrivals().rateHz().orElse(0),
                            String.join(", ", told.joints().keySet()))));
    if (!said.jointStates.isEmpty()) {
      return said.jointStates;
    }
    Set<String> missing = new TreeSet<>(joints);
    List<String> chosen = new ArrayList<>();
    while (!missing.isEmpty()) {
      String best = "";
      Set<String> tells = Set.of();
      for (Map.Entry<String, Seen.Joints> topic : seen.joints().entrySet()) {
        Set<String> more = new TreeSet<>(topic.getValue().joints().keySet());
        more.retainAll(missing);
        boolean usual = topic.getKey().equals("/joint_states");
        if (more.size() > tells.size() || (usual && more.size() == tells.size())) {
          best = topic.getKey();
          tells = more;
        }
      }
      if (tells.isEmpty()) {
        assumed.add(
            "no joint state tells %s; start what publishes them, or correct joints or joint_states"
                .formatted(missing));
        break;
      }
      chosen.add(best);
      missing.removeAll(tells);
    }
    return chosen.isEmpty() ? List.of("joint_states") : chosen;
  }

  /** Names the links that keys could move. */
  private static void tips(Urdf urdf, List<String> joints, List<String> assumed) {
    List<String> tips = TipLinks.of(urdf, joints);
    if (!tips.isEmpty()) {
      assumed.add(
          "no teleoperation but by joint positions on 'teleop'; to move the tip by keys (./reverie teleop), set teleoperation: {twist: teleop_twist, tip_link: %s}%s"
              .formatted(
                  tips.getFirst(),
                  tips.size() > 1
                      ? ", or another link at the arm's ends: "
                          + String.join(", ", tips.subList(1, Math.min(tips.size(), MOST_TIPS)))
                      : ""));
    }
  }

  private static double periodS(
      Seen seen, Map<String, ArmFile.Camera> cameras, List<String> assumed) {
    double slowest = Double.POSITIVE_INFINITY;
    for (Map.Entry<String, ArmFile.Camera> camera : cameras.entrySet()) {
      Seen.Camera told = seen.cameras().get(camera.getValue().topic());
      if (camera.getValue().policy() && told != null) {
        slowest = Math.min(slowest, told.arrivals().rateHz().orElse(Double.POSITIVE_INFINITY));
      }
    }
    double periodS = slowest < 1 / PERIOD_S ? Math.ceil(20 / slowest) / 20 : PERIOD_S;
    assumed.add("an action every %s s (--period)".formatted(periodS));
    return periodS;
  }

  private static double velocity(Optional<Urdf> urdf, String joint) {
    double most =
        urdf.filter(known -> known.pushes(joint)).isPresent() ? MAX_M_PER_S : MAX_RAD_PER_S;
    return Math.min(most, urdf.map(known -> known.velocity(joint)).orElse(most));
  }

  private static double scale(double velocity, double periodS) {
    return new BigDecimal(velocity * periodS * SCALE).round(SHORT).doubleValue();
  }

  private static Map<String, JointLimits> limits(
      Optional<Urdf> urdf, List<String> joints, List<String> assumed) {
    Map<String, JointLimits> limits = new LinkedHashMap<>();
    JointLimits none = JointLimits.NONE;
    for (String joint : joints) {
      double velocity = velocity(urdf, joint);
      limits.put(
          joint,
          new JointLimits(
              none.lower(), none.upper(), velocity, velocity / RAMP_S, none.jerk(), none.step()));
    }
    assumed.add(
        "at most %s rad/s and %s m/s, or what the URDF allows where it is less, reached in %s s: set limits.joints once you trust it"
            .formatted(MAX_RAD_PER_S, MAX_M_PER_S, RAMP_S));
    if (urdf.isEmpty()) {
      assumed.add(
          "no robot_description came: limits of position are not known; start robot_state_publisher and run this again, or set description.urdf");
    }
    return limits;
  }
}
