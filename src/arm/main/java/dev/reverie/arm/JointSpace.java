package dev.reverie.arm;

import java.util.List;

/** The commanded joints in their order, and how far one position is from another. */
public record JointSpace(List<JointBounds> joints) {
  static final double FULL_TURN = 2 * Math.PI;

  /** Copies the list. */
  public JointSpace {
    joints = List.copyOf(joints);
  }

  /** Their own names. */
  public List<String> names() {
    return joints.stream().map(JointBounds::joint).toList();
  }

  /** The number of joints. */
  public int size() {
    return joints.size();
  }

  /** The bounds of joint i. */
  public JointBounds of(int i) {
    return joints.get(i);
  }

  /** Returns whether positions of joint i a full turn apart are the same. */
  public boolean isContinuous(int i) {
    return joints.get(i).continuous();
  }

  /**
   * Returns the signed way of joint i from one position to another, rad or m: for a continuous
   * joint the short way round, at most half a turn.
   */
  public double shortest(int i, double from, double to) {
    double way = to - from;
    return isContinuous(i) && Math.abs(way) > Math.PI ? Math.IEEEremainder(way, FULL_TURN) : way;
  }

  /** Returns the position of joint i that is the same as {@code to} and nearest to {@code from}. */
  public double nearest(int i, double from, double to) {
    return isContinuous(i) && Math.abs(to - from) > Math.PI ? from + shortest(i, from, to) : to;
  }

  /** Returns the positions that are the same as {@code to} and nearest to {@code from}. */
  public double[] nearest(double[] from, double[] to) {
    double[] positions = to.clone();
    for (int i = 0; i < positions.length; i++) {
      positions[i] = nearest(i, from[i], to[i]);
    }
    return positions;
  }
}
