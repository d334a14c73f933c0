package dev.reverie.arm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The reference: what the arm is asked to do, continuous in position, velocity and acceleration,
 * and within the limits whatever the targets are. Targets are followed in two stages on a fine
 * grid:
 *
 * <ol>
 *   <li>A smooth path along the targets ({@link TargetPath}) is tracked with bounded velocity and
 *       acceleration, and with the distance in mind that braking before a joint limit takes.
 *   <li>A mean over a window in time, half of it ahead, bounds the jerk: the mean of what is within
 *       limits is within them, and over T seconds the acceleration changes by at most 2 amax / T a
 *       second. The mean looks half a window ahead, and all targets are reached that much later:
 *       the path is smoothed by what comes, which nobody knows where a person commands, so that
 *       their targets are reached later by half a window of the path too.
 * </ol>
 *
 * <p>What was planned up to half a window ahead stays; a new path is met from there in a bounded
 * time. Times are those of {@link System#nanoTime}. Thread-safe.
 */
public final class Reference {
  private static final long STEP_NANOS = 5_000_000L;
  private static final double STEP_S = STEP_NANOS / 1e9;

  /** Bounds of the window, s: shorter is rough, longer is late. */
  private static final double MIN_WINDOW_S = 0.06;

  private static final double MAX_WINDOW_S = 0.2;

  /** Window of the means of the path, at least, s: what targets are rounded to is that smooth. */
  private static final double SMOOTH_S = 0.1;

  /** Part of the acceleration limit with which the path is planned; the rest corrects. */
  private static final double PLANNED = 0.6;

  /** Part of the period for which a target that is the last one known is passed. */
  private static final double COAST = 0.5;

  /** Time for which it is passed at least and at most, s. */
  private static final double MIN_COAST_S = 0.04;

  private static final double MAX_COAST_S = 0.1;

  /**
   * Time for which the motion is taken to go on where nobody knows what comes next, s: what a
   * controller was told of it already is then nearly what comes.
   */
  private static final double UNFORESEEN_S = 0.3;

  /** Time in which a new path is met, in periods, and at least, s. */
  private static final double MEET = 1.5;

  private static final double MIN_MEET_S = 0.1;

  /**
   * A joint that is farther behind its path than this part of its fastest way in a period is told.
   */
  private static final double BEHIND = 0.1;

  /** An arm that is measured so near to where it was told to rest is there, rad or m. */
  private static final double NEAR = 0.05;

  private final JointSpace space;
  private final MotionLimits limits;
  private final double[] acceleration; // of the first stage
  private final double[] planned;
  private final JointSpeeds speeds;
  private final double periodS;
  private final int half; // steps of half a window
  private long startNanos; // time of the first step
  private double[][] tracked = {}; // [joint][step]; the first stage
  private final int smooth; // steps of half a window of the path
  private final TickTimes ticks;
  private final Deque<double[]> past = new ArrayDeque<>(); // targets of the last ticks, newest last
  private final int remembered; // of them
  private volatile MotionPlan plan;

  /**
   * Begins at rest.
   *
   * @param positions where the arm is
   */
  public Reference(JointSpace space, double periodS, double[] positions, long nowNanos) {
    this.space = space;
    limits = MotionLimits.of(space);
    this.periodS = periodS;
    double window = MIN_WINDOW_S;
    for (int j = 0; j < limits.size(); j++) {
      window = Math.max(window, 2 * limits.acceleration()[j] / limits.jerk()[j]);
    }
    window = Math.min(window, MAX_WINDOW_S);
    half = (int) Math.ceil(window / STEP_S / 2);
    acceleration = limits.acceleration().clone();
    for (int j = 0; j < acceleration.length; j++) {
      acceleration[j] = Math.min(acceleration[j], limits.jerk()[j] * (2 * half + 1) * STEP_S / 2);
    }
    planned = Arrays.stream(acceleration).map(a -> PLANNED * a).toArray();
    speeds = new JointSpeeds(limits, acceleration, STEP_S, PLANNED);
    smooth = (int) Math.ceil(Math.max(SMOOTH_S, periodS) / STEP_S / 2);
    remembered = 2 + (int) Math.ceil(2 * smooth * STEP_S / periodS);
    ticks = new TickTimes(Math.round(periodS * 1e9), half * STEP_NANOS, nowNanos);
    forgetTargets(positions);
    startNanos = nowNanos - (half + 2) * STEP_NANOS;
    tracked = standing(positions);
    plan = mean();
  }

  private Reference(Reference other) {
    space = other.space;
    limits = other.limits;
    acceleration = other.acceleration;
    planned = other.planned;
    speeds = other.speeds;
    periodS = other.periodS;
    half = other.half;
    startNanos = other.startNanos;
    tracked = other.tracked.clone(); // its rows are replaced, never changed
    smooth = other.smooth;
    ticks = other.ticks; // which a rest leaves as they are
    past.addAll(other.past);
    remembered = other.remembered;
    plan = other.plan;
  }

  /** Returns the plans that would brake from some times on; this goes on as it was. */
  public synchronized List<MotionPlan> braking(long... fromNanos) {
    List<MotionPlan> plans = new ArrayList<>();
    for (long from : fromNanos) {
      var copy = new Reference(this);
      copy.rest(from);
      plans.add(copy.plan);
    }
    return plans;
  }

  /**
   * Begins anew at rest, for an arm that was sent nothing while it was to move.
   *
   * @param positions where it was sent last
   */
  public synchronized void standAt(double[] positions, long nowNanos) {
    ticks.begin(nowNanos);
    forgetTargets(positions);
    startNanos = nowNanos - (half + 2) * STEP_NANOS;
    tracked = standing(positions);
    plan = mean();
  }

  private double[][] standing(double[] positions) {
    double[][] still = new double[positions.length][2 * half + 2];
    for (int j = 0; j < positions.length; j++) {
      Arrays.fill(still[j], positions[j]);
    }
    return still;
  }

  /** The targets before were those of another motion. */
  private void forgetTargets(double[] positions) {
    past.clear();
    for (int i = 0; i < remembered; i++) {
      past.add(positions.clone());
    }
  }

  /** Returns what the arm is asked to do; ends at rest. */
  public MotionPlan plan() {
    return plan;
  }

  /**
   * Returns whether the arm is where this rests, so that it can go on from there.
   *
   * @param joints what the arm is now
   */
  public synchronized boolean goesOnFrom(JointSpace joints, double[] measured, long nowNanos) {
    if (!space.equals(joints)) {
      return false;
    }
    double[] last = past.getLast();
    for (int j = 0; j < last.length; j++) {
      double near = Math.min(NEAR, limits.velocity()[j] * periodS / 2);
      if (Math.abs(space.shortest(j, last[j], measured[j])) > near) {
        return !plan.rests(nowNanos);
      }
    }
    return true;
  }

  /** Returns the limits that it keeps. */
  public MotionLimits limits() {
    return limits;
  }

  /** Number of joints. */
  public int size() {
    return limits.size();
  }

  /** Returns the target of the last tick; after a rest, where the arm comes to rest. */
  public synchronized double[] target() {
    return past.getLast().clone();
  }

  /**
   * Returns the time that the tick which comes now belongs to: ticks come with pictures, unevenly,
   * and their times are even.
   *
   * @param heardNanos when what the tick answers came, which is steadier than the tick
   */
  public synchronized long tickNanos(long nowNanos, long heardNanos) {
    return plan.rests(nowNanos)
        ? heard(nowNanos, heardNanos)
        : ticks.next(heard(nowNanos, heardNanos));
  }

  private long heard(long nowNanos, long heardNanos) {
    return plan.rests(nowNanos)
        ? nowNanos
        : Math.clamp(heardNanos, nowNanos - half * STEP_NANOS, nowNanos);
  }

  /**
   * Returns how long the motion goes on at most behind its last target.
   *
   * @param foreseen whether targets ahead are known, if there are any
   */
  public double goesOnS(boolean foreseen) {
    return foreseen ? Math.clamp(COAST * periodS, MIN_COAST_S, MAX_COAST_S) : UNFORESEEN_S;
  }

  /**
   * Follows the targets of this tick and those ahead: the first is to be reached a period and half
   * a window after the tick, and where nobody knows what comes next, another half a window of the
   * path later; each other a period later.
   *
   * @param heardNanos when what the tick answers came, which is steadier than the tick
   * @param targets one or more, [joint]
   * @param foreseen whether targets ahead are known, if there are any
   * @param freeS time for which the last of them may be passed until the next tick comes, s
   * @return the limit that keeps the arm from following the first
   */
  public synchronized Optional<Limit> follow(
      long nowNanos, long heardNanos, List<double[]> targets, boolean foreseen, double freeS) {
    long tickNanos = heard(nowNanos, heardNanos);
    if (plan.rests(nowNanos)) { // the first tick after a pause
      ticks.begin(tickNanos);
    } else {
      tickNanos = ticks.ticked(tickNanos);
    }
    List<double[]> all = new ArrayList<>(past);
    targets.forEach(target -> all.add(target.clone()));
    int delay = foreseen ? half : half + smooth;
    double lastS = (tickNanos - nowNanos) / 1e9 + delay * STEP_S;
    var path =
        new TargetPath(lastS - (past.size() - 1) * periodS, periodS, all.toArray(double[][]::new));
    if (freeS > 0) {
      path = path.goingOn(Math.min(freeS, goesOnS(foreseen)), limits.velocity(), planned);
    }
    past.removeFirst();
    past.addLast(targets.getFirst().clone());
    return track(nowNanos, path, foreseen ? 2 : 1, Math.max(MEET * periodS, MIN_MEET_S));
  }

  /** Brakes to rest as soon as the limits allow. */
  public synchronized void rest(long nowNanos) {
    int now = committed(nowNanos);
    if (!plan.rests(nowNanos) && !stands(now)) { // else it rests as planned
      double[] position = Arrays.stream(tracked).mapToDouble(j -> j[now]).toArray();
      double[] velocity = new double[limits.size()];
      Arrays.setAll(velocity, j -> (position[j] - tracked[j][now - 1]) / STEP_S);
      double aheadS = (startNanos + now * STEP_NANOS - nowNanos) / 1e9;
      var _ = track(nowNanos, TargetPath.braking(aheadS, position, velocity, acceleration), 0, 0);
    }
    forgetTargets(plan.end());
  }

  /** Returns whether nothing moves in the first stage from a step on. */
  private boolean stands(int from) {
    return Arrays.stream(tracked)
        .allMatch(j -> Arrays.stream(j, from, j.length).allMatch(p -> p == j[from - 1]));
  }

  /** Returns the last step of the first stage that stays as it is planned. */
  private int committed(long nowNanos) {
    int now = (int) Math.ceilDiv(nowNanos - startNanos, STEP_NANOS) + half;
    if (now >= tracked[0].length) { // at rest since then
      for (int j = 0; j < tracked.length; j++) {
        int length = tracked[j].length;
        tracked[j] = Arrays.copyOf(tracked[j], now + 1);
        Arrays.fill(tracked[j], length, now + 1, tracked[j][length - 1]);
      }
    }
    return now;
  }

  /**
   * Tracks a path from what stays of the plan on.
   *
   * @param path times from now on, s
   * @param means that smooth it
   * @param meetS time in which the path is met
   */
  private Optional<Limit> track(long nowNanos, TargetPath path, int means, double meetS) {
    forget(nowNanos);
    int from = committed(nowNanos);
    double fromS = (startNanos + from * STEP_NANOS - nowNanos) / 1e9;
    double endS = path.endS(means * smooth * STEP_S) - fromS;
    int n = limits.size();
    int steps = (int) Math.ceil((Math.max(endS, meetS) + speeds.brakeS()) / STEP_S);
    double[][] wanted = new double[n][]; // from the step before on
    double[] position = new double[n];
    double[] velocity = new double[n];
    Cubic[] off = new Cubic[n];
    for (int j = 0; j < n; j++) {
      wanted[j] = path.smoothed(j, fromS - STEP_S, STEP_S, steps + 2, smooth, means);
      position[j] = tracked[j][from];
      velocity[j] = (tracked[j][from] - tracked[j][from - 1]) / STEP_S;
      double speed = (wanted[j][1] - wanted[j][0]) / STEP_S;
      off[j] =
          Cubic.between(
              position[j] - wanted[j][1], velocity[j] - speed, 0, 0, Math.max(meetS, STEP_S));
      tracked[j] = Arrays.copyOf(tracked[j], from + 1 + steps + 2 * half + 1);
    }
    int end = from;
    double behind = 0;
    int slowest = -1;
    boolean rests = false;
    for (int k = 1; k <= steps && !rests; k++) {
      double time = k * STEP_S;
      rests = time >= endS && time >= meetS;
      end = from + k;
      for (int j = 0; j < n; j++) {
        double to = wanted[j][k + 1];
        double speed = (to - wanted[j][k]) / STEP_S;
        if (time < off[j].spanS()) {
          to += off[j].at(time);
          speed += off[j].velocity(time);
        }
        double next = speeds.next(j, position[j], velocity[j], to, speed);
        rests &= Math.abs(next) < 1e-9 && Math.abs(velocity[j]) < 1e-9;
        velocity[j] = next;
        position[j] += next * STEP_S;
        tracked[j][end] = position[j];
        double distance = Math.abs(to - position[j]);
        if (time <= periodS
            && distance > Math.max(behind, BEHIND * periodS * limits.velocity()[j])) {
          behind = distance;
          slowest = j;
        }
      }
    }
    for (int j = 0; j < n; j++) {
      tracked[j] = Arrays.copyOf(tracked[j], end + 1 + 2 * half + 1);
      Arrays.fill(tracked[j], end + 1, tracked[j].length, position[j]);
    }
    plan = mean();
    return slowest < 0 ? Optional.empty() : Optional.of(behind(slowest, behind));
  }

  /** Says what keeps a joint behind its target. */
  private Limit behind(int j, double distance) {
    boolean jerk = acceleration[j] < limits.acceleration()[j];
    return Limit.of(
        jerk ? Limit.Kind.JERK : Limit.Kind.ACCELERATION,
        "%s of %s: %.4f %s behind its target, at most %.3f %s/s^%d",
        jerk ? "jerk" : "acceleration",
        space.of(j).joint(),
        distance,
        space.of(j).unit(),
        jerk ? limits.jerk()[j] : limits.acceleration()[j],
        space.of(j).unit(),
        jerk ? 3 : 2);
  }

  /** Forgets what lies further back than any mean needs. */
  private void forget(long nowNanos) {
    int past = (int) Math.floorDiv(nowNanos - startNanos, STEP_NANOS) - 2 * half - 2;
    if (past > 0) {
      int length = tracked[0].length;
      int from = Math.min(past, length - 2);
      for (int j = 0; j < tracked.length; j++) {
        tracked[j] = Arrays.copyOfRange(tracked[j], from, length);
      }
      startNanos += from * STEP_NANOS;
      if (past > from) { // at rest for long
        startNanos += (past - from) * STEP_NANOS;
      }
    }
  }

  /** The second stage. */
  private MotionPlan mean() {
    double[][] mean = new double[tracked.length][];
    for (int j = 0; j < mean.length; j++) {
      mean[j] = TargetPath.mean(tracked[j], half);
    }
    return new MotionPlan(startNanos + half * STEP_NANOS, STEP_NANOS, mean);
  }
}
