package dev.reverie.policy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Set;

/** Says what an action, in [-1, 1] for each dimension, means to the arm. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ActionSpace.EndEffectorDelta.class, name = "end_effector_delta"),
  @JsonSubTypes.Type(value = ActionSpace.JointPositions.class, name = "joint_positions"),
  @JsonSubTypes.Type(value = ActionSpace.JointDeltas.class, name = "joint_deltas"),
})
public sealed interface ActionSpace {
  /** D: the number of values of one action. */
  int dimensions();

  /**
   * Moves the tip from where it is measured: target = measured + scale * action, along each axis of
   * the frame, kept inside the workspace.
   *
   * @param frame link of the URDF in whose axes the tip moves
   * @param tipLink link of the URDF that is moved
   * @param axes the axes that the policy commands, of "x", "y", "z", in the order of the action
   * @param scaleM metres at action 1, one an axis
   * @param holdOrientation whether the tip keeps the orientation that it had when the episode began
   * @param workspace where the tip's target may be, one bound an axis
   */
  record EndEffectorDelta(
      String frame,
      String tipLink,
      List<String> axes,
      List<Double> scaleM,
      boolean holdOrientation,
      Workspace workspace)
      implements ActionSpace {
    /** Checks that axes, scale and workspace belong together. */
    public EndEffectorDelta {
      axes = List.copyOf(axes);
      scaleM = positive("scale_m", scaleM, axes.size());
      if (axes.isEmpty()
          || !Set.of("x", "y", "z").containsAll(axes)
          || Set.copyOf(axes).size() != axes.size()) {
        throw new IllegalArgumentException("axes " + axes + "; name each of x, y, z at most once");
      }
      if (workspace.min().size() != axes.size()) {
        throw new IllegalArgumentException(
            "workspace has %d bounds for %d axes".formatted(workspace.min().size(), axes.size()));
      }
    }

    @Override
    public int dimensions() {
      return axes.size();
    }
  }

  /** Target = the middle of [min, max] + action * half its width, for each joint. */
  record JointPositions(List<String> joints, List<Double> minRad, List<Double> maxRad)
      implements ActionSpace {
    /** Checks that every joint has a range. */
    public JointPositions {
      joints = List.copyOf(joints);
      Workspace range = new Workspace(minRad, maxRad);
      minRad = range.min();
      maxRad = range.max();
      if (joints.size() != minRad.size()) {
        throw new IllegalArgumentException(
            "%d joints but %d ranges".formatted(joints.size(), minRad.size()));
      }
    }

    @Override
    public int dimensions() {
      return joints.size();
    }
  }

  /** Target = measured + scale * action, for each joint. */
  record JointDeltas(List<String> joints, List<Double> scaleRad) implements ActionSpace {
    /** Checks that every joint has a scale. */
    public JointDeltas {
      joints = List.copyOf(joints);
      scaleRad = positive("scale_rad", scaleRad, joints.size());
    }

    @Override
    public int dimensions() {
      return joints.size();
    }
  }

  /** Bounds of a value for each dimension, metres or radians. */
  record Workspace(List<Double> min, List<Double> max) {
    /** Checks that every min is below its max. */
    public Workspace {
      min = List.copyOf(min);
      max = List.copyOf(max);
      if (min.isEmpty() || min.size() != max.size()) {
        throw new IllegalArgumentException(
            "bounds min %s and max %s; give one pair a dimension".formatted(min, max));
      }
      for (int i = 0; i < min.size(); i++) {
        if (!(min.get(i) < max.get(i)) || !Double.isFinite(max.get(i) - min.get(i))) {
          throw new IllegalArgumentException(
              "bounds min %s and max %s; min must be below max".formatted(min, max));
        }
      }
    }
  }

  private static List<Double> positive(String name, List<Double> values, int size) {
    if (values.size() != size || !values.stream().allMatch(v -> v > 0 && Double.isFinite(v))) {
      throw new IllegalArgumentException(
          "%s is %s; give %d numbers above zero".formatted(name, values, size));
    }
    return List.copyOf(values);
  }
}
