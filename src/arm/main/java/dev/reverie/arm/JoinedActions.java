package dev.reverie.arm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Actions of several parts, one after the other, each of which moves joints of its own. */
final class JoinedActions implements ActionMap {
  private final List<Part> parts;

  /** A part and the count of its dimensions. */
  record Part(PartActions actions, int dimensions) {}

  /**
   * Creates the map of parts.
   *
   * @throws ArmException where two parts move the same joint
   */
  JoinedActions(List<Part> parts, List<String> joints) {
    this.parts = List.copyOf(parts);
    Set<Integer> moved = new HashSet<>();
    for (Part part : parts) {
      for (int joint : part.actions.moved()) {
        if (!moved.add(joint)) {
          throw new ArmException(
              "two parts of the action space move joint '%s'; leave it to one of them"
                  .formatted(joints.get(joint)));
        }
      }
    }
  }

  @Override
  public void begin(double[] measured) {
    parts.forEach(part -> part.actions.begin(measured));
  }

  @Override
  public Target target(double[] measured, float[] actions, int k) {
    double[] positions = measured.clone();
    List<Limit> limits = new ArrayList<>(0);
    int at = k * parts.stream().mapToInt(Part::dimensions).sum();
    for (Part part : parts) {
      float[] own = Arrays.copyOfRange(actions, at, at + part.dimensions);
      Target target = part.actions.target(measured, own, 0);
      for (int joint : part.actions.moved()) {
        positions[joint] = target.positions()[joint];
      }
      limits.addAll(target.limits());
      at += part.dimensions;
    }
    return new Target(positions, limits);
  }

  @Override
  public double turn(int d) {
    int of = d;
    for (Part part : parts) {
      if (of < part.dimensions) {
        return part.actions.turn(of);
      }
      of -= part.dimensions;
    }
    throw new IndexOutOfBoundsException(d);
  }

  @Override
  public float[] action(double[] measured, double[] target) {
    float[] action = new float[parts.stream().mapToInt(Part::dimensions).sum()];
    int at = 0;
    for (Part part : parts) {
      float[] own = part.actions.action(measured, target);
      System.arraycopy(own, 0, action, at, own.length);
      at += own.length;
    }
    return action;
  }
}
