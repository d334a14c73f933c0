package dev.reverie.robot.sense;

import dev.reverie.arm.ArmFile;
import dev.reverie.arm.ArmFile.From;
import dev.reverie.arm.JointSpace;
import dev.reverie.arm.Reference;
import dev.reverie.robot.sense.HoldReason.Kind;
import dev.reverie.robot.setup.GuardParameters;
import dev.reverie.robot.setup.RobotParameters;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Watches whether the arm does what it is told: commands may be dropped, a motor stalled, the
 * measured positions frozen.
 *
 * <ul>
 *   <li>A joint that stays away from all that the reference asked for in the last moments does not
 *       follow. A push of the table, and what a slow controller is behind, lie within.
 *   <li>An arm of which no position changes at all, while the reference has gone on for longer than
 *       a controller may be behind, does not follow: the positions are frozen, or the arm stalled.
 *   <li>Where deltas add to what is measured, the reference never goes far from an arm that stands
 *       still; then an arm of which nothing moves although it is told to all the time does not
 *       follow.
 * </ul>
 *
 * A gripper that holds something stands still by right, and is not looked at. For the control
 * thread.
 */
public final class Following {
  /** Time for which a joint may be away. */
  private static final long HELD_NANOS = 500_000_000L;

  /** Time for which it is away when that is told. */
  private static final long NOTICED_NANOS = 100_000_000L;

  /** Time in which an arm that is told to go has to move. */
  private static final long STILL_NANOS = 2_000_000_000L;

  /** Distance by which it then has to move at least, rad or m. */
  private static final double MOVED = 0.02;

  /** The gate asks for no more than what a joint goes in so long beside a period, s. */
  private static final double WIND_UP_S = 0.2;

  /** Part of what the gate asks for from which on a joint is away. */
  private static final double NEARLY = 0.8;

  /** An arm whose positions do not change is told this part of the tolerance at most. */
  private static final double FROZEN = 0.25;

  private final GuardParameters parameters;
  private final double periodS;
  private final boolean fromMeasured;
  private final Optional<ArmFile> armFile;
  private final Deque<Asked> asked = new ArrayDeque<>();
  private final Deque<Told> told = new ArrayDeque<>();
  private @Nullable JointSpace joints;
  private @Nullable Reference reference; // null: nothing is looked at
  private @Nullable JointSample last;
  private double @Nullable [] standing; // where an arm stands that does not move
  private long standingNanos; // since when it is held for that
  private double @Nullable [] unchanged; // positions as they are
  private @Nullable Asked unchangedFrom; // what was asked for when they came to be so
  private long awaySinceNanos; // 0: no joint is
  private Optional<HoldReason> away = Optional.empty();
  private Optional<HoldReason> fault = Optional.empty();

  /** A position that the reference asked for at a time. */
  private record Asked(long nanos, double[] positions) {}

  /** A tick: way from where the arm was to where it was told to go. */
  private record Told(long nanos, double[] way, double[] measured) {}

  public Following(RobotParameters all) {
    parameters = all.guard();
    periodS = all.periodS();
    fromMeasured = all.motion().deltasFrom() == From.MEASURED;
    armFile = all.arm();
  }

  /** Begins with an episode that moves the arm. */
  public void begin(JointSpace moved, Reference followed) {
    end();
    if (parameters.followToleranceRad() > 0) {
      joints = moved;
      reference = followed;
    }
  }

  /** Looks at nothing until the next episode. */
  public void end() {
    reference = null;
    asked.clear();
    told.clear();
    last = null;
    standing = null;
    unchanged = null;
    unchangedFrom = null;
    awaySinceNanos = 0;
    away = Optional.empty();
    fault = Optional.empty();
  }

  /** Returns why the arm may not go on; empty where it follows. */
  public Optional<HoldReason> fault() {
    return fault;
  }

  /** Returns what is not as it should be, while the arm moves and afterwards. */
  public Optional<String> notice(long nowNanos) {
    boolean told = awaySinceNanos != 0 && nowNanos - awaySinceNanos >= NOTICED_NANOS;
    return fault.or(() -> told ? away : Optional.empty()).map(HoldReason::text);
  }

  /** Takes notice of a tick that moves the arm. */
  public void told(double[] measured, double[] positions, long nowNanos) {
    if (reference == null || joints == null || !fromMeasured) {
      return;
    }
    double[] way = new double[measured.length];
    for (int j = 0; j < way.length; j++) {
      way[j] = joints.shortest(j, measured[j], positions[j]);
    }
    told.addLast(new Told(nowNanos, way, measured.clone()));
    boolean whole = nowNanos - told.getFirst().nanos >= STILL_NANOS;
    if (whole) {
      still(measured);
      if (!told.isEmpty()) {
        told.removeFirst();
      }
    }
  }

  /** Finds out whether nothing moves although it is told to. */
  private void still(double[] measured) {
    double most = 0;
    int joint = -1;
    for (int j = 0; j < measured.length; j++) {
      if (!isGripper(j)) {
        double net = 0;
        for (Told tick : told) {
          net += tick.way[j];
          if (moved(j, tick.measured[j], measured[j])) {
            return;
          }
        }
        if (Math.abs(net) > most) {
          most = Math.abs(net);
          joint = j;
        }
      }
    }
    if (most >= tolerance(Math.max(joint, 0))) {
      standing = measured.clone();
      standingNanos = told.getLast().nanos;
      told.clear();
      fault =
          Optional.of(
              reason(
                  joint,
                  "joint '%s' was told to go %.3f %s in %.1f s and the arm stands still; %s",
                  most,
                  STILL_NANOS / 1e9));
    }
  }

