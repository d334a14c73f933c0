package dev.reverie.robot.motion;

import dev.reverie.arm.MotionLimits;
import dev.reverie.arm.MotionPlan;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/**
 * Instructions for braking an arm that moves, from some moments on: what the robot node tells its
 * {@link BrakeProcess} while it lives. Times are those of {@link System#nanoTime}, which the
 * processes of a machine have in common.
 *
 * @param ways by the moment that they begin at; empty: the arm rests
 */
record BrakeFrame(List<Way> ways) {
  /** The arm rests, or nobody is to brake it. */
  static final BrakeFrame REST = new BrakeFrame(List.of());

  private static final long APART_NANOS = 10_000_000L;

  /**
   * The first point comes so long after the begin, at least and at most: a controller that heard
   * the last trajectory late is behind, and catches up on the way to it.
   */
  private static final long FIRST_NANOS = 100_000_000L;

  private static final long LATEST_NANOS = 200_000_000L;

  /** A way that began longer ago is not begun any more. */
  static final long LATE_NANOS = 20_000_000L;

  /** Times, before or after its begin, at which the controller takes a way. */
  private static final long[] LEEWAY = {-15_000_000L, 0, 5_000_000L};

  /** Time that the controller then has longer for it, each. */
  private static final long[] LONGER = {20_000_000L, 5_000_000L, 0};

  /** A way to rest, as points from its begin on; the last one rests. */
  record Way(long beginNanos, List<Point> points) {
    /**
     * Samples a plan that brakes, from where the controller gets to it within the limits.
     *
     * @param asked what the controller asks of the arm at a time, until it takes this way
     * @param joints indices of those that the controller has
     */
    static Way of(
        long beginNanos,
        MotionPlan plan,
        LongFunction<MotionState> asked,
        MotionLimits limits,
        int[] joints) {
      List<Point> points = new ArrayList<>();
      long first = beginNanos + first(beginNanos, plan, asked, limits);
      boolean rests = false;
      for (long at = first; !rests; at += APART_NANOS) {
        rests = plan.rests(at);
        MotionState state = MotionState.of(plan, at, limits.size());
        points.add(
            new Point(
                at,
                Drives.some(joints, state.position()),
                Drives.some(joints, state.velocity()),
                Drives.some(joints, state.acceleration())));
      }
      return new Way(beginNanos, points);
    }

    /** Returns the first time at which the plan is met easily; else the one at which most so. */
    private static long first(
        long begin, MotionPlan plan, LongFunction<MotionState> asked, MotionLimits limits) {
      List<MotionState> from =
          LongStream.of(LEEWAY).mapToObj(taken -> asked.apply(begin + taken)).toList();
      long best = FIRST_NANOS;
      double least = Double.POSITIVE_INFINITY;
      for (long after = FIRST_NANOS;
          after <= LATEST_NANOS && least > Trajectories.EASY;
          after += APART_NANOS) {
        MotionState to = MotionState.of(plan, begin + after, limits.size());
        double effort = 0;
        for (int i = 0; i < LEEWAY.length; i++) {
          double spanS = (after + LONGER[i]) / 1e9;
          effort = Math.max(effort, from.get(i).effort(limits, to, spanS));
        }
        if (effort < least) {
          least = effort;
          best = after;
        }
      }
      return best;
    }
  }

  /** Positions, velocities and accelerations at a time, rad and seconds. */
  record Point(long nanos, double[] positions, double[] velocities, double[] accelerations) {}

  /**
   * The way that begins at a time or as soon as can be after it; the last one where it has only
   * just begun. Later than that the arm is further than any way knows, which would throw it back:
   * it comes to rest where its trajectory ends.
   */
  Optional<Way> from(long nanos) {
    if (ways.isEmpty() || nanos > ways.getLast().beginNanos + LATE_NANOS) {
      return Optional.empty();
    }
    long begin = Math.min(nanos, ways.getLast().beginNanos);
    return ways.stream().filter(way -> way.beginNanos >= begin).findFirst();
  }

  /** Returns it in bytes, for one write. */
  byte[] bytes() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeInt(ways.size());
      for (Way way : ways) {
        out.writeLong(way.beginNanos);
        out.writeInt(way.points.size());
        for (Point point : way.points) {
          out.writeLong(point.nanos);
          out.writeInt(point.positions.length);
          for (int j = 0; j < point.positions.length; j++) {
            out.writeDouble(point.positions[j]);
            out.writeDouble(point.velocities[j]);
            out.writeDouble(point.accelerations[j]);
          }
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  /** Reads one; ends with an {@link java.io.EOFException} where there is no more. */
  static BrakeFrame read(DataInputStream in) throws IOException {
    List<Way> ways = new ArrayList<>();
    for (int n = in.readInt(); n > 0; n--) {
      long begin = in.readLong();
      List<Point> points = new ArrayList<>();
      for (int k = in.readInt(); k > 0; k--) {
        long nanos = in.readLong();
        double[] positions = new double[in.readInt()];
        double[] velocities = new double[positions.length];
        double[] accelerations = new double[positions.length];
        for (int j = 0; j < positions.length; j++) {
          positions[j] = in.readDouble();
          velocities[j] = in.readDouble();
          accelerations[j] = in.readDouble();
        }
        points.add(new Point(nanos, positions, velocities, accelerations));
      }
      ways.add(new Way(begin, points));
    }
    return new BrakeFrame(ways);
  }
}
