package dev.reverie.sim;

import dev.reverie.sim.PegArm.Tip;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * A person of middling skill: goes above the wanted slot, aims a little beside it, and pushes down.
 * Where the peg jams on the rim, half of them lift it and aim anew. About half of the episodes
 * succeed, which leaves a policy that imitates them something to learn.
 */
final class Expert {
  /** Farthest move of the tip in a tick along each axis; the unit of an action. */
  static final double STEP_M = 0.04;

  private static final double AIM_ERROR_M = 0.09;
  private static final double SECOND_AIM_ERROR_M = 0.6 * AIM_ERROR_M;
  private static final double RECOVERY = 0.5;
  private static final double ACTION_NOISE = 0.15;
  private static final double ARRIVED_M = 0.015;
  private static final double PUSH = -0.9;
  private static final double LIFT = 0.8;
  private static final double LIFTED_Z_M = PegScene.RIM_Z_M + 0.08;

  private enum Phase {
    APPROACH,
    PUSH,
    LIFT
  }

  private final PegScene scene;
  private final RandomGenerator random;
  private final boolean recovers;
  private double aimX;
  private double travelZ;
  private Phase phase = Phase.APPROACH;
  private int jams;
  private boolean moved;
  private double[] lastAction = {0, 0};
  private Tip lastTip;

  /** An expert for the episode that has just begun. */
  Expert(PegScene scene, RandomGenerator random) {
    this.scene = scene;
    this.random = random;
    aimX = scene.layout().wantedX() + AIM_ERROR_M * random.nextGaussian();
    recovers = random.nextDouble() < RECOVERY;
    travelZ = random.nextDouble(0.36, 0.42);
    lastTip = scene.tip();
  }

  /** The source of an expert's errors in the episode of this seed, apart from the scene's own. */
  static RandomGenerator random(long episodeSeed) {
    return new SplittableRandom(~episodeSeed);
  }

  /** The next command, once in each tick: joint positions, rad. */
  double[] command() {
    double[] action = action();
    return PegArm.inverse(
        PegArm.forward(scene.jointPositions())
            .plus(STEP_M * action[0], STEP_M * action[1])
            .clamped());
  }

  /** The next move of the tip along x and z, each in [-1, 1]. */
  private double[] action() {
    Tip tip = scene.tip();
    if (moved) {
      observe(tip);
    }
    moved = true;
    double[] action =
        switch (phase) {
          case APPROACH -> new double[] {toward(aimX, tip.x()), toward(travelZ, tip.z())};
          case PUSH -> new double[] {toward(aimX, tip.x()), PUSH};
          case LIFT -> new double[] {0, LIFT};
        };
    for (int axis = 0; axis < action.length; axis++) {
      double noise = ACTION_NOISE * random.nextGaussian();
      if (Math.abs(action[axis]) > 0.02) { // who stands still does not tremble
        action[axis] = Math.clamp(action[axis] + noise, -1, 1);
      }
    }
    lastAction = action;
    lastTip = tip;
    return action;
  }

  private static double toward(double goal, double at) {
    return Math.clamp((goal - at) / STEP_M, -1, 1);
  }

  private void observe(Tip tip) {
    switch (phase) {
      case APPROACH -> {
        if (Math.abs(aimX - tip.x()) < ARRIVED_M) {
          phase = Phase.PUSH;
        }
      }
      case PUSH -> {
        if (jammed(tip) && ++jams >= 2 && recovers) {
          aimX = scene.layout().wantedX() + SECOND_AIM_ERROR_M * random.nextGaussian();
          jams = 0;
          phase = Phase.LIFT;
        }
      }
      case LIFT -> {
        if (tip.z() > LIFTED_Z_M) {
          travelZ = tip.z();
          phase = Phase.APPROACH;
        }
      }
    }
  }

  /** Pushed down, and still at the height of the rim. */
  private boolean jammed(Tip tip) {
    return lastAction[1] < -0.2
        && Math.abs(tip.z() - PegScene.RIM_Z_M) < 0.03
        && Math.abs(tip.z() - lastTip.z()) < 0.006;
  }
}
