package dev.reverie.arm;

import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import java.util.Optional;

/** Model of the arm, from its URDF and the policy's spec. */
public record ArmModel(ActionMap actions, SafetyGate gate) {
  public static ArmModel of(String urdfXml, BundleSpec spec, double periodS, double maxAgeS) {
    Urdf urdf = Urdf.parse(urdfXml);
    var joints = spec.jointNames();
    Optional<TipWorkspace> workspace = Optional.empty();
    ActionMap actions;
    switch (spec.actionSpace()) {
      case ActionSpace.EndEffectorDelta space -> {
        var deltas = new EndEffectorDeltas(urdf, joints, space);
        workspace = deltas.workspace();
        actions = deltas;
      }
      case ActionSpace.JointPositions space -> actions = JointActions.of(joints, space);
      case ActionSpace.JointDeltas space -> actions = JointActions.of(joints, space);
    }
    return new ArmModel(actions, new SafetyGate(urdf, joints, workspace, periodS, maxAgeS));
  }
}
