package dev.reverie.arm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.policy.ActionSpace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.joml.Matrix4d;
import org.joml.Vector3d;

/**
 * Answers, for {@code bench/kinematics.py}, one line of JSON with one: what a URDF has, and the
 * poses and Jacobians of a tip.
 */
final class KinematicsPeer {
  private static final ObjectMapper JSON = new ObjectMapper();

  private KinematicsPeer() {}

  public static void main(String[] args) throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      ObjectNode answer = JSON.createObjectNode();
      try {
        JsonNode asked = JSON.readTree(line);
        Urdf urdf = Urdf.parse(Files.readString(Path.of(asked.get("urdf").asText())));
        if (asked.has("actions")) {
          targets(urdf, asked, answer);
        } else if (asked.has("tip")) {
          poses(urdf, asked, answer);
        } else {
          contents(urdf, answer);
        }
      } catch (ArmException e) {
        answer.put("refused", String.valueOf(e.getMessage()));
      }
      out.println(JSON.writeValueAsString(answer));
    }
  }

  private static void contents(Urdf urdf, ObjectNode answer) {
    answer.put("root", urdf.root());
    Set<String> leaves = new TreeSet<>(urdf.links());
    ArrayNode joints = answer.putArray("joints");
    for (Urdf.Joint joint : urdf.joints().values()) {
      leaves.remove(joint.parent());
      if (joint.moves() && joint.mimic().flatMap(m -> urdf.named(m.driver())).isEmpty()) {
        joints.add(joint.name());
      }
    }
    leaves.removeIf(
        link -> !urdf.fault().isEmpty() || urdf.chain(link).stream().noneMatch(Urdf.Joint::moves));
    leaves.forEach(answer.putArray("leaves")::add);
    answer.put("fault", urdf.fault());
  }

  /** Joint targets of actions that move and turn the tip along and about all axes. */
  private static void targets(Urdf urdf, JsonNode asked, ObjectNode answer) {
    List<String> joints = new ArrayList<>();
    asked.get("joints").forEach(joint -> joints.add(joint.asText()));
    double far = 100;
    double most = asked.get("scale").asDouble();
    var space =
        new ActionSpace.EndEffectorPoseDelta(
            asked.get("frame").asText(),
            asked.get("tip").asText(),
            List.of("x", "y", "z"),
            List.of(most, most, most),
            List.of("rx", "ry", "rz"),
            List.of(most, most, most),
            true,
            new ActionSpace.Workspace(List.of(-far, -far, -far), List.of(far, far, far)));
    var bounds =
        new JointSpace(
            joints.stream().map(j -> JointBounds.of(j, urdf.commanded(j), List.of())).toList());
    var deltas =
        new EndEffectorDeltas(
            urdf, joints, space, Optional.of(bounds), asked.get("period").asDouble());
    ArrayNode targets = answer.putArray("targets");
    ArrayNode limits = answer.putArray("limits");
    for (int n = 0; n < asked.get("positions").size(); n++) {
      double[] positions = JSON.convertValue(asked.get("positions").get(n), double[].class);
      deltas.begin(positions);
      float[] action = JSON.convertValue(asked.get("actions").get(n), float[].class);
      ActionMap.Target target = deltas.target(positions, action, 0);
      targets.addPOJO(target.positions());
      limits.add(target.limits().size());
    }
    answer.putPOJO("lower", bounds.joints().stream().map(JointBounds::lower).toList());
    answer.putPOJO("upper", bounds.joints().stream().map(JointBounds::upper).toList());
    answer.putPOJO("velocity", bounds.joints().stream().map(JointBounds::velocity).toList());
  }

  private static void poses(Urdf urdf, JsonNode asked, ObjectNode answer) {
    List<String> joints = new ArrayList<>();
    asked.get("joints").forEach(joint -> joints.add(joint.asText()));
    var chain =
        KinematicChain.of(urdf, joints, asked.get("frame").asText(), asked.get("tip").asText());
    ArrayNode columns = answer.putArray("columns");
    for (int i = 0; i < chain.size(); i++) {
      columns.add(joints.get(chain.jointIndex(i)));
    }
    ArrayNode poses = answer.putArray("poses");
    ArrayNode jacobians = answer.putArray("jacobians");
    for (JsonNode given : asked.get("positions")) {
      double[] positions = JSON.convertValue(given, double[].class);
      Matrix4d pose = chain.tipPose(positions, new Matrix4d());
      poses.addPOJO(pose.transpose(new Matrix4d()).get(new double[16]));
      double[][] jacobian = new double[6][chain.size()];
      chain.jacobian(pose.getTranslation(new Vector3d()), jacobian);
      jacobians.addPOJO(jacobian);
    }
  }
}
