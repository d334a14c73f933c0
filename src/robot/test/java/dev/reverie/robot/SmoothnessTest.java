package dev.reverie.robot;

import dev.reverie.arm.Cubic;
import dev.reverie.arm.JointBounds;
import dev.reverie.arm.JointSpace;
import dev.reverie.arm.Reference;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SmoothnessTest {
  static final double[] WAYS = {1.4, -0.8, 0.5};
  static final double PATH_S = 3;

  static double[] path(double t) {
    double s = Math.clamp(t / PATH_S, 0, 1);
    double[] p = new double[3];
    for (int j = 0; j < 3; j++) {
      p[j] = WAYS[j] * s * s * s * (10 + s * (-15 + 6 * s));
    }
    return p;
  }

  static boolean DEBUG;

  record Sim(String who, String output, double periodS, boolean quintic, double updateS, double jitterMs) {}

  record Peaks(double acc, double jerk, double end, double rest) {}

  static Peaks measure(double[][] samples, double dt) {
    double acc = 0;
    double jerk = 0;
    int off = 0;
    for (int i = 3; i < samples.length; i++) {
      for (int j = 0; j < 3; j++) {
        double a = (samples[i][j] - 2 * samples[i - 1][j] + samples[i - 2][j]) / dt / dt;
        double b =
            (samples[i][j] - 3 * samples[i - 1][j] + 3 * samples[i - 2][j] - samples[i - 3][j])
                / dt / dt / dt;
        acc = Math.max(acc, Math.abs(a));
        jerk = Math.max(jerk, Math.abs(b));
        if (Math.abs(samples[i][j] - WAYS[j]) > 0.02) {
          off = i;
        }
      }
    }
    double last = 0;
    for (int j = 0; j < 3; j++) {
      last = Math.max(last, Math.abs(samples[samples.length - 1][j] - WAYS[j]));
    }
    return new Peaks(acc, jerk, off * dt, last);
  }

  /** JTC. */
  static final class Controller {
    final boolean quintic;
    List<double[][]> points = new ArrayList<>(); // {time},p,v,a

    Controller(boolean quintic) {
      this.quintic = quintic;
      points.add(new double[][] {{0}, new double[3], new double[3], new double[3]});
    }

    void offer(double now, List<JointTrajectoryPoint> message) {
      List<double[][]> next = new ArrayList<>();
      double[][] state = sample(now);
      next.add(new double[][] {{now}, state[0], state[1], state[2]});
      for (JointTrajectoryPoint p : message) {
        double t = p.timeFromStart().sec() + p.timeFromStart().nanosec() * 1e-9;
        next.add(new double[][] {{now + t}, p.positions(), p.velocities(), p.accelerations()});
      }
      points = next;
    }

    double[][] sample(double now) {
      int i = 0;
      while (i < points.size() && points.get(i)[0][0] <= now) {
        i++;
      }
      if (i == 0 || i == points.size()) {
        return new double[][] {
          points.get(Math.min(i, points.size() - 1))[1].clone(), new double[3], new double[3]
        };
      }
      double[][] a = points.get(i - 1);
      double[][] b = points.get(i);
      double T = b[0][0] - a[0][0];
      double t = now - a[0][0];
      double[][] out = new double[3][3];
      for (int j = 0; j < 3; j++) {
        if (quintic && b[3].length == 3) {
          double h = b[1][j] - a[1][j];
          double c3 =
              (20 * h - (8 * b[2][j] + 12 * a[2][j]) * T - (3 * a[3][j] - b[3][j]) * T * T)
                  / (2 * T * T * T);
          double c4 =
              (-30 * h + (14 * b[2][j] + 16 * a[2][j]) * T + (3 * a[3][j] - 2 * b[3][j]) * T * T)
                  / (2 * T * T * T * T);
          double c5 =
              (12 * h - 6 * (b[2][j] + a[2][j]) * T + (b[3][j] - a[3][j]) * T * T)
                  / (2 * T * T * T * T * T);
          double c2 = a[3][j] / 2;
          out[0][j] = a[1][j] + t * (a[2][j] + t * (c2 + t * (c3 + t * (c4 + t * c5))));
          out[1][j] = a[2][j] + t * (2 * c2 + t * (3 * c3 + t * (4 * c4 + t * 5 * c5)));
          out[2][j] = 2 * c2 + t * (6 * c3 + t * (12 * c4 + t * 20 * c5));
        } else {
          Cubic c = Cubic.between(a[1][j], a[2][j], b[1][j], b[2][j], T);
          out[0][j] = c.at(t);
          out[1][j] = c.velocity(t);
          out[2][j] = 2 * c.c() + 6 * c.d() * t;
        }
      }
      return out;
    }
  }

  static Peaks run(Sim sim, long seed) {
    var random = new SplittableRandom(seed);
    long base = 1_000_000_000L;
    List<JointBounds> bounds = new ArrayList<>();
    for (int j = 0; j < 3; j++) {
      bounds.add(
          new JointBounds("j" + j, "rad", false, -3, 3, 3,
              Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY));
    }
    var reference = new Reference(new JointSpace(bounds), sim.periodS, new double[3], base);
    long period = Math.round(sim.periodS * 1e9);
    var schedule = new TickSchedule(period);
    var takeover = new Takeover(false);
    takeover.begin(true);
    var controller = new Controller(sim.quintic);
    double began = 0.6; // s after base; when the goal comes
    boolean begun = false;
    double step = 0.0005;
    double camera = random.nextDouble() / 30;
    double personDue = began + random.nextDouble() * 0.01;
    List<double[]> arriving = new ArrayList<>(); // arrival, sent, p
    List<Object[]> messages = new ArrayList<>(); // arrival, points
    List<Object[]> waiting = new ArrayList<>();
    List<double[]> samples = new ArrayList<>();
    long lastPicture = 0;
    boolean unanswered = false;
    double seen = 0;
    int executed = 0;
    double firstTick = Double.NaN;
    for (int i = 0; i < 6 / step; i++) {
      double t = i * step;
      long now = base + Math.round(t * 1e9);
      boolean tick = false;
      if (sim.who.equals("person") && t >= personDue) {
        double sent = t;
        arriving.add(new double[] {t + sim.jitterMs * 1e-3 * expo(random), sent});
        personDue += 0.01;
      }
      while (!arriving.isEmpty() && arriving.getFirst()[0] <= t) {
        double[] a = arriving.removeFirst();
        takeover.add(
            new TeleopCommand(
                "teleop", 0, path(a[1] - began + sim.periodS), java.util.Optional.empty(), base + Math.round(a[1] * 1e9), now));
      }
      if (t >= camera + seen) {
        camera += 1 / 30.0;
        seen = sim.jitterMs * 1e-3 * expo(random);
        unanswered = true;
        lastPicture = now;
        if (!begun && t >= began) {
          begun = true;
          schedule.begin(now);
          firstTick = t;
        }
        tick = schedule.takes(now) && begun;
      } else if (begun && i % 10 == 0 && schedule.due(now)) {
        tick = unanswered || schedule.overdue(now);
      }
      if (tick) {
        List<double[]> targets = new ArrayList<>();
        boolean go = true;
        if (sim.who.equals("person")) {
          var command = takeover.latest(now);
          go = command.isPresent();
          long heard = unanswered ? lastPicture : now;
          command.ifPresent(c -> targets.add(takeover.even(c, reference.tickNanos(now, heard)).positions()));
        } else {
          for (int k = 0; k == 0 || k * sim.periodS < 0.5; k++) {
            double[] p = path((executed + k + 1) * sim.periodS);
            for (int j = 0; j < 3; j++) {
              p[j] = Math.rint(p[j] / 0.001) * 0.001;
            }
            targets.add(p);
          }
        }
        if (go) {
          executed++;
          if (DEBUG) {
            long heard = unanswered ? lastPicture : now;
            System.out.printf("tick %.4f heard %.4f grid %.4f rests %b target %.5f limit %s%n", t, (heard - base) / 1e9,
                (reference.tickNanos(now, heard) - base) / 1e9, reference.plan().rests(now), targets.getFirst()[0],
                path(((reference.tickNanos(now, heard) - base) / 1e9) - began + sim.periodS)[0] - targets.getFirst()[0]);
          }
          var _ = reference.follow(now, unanswered ? lastPicture : now, targets, sim.who.equals("policy"), true);
          schedule.ticked(now, unanswered ? lastPicture : now);
          double[] measured = controller.sample(t)[0];
          double delay = sim.jitterMs * 1e-3 * expo(random) + 0.0003;
          double arrival = t + delay;
          if (sim.updateS > 0) {
            arrival = Math.ceil(arrival / sim.updateS) * sim.updateS;
          }
          messages.add(
              new Object[] {
                arrival, Trajectories.points(reference.plan(), reference.limits(), measured, now)
              });
        }
        unanswered = false;
      }
      while (!messages.isEmpty() && (double) messages.getFirst()[0] <= t) {
        @SuppressWarnings("unchecked")
        var points = (List<JointTrajectoryPoint>) messages.removeFirst()[1];
        controller.offer(t, points);
      }
      if (i % 20 == 0) {
        if (sim.output.equals("stream")) {
          double[] p = new double[3];
          reference.plan().at(now, p, new double[3]);
          samples.add(p);
        } else {
          samples.add(controller.sample(t)[0]);
        }
      }
    }
    Peaks m = measure(samples.toArray(double[][]::new), 0.01);
    return new Peaks(m.acc, m.jerk, m.end - firstTick, m.rest);
  }

  static double expo(SplittableRandom random) {
    return -Math.log(1 - random.nextDouble());
  }

  static Peaks whole() {
    double[][] s = new double[400][];
    for (int i = 0; i < 400; i++) {
      s[i] = path(i * 0.01);
    }
    return measure(s, 0.01);
  }

  @Test
  void debug() {
    for (int seed = 0; seed < 8; seed++) {
      DEBUG = seed == 1;
      var sim = new Sim("person", "stream", 0.05, true, 0, 0.5);
      Peaks p = run(sim, seed);
      System.out.println(seed + " " + p);
    }
    DEBUG = false;
  }

  @Test
  void table() {
    Peaks whole = whole();
    System.out.printf("whole acc %.3f jerk %.3f end %.3f%n", whole.acc, whole.jerk, whole.end);
    for (String who : new String[] {"policy", "person"}) {
      for (double period : new double[] {0.1, 0.05, 1 / 30.0}) {
        for (String how : new String[] {"stream", "quintic", "cubic", "quintic-100Hz", "cubic-100Hz"}) {
          double jitter = 0.5;
          var sim =
              new Sim(who, how.equals("stream") ? "stream" : "trajectory", period,
                  how.startsWith("quintic"), how.endsWith("100Hz") ? 0.01 : 0, jitter);
          double[][] rows = new double[4][8];
          for (int seed = 0; seed < 8; seed++) {
            Peaks p = run(sim, seed);
            rows[0][seed] = p.acc / whole.acc;
            rows[1][seed] = p.jerk / whole.jerk;
            rows[2][seed] = 1000 * (p.end - whole.end);
            rows[3][seed] = 1000 * p.rest;
          }
          for (double[] r : rows) {
            Arrays.sort(r);
          }
          System.out.printf(
              "%s %.3f %-14s acc x %.2f %.2f %.2f  jerk x %.1f %.1f %.1f  end %+.0f %+.0f ms  rest %.2f mrad%n",
              who, period, how, rows[0][0], rows[0][4], rows[0][7], rows[1][0], rows[1][4],
              rows[1][7], rows[2][0], rows[2][7], rows[3][7]);
        }
      }
    }
  }
}