  private boolean moved(int j, double from, double to) {
    return Math.abs(space().shortest(j, from, to)) > MOVED;
  }

  /** Looks at a joint state, where it is a new one; to be called some times a period. */
  public void look(Optional<JointSample> newest, long nowNanos) {
    Reference now = reference;
    if (now == null || newest.isEmpty() || newest.get() == last) {
      return;
    }
    double[] positions = new double[now.size()];
    now.plan().at(nowNanos, positions, new double[now.size()]);
    asked.addLast(new Asked(nowNanos, positions));
    long delay = Math.round(parameters.followDelayS() * 1e9);
    boolean whole = false;
    while (nowNanos - asked.getFirst().nanos > delay) {
      whole = true;
      if (asked.size() == 1 || nowNanos - second() <= delay) {
        break;
      }
      asked.removeFirst();
    }
    last = newest.get();
    double[] measured = last.positions();
    if (standing != null) {
      boolean again = nowNanos - standingNanos > STILL_NANOS; // the next ticks tell
      for (int j = 0; j < measured.length; j++) {
        again |= !isGripper(j) && moved(j, standing[j], measured[j]);
      }
      standing = again ? null : standing;
    }
    if (standing == null) {
      away = whole ? farthest(measured) : Optional.empty();
      awaySinceNanos = away.isEmpty() ? 0 : awaySinceNanos == 0 ? nowNanos : awaySinceNanos;
      fault =
          awaySinceNanos != 0 && nowNanos - awaySinceNanos >= HELD_NANOS ? away : Optional.empty();
      fault = fault.or(() -> frozen(measured, nowNanos));
    }
  }

  /** Returns the joint that was told to go the farthest while no position changes. */
  private Optional<HoldReason> frozen(double[] measured, long nowNanos) {
    Asked from = unchangedFrom;
    if (from == null || unchanged == null || changed(unchanged, measured)) {
      unchanged = measured.clone();
      unchangedFrom = asked.getLast();
      return Optional.empty();
    }
    Asked due = asked.getFirst(); // what a slow controller does by now
    double most = 1;
    int joint = -1;
    double distance = 0;
    for (int j = 0; due.nanos > from.nanos && j < measured.length; j++) {
      double way = Math.abs(space().shortest(j, from.positions[j], due.positions[j]));
      if (!isGripper(j) && way / (FROZEN * tolerance(j)) > most) {
        most = way / (FROZEN * tolerance(j));
        joint = j;
        distance = way;
      }
    }
    return joint < 0
        ? Optional.empty()
        : Optional.of(
            reason(
                joint,
                "joint '%s' was told to go %.3f %s in %.1f s and the arm stands still; %s",
                distance,
                (nowNanos - from.nanos) / 1e9));
  }

  private boolean changed(double[] before, double[] measured) {
    for (int j = 0; j < measured.length; j++) {
      if (!isGripper(j) && before[j] != measured[j]) {
        return true;
      }
    }
    return false;
  }

  private long second() {
    var times = asked.iterator();
    times.next();
    return times.next().nanos;
  }

  /** Returns the joint that is away the most, for its tolerance. */
  private Optional<HoldReason> farthest(double[] measured) {
    double most = 1;
    int joint = -1;
    double distance = 0;
    for (int j = 0; j < measured.length; j++) {
      double off = distance(j, measured[j]);
      if (!isGripper(j) && off / tolerance(j) > most) {
        most = off / tolerance(j);
        joint = j;
        distance = off;
      }
    }
    return joint < 0
        ? Optional.empty()
        : Optional.of(
            reason(
                joint,
                "joint '%s' is %.3f %s from all that it was told in the last %.1f s; %s",
                distance,
                parameters.followDelayS()));
  }

  private HoldReason reason(int joint, String format, double way, double timeS) {
    return HoldReason.about(
        Kind.NOT_FOLLOWING,
        space().of(joint).joint(),
        format,
        space().of(joint).joint(),
        way,
        space().of(joint).unit(),
        timeS,
        "check motor, controller, joint states and emergency stop, or set follow_tolerance_rad");
  }

  /** Returns how far a joint is from the range of what was asked for. */
  private double distance(int j, double measured) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (Asked at : asked) {
      double way = space().shortest(j, measured, at.positions[j]);
      least = Math.min(least, way);
      most = Math.max(most, way);
    }
    return Math.max(0, Math.max(least, -most));
  }

  private double tolerance(int j) {
    double windUp = space().of(j).velocity() * (periodS + WIND_UP_S);
    return space().of(j).unit().equals("m")
        ? parameters.followToleranceRad()
        : Math.min(parameters.followToleranceRad(), NEARLY * windUp);
  }

  private boolean isGripper(int j) {
    String name = space().of(j).joint();
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.contains("gripper")
        || lower.contains("finger")
        || lower.contains("jaw")
        || armFile.filter(arm -> arm.controller().gripperJoint().equals(name)).isPresent()
        || armFile.filter(arm -> arm.teleoperation().gripperJoint().equals(name)).isPresent();
  }

  private JointSpace space() {
    JointSpace known = joints;
    if (known == null) {
      throw new IllegalStateException("no episode moves the arm");
    }
    return known;
  }
}
