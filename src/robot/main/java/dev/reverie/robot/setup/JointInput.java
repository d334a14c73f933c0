package dev.reverie.robot.setup;

import dev.reverie.arm.ArmFile.JointStates;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.ParameterDeclaration;
import dev.reverie.rollout.JointNames;
import dev.reverie.rollout.RolloutTopic;
import java.util.List;
import java.util.Optional;

/**
 * The source of the arm's measured positions. In an episode's configuration it tells readers of the
 * bag how to merge them again.
 *
 * @param topics whose joint states are merged, fully qualified
 * @param names that the joints have in messages and URDF
 */
public record JointInput(List<String> topics, JointNames names) {
  /** Copies the topics. */
  public JointInput {
    topics = List.copyOf(topics);
  }

  /**
   * Declares the parameters.
   *
   * @throws RobotException where they give a joint no name of its own, or name one that is not
   *     there
   */
  static JointInput read(Node node, StartFiles files) {
    Optional<JointStates> arm = files.arm().map(of -> of.jointStates());
    JointNames known = arm.map(JointStates::jointNames).orElse(JointNames.SAME);
    List<String> pairs =
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("joint_names", known.pairs()),
            "names of joints in messages and URDF where they differ: NAME_THERE=NAME_OF_THE_POLICY");
    String prefix =
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("joint_prefix", known.prefix()),
            "before the names of the policy's other joints in messages and URDF");
    List<String> topics =
        arm.map(JointStates::topics).orElse(List.of(RolloutTopic.JOINT_STATES.name()));
    try {
      JointNames names = JointNames.of(pairs, prefix, known, files.task().jointNames());
      return new JointInput(topics.stream().map(node::resolveTopic).toList(), names);
    } catch (IllegalArgumentException e) {
      throw new RobotException("parameter joint_names: " + e.getMessage(), e);
    }
  }
}
