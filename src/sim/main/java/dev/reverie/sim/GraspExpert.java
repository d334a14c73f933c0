package dev.reverie.sim;

import java.util.random.RandomGenerator;

/**
 * Someone who carries a bowl by its rim, a cube, or a thing that goes into a box: above it, down,
 * close, lift, over the place, down, open, up. Three in ten grasp beside or above it at first, see
 * after lifting that nothing came along, and begin anew.
 */
final class GraspExpert {
  /**
   * The grip by which a thing is taken and put down.
   *
   * @param rimM from its middle to where it is gripped, towards the arm's right
   * @param graspM height of the grip over its origin
   * @param dropM height over the place where it is let go
   * @param liftM how far it is lifted
   */
  private record Grip(double rimM, double graspM, double dropM, double liftM) {
    static final Grip BOWL = new Grip(0.047, 0.038, 0.025, 0.12);
    static final Grip CUBE = new Grip(0, 0, 0.05, 0.12);
    static final Grip BOX = new Grip(0, 0.015, 0.04, 0.24);
  }

  /** Farthest motions of the hand in a tick of 50 ms. */
  private static final double STEP_M = 0.0175;

  private static final double TURN_RAD = 0.175;

  /** Share of the way to a goal that is wanted in a tick, in units of 5 cm. */
  private static final double GAIN = 1.6;

  private static final double UNIT_M = 0.05;
  private static final double MISTAKES = 0.3;
  private static final double BESIDE_M = 0.035;
  private static final double TOO_HIGH_M = 0.03;
  private static final double NOISE = 0.15;
  private static final double NOISE_LASTS = 0.7;
  private static final double HOVER_M = 0.1;
  private static final double OPEN_M = 0.04;
  private static final double FINGER_STEP_M = 0.005;

  private enum Phase {
    HOVER,
    DOWN,
    CLOSE,
    LIFT,
    OPEN,
    MOVE,
    LOWER,
    RELEASE,
    UP
  }

  private final LiberoScene scene;
  private final RandomGenerator random;
  private final Grip grip;
  private final double[] noise = new double[6];
  private double[] beside = new double[3];
  private Phase phase = Phase.HOVER;
  private int ticks; // in the phase
  private double[] from = new double[3]; // of the phase's way
  private double stoodAt; // height of the object before it was lifted
  private double fingers = OPEN_M;

  /** Someone for the episode that has just begun. */
  GraspExpert(LiberoScene scene, RandomGenerator random) {
    this.scene = scene;
    this.random = random;
    grip =
        switch (scene.told().goal().getFirst().getFirst()) {
          case "on" -> Grip.BOWL;
          case "stack" -> Grip.CUBE;
          default -> Grip.BOX;
        };
    if (random.nextDouble() < MISTAKES) {
      beside =
          new double[] {
            BESIDE_M * random.nextDouble(-1, 1),
            BESIDE_M * random.nextDouble(-1, 1),
            TOO_HIGH_M * random.nextDouble()
          };
    }
  }

  /** The next command, once in each tick: joints in rad, fingers in metres. */
  double[] command() {
    double[] hand = scene.hand().position();
    double[] object = scene.object();
    double[] goal = goal(hand, object);
    double cap =
        switch (phase) {
          case DOWN -> 0.6;
          case LOWER -> 0.5;
          case MOVE -> 0.8;
          default -> 1;
        };
    double[] motion = new double[6];
    double[] upright = upright();
    boolean still = phase == Phase.CLOSE || phase == Phase.RELEASE;
    for (int axis = 0; axis < 6; axis++) {
      double tremble = NOISE * random.nextGaussian() * (axis < 3 ? 1 : 0.1);
      noise[axis] = (NOISE_LASTS * noise[axis] + tremble) * (still ? 0.3 : 1);
      double wanted =
          axis < 3
              ? Math.clamp(GAIN * (goal[axis] - hand[axis]) / UNIT_M, -cap, cap)
              : Math.clamp(upright[axis - 3] / 0.5, -0.5, 0.5);
      motion[axis] = Math.clamp(wanted + noise[axis], -1, 1) * (axis < 3 ? STEP_M : TURN_RAD);
    }
    boolean closed =
        phase == Phase.CLOSE || phase == Phase.LIFT || phase == Phase.MOVE || phase == Phase.LOWER;
    next(hand, object, distance(goal, hand));
    fingers = Math.clamp(fingers + (closed ? -FINGER_STEP_M : FINGER_STEP_M), 0, OPEN_M);
    double[] to = scene.hand().joints(scene.arm().reference(), motion);
    to[7] = fingers;
    to[8] = -fingers;
    return scene.withinLimits(to);
  }

