package dev.reverie.arm;

import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.Task;
import dev.reverie.rollout.JointNames;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Model of the arm, from its URDF, its arm file where there is one, and what a policy moves of it.
 *
 * @param joints that are commanded, with their bounds
 * @param jog of the tip by a person; empty where the arm file names none
 * @param notices what of URDF and arm file was taken otherwise than it stands, for people
 */
public record ArmModel(
    ActionMap actions,
    SafetyGate gate,
    JointSpace joints,
    Optional<TipJog> jog,
    List<String> notices) {
  /**
   * Returns the model of an arm without an arm file.
   *
   * @throws ArmException where the URDF does not have what the policy moves
   */
  public static ArmModel of(String urdfXml, Task task, double periodS, double maxAgeS) {
    return of(urdfXml, task, Optional.empty(), periodS, maxAgeS);
  }

  /**
   * Returns the model of an arm without a policy.
   *
   * @throws ArmException where URDF and arm file do not go together
   */
  public static ArmModel of(String urdfXml, ArmFile arm, double periodS, double maxAgeS) {
    return of(urdfXml, arm.task(), Optional.of(arm), periodS, maxAgeS);
  }

  /**
   * Returns the model of an arm whose names in the URDF are those of its arm file.
   *
   * @param task what a policy moves of it
   * @throws ArmException where URDF, arm file and task do not go together
   */
  public static ArmModel of(
      String urdfXml, Task task, Optional<ArmFile> arm, double periodS, double maxAgeS) {
    JointNames names = arm.map(a -> a.jointStates().jointNames()).orElse(JointNames.SAME);
    return of(urdfXml, names, task, arm, periodS, maxAgeS);
  }

  /**
   * Returns the model of an arm.
   *
   * @param names in the URDF; frames and tips of task and arm file may lack their prefix
   * @param task what a policy moves of it
   * @throws ArmException where URDF, arm file and task do not go together
   */
  public static ArmModel of(
      String urdfXml,
      JointNames names,
      Task task,
      Optional<ArmFile> arm,
      double periodS,
      double maxAgeS) {
    List<String> joints = task.jointNames();
    Urdf urdf = Urdf.parse(urdfXml).withPrefix(names.prefix());
    List<String> outside = names.inMessages(joints);
    List<String> notices = new ArrayList<>(urdf.notices());
    JointSpace space = bounds(urdf, joints, outside, arm, notices);
    List<JoinedActions.Part> parts = new ArrayList<>();
    List<TipWorkspace> workspaces = new ArrayList<>();
    for (ActionSpace part : task.actionSpace().each()) {
      PartActions actions =
          switch (part) {
            case ActionSpace.EndEffector s -> {
              // Without an arm file what was trained in lock-step must stay what it is.
              boolean free =
                  arm.isEmpty()
                      && part.equals(task.actionSpace())
                      && s instanceof ActionSpace.EndEffectorDelta;
              var deltas =
                  new EndEffectorDeltas(
                      urdf, outside, s, free ? Optional.empty() : Optional.of(space), periodS);
              workspaces.add(deltas.workspace());
              yield deltas;
            }
            case ActionSpace.EndEffectorPose s -> {
              var poses = new EndEffectorPoses(urdf, outside, s, Optional.of(space), periodS);
              workspaces.add(poses.workspace());
              yield poses;
            }
            case ActionSpace.BinaryGripper s -> new GripperActions(space, s);
            case ActionSpace.JointPositions s -> JointActions.of(space, s);
            case ActionSpace.JointDeltas s -> JointActions.of(space, s);
            case ActionSpace.Parts s -> throw new IllegalStateException(s.toString());
          };
      parts.add(new JoinedActions.Part(actions, part.dimensions()));
    }
    Optional<TipWorkspace> workspace = TipWorkspace.of(workspaces);
    Optional<Boxes> boxes = arm.map(a -> new Boxes(urdf, outside, a.limits(), tip(task, a)));
    List<Room.Rule> rules = new ArrayList<>();
    workspace.ifPresent(tips -> rules.add(tips.rule()));
    boxes.ifPresent(all -> rules.addAll(all.rules()));
    Room.require(space, rules, Boxes.SLACK_M);
    return new ArmModel(
        parts.size() == 1 ? parts.getFirst().actions() : new JoinedActions(parts, outside),
        new SafetyGate(space, workspace, boxes, periodS, maxAgeS),
        space,
        arm.map(a -> a.teleoperation().tipLink())
            .filter(tip -> !tip.isEmpty())
            .map(tip -> jog(urdf, outside, tip)),
        List.copyOf(notices));
  }

  /** Returns the link that the arm's workspace is about, where somebody names it. */
  private static Optional<String> tip(Task task, ArmFile arm) {
    return Stream.of(task.actionSpace().tip(), arm.teleoperation().tipLink())
        .filter(link -> !link.isEmpty())
        .findFirst();
  }

  private static TipJog jog(Urdf urdf, List<String> outside, String tip) {
    try {
      return new TipJog(urdf, outside, tip);
    } catch (ArmException e) {
      throw new ArmException("teleoperation.tip_link: " + e.getMessage(), e);
    }
  }

  private static JointSpace bounds(
      Urdf urdf,
      List<String> joints,
      List<String> outside,
      Optional<ArmFile> arm,
      List<String> notices) {
    String file = arm.map(a -> a.description().jointLimits()).orElse("");
    Map<String, JointLimits> more = file.isEmpty() ? Map.of() : JointLimitsYaml.read(Path.of(file));
    JointLimitsYaml.requireJoints(Path.of(file), more.keySet(), urdf);
    List<JointBounds> bounds = new ArrayList<>();
    for (int i = 0; i < joints.size(); i++) {
      String name = joints.get(i);
      Urdf.Joint joint = urdf.commanded(outside.get(i), arm);
      JointLimits own = arm.map(a -> a.limits().of(name)).orElse(JointLimits.NONE);
      JointLimits other = more.getOrDefault(outside.get(i), JointLimits.NONE);
      bounds.add(JointBounds.of(name, joint, List.of(other, own)));
      notices.addAll(LooseLimits.of(name, joint, own));
    }
    return new JointSpace(bounds);
  }
}
