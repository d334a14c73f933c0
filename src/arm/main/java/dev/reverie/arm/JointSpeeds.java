package dev.reverie.arm;

/**
 * Speeds of joints on a grid in time: towards where each is wanted, with bounded speed and
 * acceleration, and so that it can still come to rest before its limits.
 *
 * @param limits of the joints' positions and speeds
 * @param acceleration at most, of each joint
 * @param stepS of the grid, s
 * @param part of the acceleration with which what a joint is off is made up for
 */
record JointSpeeds(MotionLimits limits, double[] acceleration, double stepS, double part) {
  /** A joint without a limit of its speed is taken to have this one where times are told, rad/s. */
  private static final double FAST = 100;

  /** Longest time that braking is given, s. */
  private static final double LONGEST_S = 5;

  /** Returns the speed for the next step of a joint, towards the wanted position and speed. */
  double next(int j, double position, double velocity, double wanted, double speed) {
    double off = wanted - (position + speed * stepS);
    double towards =
        Math.copySign(Math.min(Math.abs(off) / stepS, braking(part, j, Math.abs(off))), off);
    double most = limits.velocity()[j];
    double next = Math.clamp(speed + towards, -most, most);
    next =
        Math.clamp(
            next,
            -before(j, position - limits.lower()[j]),
            before(j, limits.upper()[j] - position));
    double change = acceleration[j] * stepS;
    return Math.clamp(next, velocity - change, velocity + change);
  }

  /** Time that a joint takes from one speed limit to the other, and some more, s. */
  double brakeS() {
    double longest = 0;
    for (int j = 0; j < acceleration.length; j++) {
      double velocity = Math.min(limits.velocity()[j], FAST);
      longest = Math.max(longest, 2 * velocity / acceleration[j]);
    }
    return Math.min(longest, LONGEST_S) + 1;
  }

  /** Returns the highest speed from which a joint surely comes to rest before a limit. */
  private double before(int j, double distance) {
    double change = acceleration[j] * stepS;
    double uneven = change * stepS / 8; // where rest lies between two steps
    return Math.max(braking(1, j, distance - uneven), Math.clamp(distance / stepS, 0, change));
  }

  /** Returns the highest speed from which a joint comes to rest within a distance, on the grid. */
  private double braking(double of, int j, double distance) {
    double change = of * acceleration[j] * stepS;
    return distance <= 0
        ? 0
        : Double.isInfinite(distance)
            ? Double.POSITIVE_INFINITY
            : change * (Math.sqrt(1 + 8 * distance / (change * stepS)) - 1) / 2;
  }
}
