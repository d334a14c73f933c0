package dev.reverie.robot.control;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.JointBounds;
import dev.reverie.arm.JointSpace;
import dev.reverie.arm.Reference;
import dev.reverie.robot.motion.MotionState;
import dev.reverie.robot.motion.SentTrajectory;
import dev.reverie.robot.motion.Trajectories;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A path of minimum jerk, told by a policy in chunks whose targets are rounded to a milliradian, or
 * by a person 100 times a second: what the arm is asked for, at 100 Hz, has nearly the acceleration
 * and jerk of the path. Pictures come 30 times a second, and all messages are under way for as long
 * as they like.
 */
class SmoothnessTest {
  private static final double[] WAYS = {1.4, -0.8, 0.5}; // rad
  private static final double PATH_S = 3;
  private static final double ROUNDED = 0.001; // rad
  private static final double STEP_S = 0.0005; // of the simulated time
  private static final double SAMPLE_S = 0.01;
  private static final double BEGIN_S = 0.6; // of the episode
  private static final double END_S = 5;

  private static double[] path(double t) {
    double s = Math.clamp(t / PATH_S, 0, 1);
    double part = s * s * s * (10 + s * (6 * s - 15));
    return IntStream.range(0, WAYS.length).mapToDouble(j -> part * WAYS[j]).toArray();
  }

  /** Highest acceleration and jerk of any joint, and the time of the end, s. */
  private record Peaks(double acceleration, double jerk, double endS) {
    static Peaks of(List<double[]> samples) {
      double acceleration = 0;
      double jerk = 0;
      double end = 0;
      for (int i = 3; i < samples.size(); i++) {
        for (int j = 0; j < WAYS.length; j++) {
          double a = samples.get(i)[j];
          double b = samples.get(i - 1)[j];
          double c = samples.get(i - 2)[j];
          double d = samples.get(i - 3)[j];
          acceleration = Math.max(acceleration, Math.abs(a - 2 * b + c));
          jerk = Math.max(jerk, Math.abs(a - 3 * b + 3 * c - d));
          end = Math.abs(a - WAYS[j]) > 0.02 ? i : end;
        }
      }
      return new Peaks(
          acceleration / (SAMPLE_S * SAMPLE_S),
          jerk / (SAMPLE_S * SAMPLE_S * SAMPLE_S),
          end * SAMPLE_S);
    }

    static Peaks ofPath() {
      return of(IntStream.range(0, 400).mapToObj(i -> path(i * SAMPLE_S)).toList());
    }
  }

  /** The robot node's part that decides what is asked for, and all that is around it. */
  private static final class World {
    @Nullable SentTrajectory modelled; // what the node takes the controller to do

    final SplittableRandom random;
    final boolean person;
    final double periodS;
    final Reference reference;
    final TickSchedule schedule;
    final Takeover takeover = new Takeover(false);
    final FollowedTrajectory controller;
    final List<double[]> streamed = new ArrayList<>();
    final List<double[]> followed = new ArrayList<>();
    final Queue<TeleopCommand> told = new ArrayDeque<>(); // on their way
    final JointSpace joints;
    final Queue<Runnable> sent = new ArrayDeque<>(); // trajectories on their way
    final Queue<Double> sentAt = new ArrayDeque<>(); // when they begin, s
    double pictureS;
    double pictureDueS;
    double personS = BEGIN_S;
    boolean begun;
    boolean unanswered;
    long pictureNanos;
    int executed;

    World(long seed, boolean person, double periodS, FollowedTrajectory controller) {
      random = new SplittableRandom(seed);
      this.person = person;
      this.periodS = periodS;
      this.controller = controller;
      double none = Double.POSITIVE_INFINITY;
      List<JointBounds> bounds =
          IntStream.range(0, WAYS.length)
              .mapToObj(j -> new JointBounds("j" + j, "rad", false, -3, 3, 3, none, none, none))
              .toList();
      joints = new JointSpace(bounds);
      reference = new Reference(joints, periodS, new double[WAYS.length], 1);
      schedule = new TickSchedule(Math.round(periodS * 1e9));
      takeover.begin(person);
      pictureS = random.nextDouble() / 30;
      pictureDueS = pictureS;
      personS += random.nextDouble() / 100;
    }

    /** Time under way, s; half a millisecond on average, sometimes some. */
    double way() {
      return 5e-4 * -Math.log(1 - random.nextDouble());
    }

