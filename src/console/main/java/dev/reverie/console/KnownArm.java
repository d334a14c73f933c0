package dev.reverie.console;

import dev.reverie.arm.ActionMap;
import dev.reverie.arm.ArmFile;
import dev.reverie.arm.ArmLinks;
import dev.reverie.arm.ArmModel;
import dev.reverie.arm.JointBounds;
import dev.reverie.console.ChunkStory.Playing;
import dev.reverie.console.ChunkStory.Rest;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.Task;
import dev.reverie.rollout.JointNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An arm whose URDF and policy are known: its limits, and where action chunks lead it. */
final class KnownArm {
  /**
   * The way along which chunks lead, as positions of the policy's joints by their names in
   * messages, one action after the other.
   *
   * @param done what of the chunk that plays is carried out, as it was sent
   * @param ahead what of it is left, from where the arm was last sent
   * @param next what is left of the chunk that comes, as if it took over now
   */
  record Paths(
      List<Map<String, Double>> done,
      List<Map<String, Double>> ahead,
      List<Map<String, Double>> next) {
    static final Paths NONE = new Paths(List.of(), List.of(), List.of());
  }

  private final Task task;
  private final List<String> names; // of the policy's joints, in messages
  private final ArmModel model;
  private final ArmLinks links;
  private final Optional<String> tip;
  private String begun = ""; // episode whose begin the action map knows
  private @Nullable Playing told; // what the paths are of
  private Paths paths = Paths.NONE;

  /**
   * Reads an arm.
   *
   * @param names of joints in messages and URDF
   * @throws dev.reverie.arm.ArmException where URDF, arm file and policy do not go together
   */
  KnownArm(String urdf, JointNames names, Task task, Optional<ArmFile> arm) {
    this.task = task;
    this.names = names.inMessages(task.jointNames());
    model = ArmModel.of(urdf, names, task, arm, task.chunk().periodS(), 1);
    links = ArmLinks.of(urdf, names);
    tip =
        Stream.of(task.actionSpace().tip(), arm.map(of -> of.teleoperation().tipLink()).orElse(""))
            .filter(link -> !link.isEmpty())
            .findFirst()
            .or(() -> Optional.of(moving(names)).filter(some -> !some.isEmpty()).map(links::hand));
  }

  /** The joints that move the tip: the policy's, but for a gripper's. */
  private List<String> moving(JointNames named) {
    List<String> grippers = new ArrayList<>();
    for (ActionSpace part : task.actionSpace().each()) {
      if (part instanceof ActionSpace.BinaryGripper gripper) {
        grippers.add(gripper.joint());
      }
    }
    return named.inMessages(
        task.jointNames().stream().filter(joint -> !grippers.contains(joint)).toList());
  }

  List<JointBounds> bounds() {
    return model.joints().joints();
  }

  ArmLinks links() {
    return links;
  }

  /** The link whose way is drawn; empty where the policy moves a gripper alone. */
  Optional<String> tip() {
    return tip;
  }

  /**
   * Returns where chunks lead.
   *
   * @param measured positions by the name in messages, where the first chunk begins
   */
  synchronized Paths paths(Playing playing, Map<String, Double> measured) {
    if (!playing.equals(told)) {
      told = playing;
      paths = follow(playing, measured);
    }
    return paths;
  }

  private Paths follow(Playing playing, Map<String, Double> measured) {
    List<double[]> done = playing.done().stream().flatMap(c -> sent(c).stream()).toList();
    Optional<double[]> from =
        done.isEmpty() ? vector(names, measured) : Optional.of(done.getLast());
    if (from.isEmpty()) {
      return Paths.NONE;
    }
    Stream.concat(playing.plays().stream(), playing.next().stream())
        .findFirst()
        .ifPresent(rest -> begin(rest.chunk(), playing.done(), from.get()));
    return new Paths(
        named(done),
        named(playing.plays().map(rest -> targets(from.get(), rest)).orElse(List.of())),
        named(playing.next().map(rest -> targets(from.get(), rest)).orElse(List.of())));
  }

  /** Tells the action map where the episode began, or where it is when it is first heard of. */
  private void begin(ActionChunk chunk, List<Command> done, double[] from) {
    if (!begun.equals(chunk.episodeId())) {
      begun = chunk.episodeId();
      double[] measured = done.isEmpty() ? from : done.getFirst().measuredPositions();
      model.actions().begin(measured.length == from.length ? measured : from);
    }
  }

  /** Joint targets of what is left of a chunk, each from the one before, and where they begin. */
  private List<double[]> targets(double[] from, Rest rest) {
    ActionChunk chunk = rest.chunk();
    if (chunk.actionDim() != task.actionSpace().dimensions()
        || chunk.actions().length != chunk.horizon() * chunk.actionDim()
        || !isFinite(chunk.actions())) {
      return List.of(); // of another policy, or of one that has gone wrong
    }
    ActionMap actions = model.actions();
    List<double[]> targets = new ArrayList<>(List.of(from));
    for (int k = rest.from(); k < chunk.horizon(); k++) {
      targets.add(actions.target(targets.getLast(), chunk.actions(), k).positions());
    }
    return targets;
  }

  private static boolean isFinite(float[] actions) {
    for (float action : actions) {
      if (!Float.isFinite(action)) {
        return false;
      }
    }
    return true;
  }

  private Optional<double[]> sent(Command command) {
    Map<String, Double> positions = new HashMap<>();
    int joints = Math.min(command.jointNames().size(), command.positions().length);
    for (int i = 0; i < joints; i++) {
      positions.put(command.jointNames().get(i), command.positions()[i]);
    }
    return vector(task.jointNames(), positions);
  }

  /** The policy's joints in their order; empty where one is not told. */
  private static Optional<double[]> vector(List<String> names, Map<String, Double> positions) {
    double[] vector =
        names.stream().mapToDouble(name -> positions.getOrDefault(name, Double.NaN)).toArray();
    for (double position : vector) {
      if (!Double.isFinite(position)) {
        return Optional.empty();
      }
    }
    return Optional.of(vector);
  }

  private List<Map<String, Double>> named(List<double[]> path) {
    List<Map<String, Double>> all = new ArrayList<>();
    for (double[] positions : path) {
      Map<String, Double> one = new HashMap<>();
      for (int i = 0; i < positions.length; i++) {
        one.put(names.get(i), positions[i]);
      }
      all.add(one);
    }
    return all;
  }
}
