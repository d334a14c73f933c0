package dev.reverie.sim;

import dev.reverie.sim.PegArm.Tip;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Someone who knows the task: goes above the place where to push next, pushes down, lifts the peg
 * and goes on. Now and then aims beside a slot, where the peg jams on the rim, or goes to a wrong
 * one; both are noticed, and mended by lifting the peg and aiming anew.
 */
final class PushExpert {
  /**
   * Places where one can push.
   *
   * @param x centres of the slots, metres
   * @param wanted index of the one where to push now; -1: nowhere
   */
  record Places(List<Double> x, int wanted) {
    Places {
      x = List.copyOf(x);
    }
  }

  /** Chances of mistakes, and how well the rest goes. */
  enum Skill {
    /** Slots of 5 mm: slow and exact. */
    PRECISE(0.35, 0.012, 0.05, 0, 0.0015, 0.004),
    /** Wide slots, one of which is right. */
    USUAL(0.25, 0.06, 0.10, 0.25, 0.012, 0.015),
    /** Wide slots, again and again. */
    LONG(0.20, 0.06, 0.10, 0.08, 0.012, 0.015);

    /**
     * Shares of attempts that aim beside the slot by so much, metres, and of those at a wrong one.
     */
    private final double beside;

    private final double besideMinM;
    private final double besideMaxM;
    private final double wrong;

    /** Standard deviation of a good aim, and how near counts as above it. */
    private final double aimErrorM;

    private final double arrivedM;

    Skill(
        double beside,
        double besideMinM,
        double besideMaxM,
        double wrong,
        double aimErrorM,
        double arrivedM) {
      this.beside = beside;
      this.besideMinM = besideMinM;
      this.besideMaxM = besideMaxM;
      this.wrong = wrong;
      this.aimErrorM = aimErrorM;
      this.arrivedM = arrivedM;
    }
  }

  /** Trembling as a share of the motion, and of a small motion at least. */
  private static final double ACTION_NOISE = 0.15;

  private static final double LEAST_MOTION = 0.2;
  private static final double PUSH = -0.9;
  private static final double LIFT = 0.8;
  private static final double LIFTED_Z_M = PlanarScene.RIM_Z_M + 0.07;

  /** Ticks of pushing after which a jam, and a wrong place, is noticed. */
  private static final int JAM_TICKS = 2;

  private static final int WRONG_TICKS = 5;

  private enum Phase {
    APPROACH,
    PUSH,
    LIFT
  }

  private final PlanarScene scene;
  private final Supplier<Places> places;
  private final Skill skill;
  private final RandomGenerator random;
  private Phase phase = Phase.APPROACH;
  private int place;
  private int wanted;
  private double aimX;
  private double travelZ;
  private int jams;
  private int pushes;
  private double lastZ;

  /** Someone for the episode that has just begun. */
  PushExpert(PlanarScene scene, Supplier<Places> places, Skill skill, RandomGenerator random) {
    this.scene = scene;
    this.places = places;
    this.skill = skill;
    this.random = random;
    travelZ = random.nextDouble(0.36, 0.42);
    lastZ = scene.tip().z();
    aim();
  }

  /** Chooses where to push next. */
  private void aim() {
    Places now = places.get();
    wanted = now.wanted();
    place = Math.max(0, wanted);
    if (random.nextDouble() < skill.wrong) {
      place = (place + 1 + random.nextInt(now.x().size() - 1)) % now.x().size();
    }
    double error = skill.aimErrorM * random.nextGaussian();
    if (random.nextDouble() < skill.beside) {
      double far = random.nextDouble(skill.besideMinM, skill.besideMaxM);
      error = random.nextBoolean() ? far : -far;
    }
    aimX = now.x().get(place) + error;
    jams = 0;
    pushes = 0;
  }

  /** The next command, once in each tick: joint positions, rad. */
  double[] command() {
    Tip tip = scene.tip();
    observe(tip);
    lastZ = tip.z();
    double[] move =
        switch (phase) {
          case APPROACH -> new double[] {toward(aimX, tip.x()), toward(travelZ, tip.z())};
          case PUSH -> new double[] {toward(aimX, tip.x()), PUSH};
          case LIFT -> new double[] {0, LIFT};
        };
    for (int axis = 0; axis < move.length; axis++) {
      double tremble = ACTION_NOISE * Math.max(LEAST_MOTION, Math.abs(move[axis]));
      move[axis] = Math.clamp(move[axis] + tremble * random.nextGaussian(), -1, 1);
    }
    return PegArm.inverse(
        PegArm.forward(scene.jointPositions())
            .plus(Expert.STEP_M * move[0], Expert.STEP_M * move[1])
            .clamped());
  }

  private static double toward(double goal, double at) {
    return Math.clamp((goal - at) / Expert.STEP_M, -1, 1);
  }

  private void observe(Tip tip) {
    switch (phase) {
      case APPROACH -> {
        if (Math.abs(aimX - tip.x()) < skill.arrivedM) {
          phase = Phase.PUSH;
        }
      }
      case PUSH -> {
        pushes++;
        boolean done = places.get().wanted() != wanted;
        boolean noticed = place != wanted && tip.z() < PlanarScene.RIM_Z_M && pushes > WRONG_TICKS;
        if (done || noticed || (jammed(tip) && ++jams >= JAM_TICKS)) {
          phase = Phase.LIFT;
        }
      }
      case LIFT -> {
        if (tip.z() > LIFTED_Z_M) {
          travelZ = tip.z();
          aim();
          phase = Phase.APPROACH;
        }
      }
    }
  }

  /** Pushed down, and still at the height of the rim. */
  private boolean jammed(Tip tip) {
    return Math.abs(tip.z() - PlanarScene.RIM_Z_M) < 0.03 && Math.abs(tip.z() - lastZ) < 0.006;
  }
}