    void run() {
      for (int i = 0; i < END_S / STEP_S; i++) {
        double t = i * STEP_S;
        hear(t);
        if (due(t, i)) {
          tick(t);
        }
        while (!sentAt.isEmpty() && sentAt.element() <= t) {
          sentAt.remove();
          sent.remove().run();
        }
        if (i % Math.round(SAMPLE_S / STEP_S) == 0) {
          double[] position = new double[WAYS.length];
          reference.plan().at(nanos(t), position, new double[WAYS.length]);
          streamed.add(position);
          followed.add(controller.sample(t).position());
        }
      }
    }

    void hear(double t) {
      if (person && t >= personS) {
        double[] wanted = path(t - BEGIN_S + periodS);
        long arrives = nanos(t + way());
        told.add(new TeleopCommand("p", 0, wanted, Optional.empty(), nanos(t), arrives));
        personS += 0.01;
      }
      while (!told.isEmpty() && told.element().arrivalNanos() <= nanos(t)) {
        takeover.add(told.remove());
      }
    }

    boolean due(double t, int i) {
      long now = nanos(t);
      if (t >= pictureDueS) {
        pictureS += 1 / 30.0;
        pictureDueS = pictureS + way();
        unanswered = true;
        pictureNanos = now;
        if (!begun && t >= BEGIN_S) {
          begun = true;
          schedule.begin(now);
        }
        return schedule.takes(now) && begun;
      }
      boolean looks = i % 10 == 0;
      return begun && looks && schedule.due(now) && (unanswered || schedule.overdue(now));
    }

    void tick(double t) {
      long now = nanos(t);
      long heard = unanswered ? pictureNanos : now;
      unanswered = false;
      List<double[]> targets = person ? ofPerson(now, heard) : ofPolicy();
      if (targets.isEmpty()) {
        return;
      }
      executed++;
      var _ = reference.follow(now, heard, targets, !person, 1);
      schedule.ticked(now, heard);
      double[] measured = controller.sample(t).position();
      MotionState asked =
          modelled == null
              ? MotionState.of(reference.plan(), now, measured.length)
              : modelled.at(now);
      var points = Trajectories.points(reference.plan(), reference.limits(), asked, measured, now);
      modelled = SentTrajectory.of(asked, points, now);
      double begins = controller.begins(t + 2e-4 + way());
      sentAt.add(begins);
      sent.add(() -> controller.take(begins, points));
    }

    List<double[]> ofPerson(long now, long heard) {
      return takeover.latest(now).stream()
          .map(newest -> takeover.even(newest, reference.tickNanos(now, heard), joints).positions())
          .toList();
    }

    List<double[]> ofPolicy() {
      List<double[]> targets = new ArrayList<>();
      for (int k = 0; k == 0 || k * periodS < 0.5; k++) {
        double[] target = path((executed + k + 1) * periodS);
        for (int j = 0; j < target.length; j++) {
          target[j] = Math.rint(target[j] / ROUNDED) * ROUNDED;
        }
        targets.add(target);
      }
      return targets;
    }

    static long nanos(double t) {
      return Math.round(t * 1e9) + 1;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "policy, 0.1",
    "policy, 0.05",
    "policy, 0.0333",
    "person, 0.1",
    "person, 0.05",
    "person, 0.0333"
  })
  void aSmoothPathStaysSmooth(String who, double periodS) {
    Peaks path = Peaks.ofPath();
    for (int seed = 0; seed < 6; seed++) {
      for (double updateS : new double[] {0, 0.004, 0.01}) {
        for (boolean quintic : new boolean[] {true, false}) {
          String what = "seed %d, updates of %s s, quintic %b".formatted(seed, updateS, quintic);
          var controller = new FollowedTrajectory(quintic, updateS, WAYS.length);
          var world = new World(seed, who.equals("person"), periodS, controller);
          world.run();
          assertWithin(path, Peaks.of(world.streamed), 1.3, 2, "streamed, " + what);
          assertWithin(path, Peaks.of(world.followed), 2, quintic ? 4 : 10, what);
        }
      }
    }
  }

  private static void assertWithin(
      Peaks path, Peaks asked, double acceleration, double jerk, String what) {
    String text = what + ": " + asked + " instead of " + path;
    assertTrue(asked.acceleration < acceleration * path.acceleration, text);
    assertTrue(asked.jerk < jerk * path.jerk, text);
    // The goal meets a picture, and a person's targets are those of a period ahead.
    assertTrue(asked.endS - BEGIN_S - path.endS < 0.05 * PATH_S + 1 / 30.0, text);
  }
}