  /** Returns where the hand is to go in this phase, metres. */
  private double[] goal(double[] hand, double[] object) {
    double[] grasp = {
      object[0] + beside[0], object[1] - grip.rimM + beside[1], object[2] + grip.graspM + beside[2]
    };
    double[] place = scene.place();
    return switch (phase) {
      case HOVER -> new double[] {grasp[0], grasp[1], grasp[2] + HOVER_M};
      case DOWN -> {
        boolean above = Math.hypot(grasp[0] - hand[0], grasp[1] - hand[1]) <= 0.012;
        yield new double[] {
          grasp[0], grasp[1], above ? grasp[2] : Math.max(grasp[2], hand[2] - 0.005)
        };
      }
      case CLOSE -> grasp;
      case LIFT, OPEN, RELEASE, UP -> from;
      case MOVE ->
          new double[] {place[0] + hand[0] - object[0], place[1] + hand[1] - object[1], from[2]};
      case LOWER ->
          new double[] {
            place[0] + hand[0] - object[0],
            place[1] + hand[1] - object[1],
            place[2] + grip.dropM + hand[2] - object[2]
          };
    };
  }

  /** [3] the turn that makes the hand point down, rad. */
  private double[] upright() {
    double[] r = scene.hand().rotation();
    // The wanted rotation's columns are y, x and -z of the world; half the vector of its product
    // with the transpose of the present one.
    double[] turn = new double[9];
    double[][] wanted = {{0, 1, 0}, {1, 0, 0}, {0, 0, -1}};
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        for (int k = 0; k < 3; k++) {
          turn[3 * row + column] += wanted[row][k] * r[3 * column + k];
        }
      }
    }
    return new double[] {(turn[7] - turn[5]) / 2, (turn[2] - turn[6]) / 2, (turn[3] - turn[1]) / 2};
  }

  private void next(double[] hand, double[] object, double left) {
    ticks++;
    switch (phase) {
      case HOVER -> go(left < 0.025, Phase.DOWN, hand, 0);
      case DOWN -> go(left < 0.01 || ticks > 40, Phase.CLOSE, hand, 0);
      case CLOSE -> {
        stoodAt = object[2];
        go(ticks >= 10, Phase.LIFT, hand, grip.liftM);
      }
      case LIFT -> {
        if (ticks == 9 && object[2] < stoodAt + 0.02) {
          again(from[2] - hand[2], hand);
        } else {
          go(left < 0.03 || ticks > 30, Phase.MOVE, hand, Math.max(0, from[2] - hand[2]));
        }
      }
      case OPEN -> go(ticks >= 7, Phase.HOVER, hand, 0);
      case MOVE -> {
        if (distance(object, hand) > 0.15) {
          again(0, hand);
        } else {
          double[] place = scene.place();
          double beyond = Math.hypot(place[0] - object[0], place[1] - object[1]);
          go(beyond < 0.012 || ticks > 80, Phase.LOWER, hand, 0);
        }
      }
      case LOWER -> {
        double above = object[2] - scene.place()[2] - grip.dropM;
        go(above < 0.008 || ticks > 40, Phase.RELEASE, hand, 0);
      }
      case RELEASE -> go(ticks >= 9, Phase.UP, hand, 0.12);
      case UP -> {
        if (ticks > 15) {
          again(0, hand);
        }
      }
    }
  }

  /** Opens the hand and begins anew, with care. */
  private void again(double up, double[] hand) {
    beside = new double[3];
    go(true, Phase.OPEN, hand, up);
  }

  private void go(boolean when, Phase to, double[] hand, double up) {
    if (when) {
      phase = to;
      ticks = 0;
      from = new double[] {hand[0], hand[1], hand[2] + up};
    }
  }

  private static double distance(double[] one, double[] other) {
    return Math.sqrt(
        Math.pow(one[0] - other[0], 2)
            + Math.pow(one[1] - other[1], 2)
            + Math.pow(one[2] - other[2], 2));
  }
}
