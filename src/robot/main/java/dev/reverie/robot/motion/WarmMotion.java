package dev.reverie.robot.motion;

import dev.reverie.arm.JointBounds;
import dev.reverie.arm.JointSpace;
import dev.reverie.arm.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Moves and brakes an arm that is not there, before the robot node moves one: what the JVM has not
 * compiled yet takes some hundred milliseconds the first time, and so long nothing would brake.
 */
final class WarmMotion {
  private static final double PERIOD_S = 0.1;

  /** Ticks at least, by which the JVM has compiled the most of it, and at most. */
  private static final int LEAST = 60;

  private static final int MOST = 400;

  /** A tick that takes no longer is one of compiled code. */
  private static final long WARM_NANOS = 3_000_000L;

  /** A tick changes the target by this part of a period at full speed. */
  private static final double SPEED = 0.3;

  private WarmMotion() {}

  /** Ticks until that is fast. */
  static void run(int size) {
    double none = Double.POSITIVE_INFINITY;
    List<JointBounds> bounds =
        IntStream.range(0, size)
            .mapToObj(j -> new JointBounds("j" + j, "rad", false, -3, 3, 1, none, none, none))
            .toList();
    var space = new JointSpace(bounds);
    int[] joints = IntStream.range(0, size).toArray();
    long now = 1;
    double[] at = new double[size];
    var reference = new Reference(space, PERIOD_S, at, now);
    var drive = new Trajectories(space.names(), trajectory -> {});
    drive.follow(reference);
    long took = Long.MAX_VALUE;
    for (int i = 0; i < MOST && (i < LEAST || took > WARM_NANOS); i++) {
      long begun = System.nanoTime();
      double to = at[0] + (i / 10 % 2 == 0 ? 1 : -1) * SPEED * PERIOD_S;
      List<double[]> targets = List.of(filled(size, to), filled(size, to));
      var _ = reference.follow(now, now, targets, true, 0);
      drive.planned(at);
      var _ = Lifeline.frame(reference, drive, joints, now).bytes();
      at = filled(size, to);
      now += Math.round(PERIOD_S * 1e9);
      took = System.nanoTime() - begun;
    }
  }

  private static double[] filled(int size, double value) {
    double[] all = new double[size];
    Arrays.fill(all, value);
    return all;
  }
}
