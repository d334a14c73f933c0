package dev.reverie.robot.motion;

import dev.reverie.arm.Cubic;
import dev.reverie.arm.MotionLimits;
import dev.reverie.arm.MotionPlan;
import dev.reverie.arm.Quintic;

/** Position, velocity and acceleration of all joints, rad and seconds. */
public record MotionState(double[] position, double[] velocity, double[] acceleration) {
  private static final double STEP_S = 0.01;

  /** The state of a plan at a time. */
  public static MotionState of(MotionPlan plan, long nanos, int joints) {
    var state = new MotionState(new double[joints], new double[joints], new double[joints]);
    plan.at(nanos, state.position, state.velocity, state.acceleration);
    return state;
  }

  Cubic cubic(int j, MotionState to, double spanS) {
    return Cubic.between(position[j], velocity[j], to.position[j], to.velocity[j], spanS);
  }

  Quintic quintic(int j, MotionState to, double spanS) {
    return Quintic.between(
        position[j],
        velocity[j],
        acceleration[j],
        to.position[j],
        to.velocity[j],
        to.acceleration[j],
        spanS);
  }

  /** The state on the curve to another one, as a controller that takes accelerations has it. */
  MotionState between(MotionState to, double spanS, double timeS) {
    int n = position.length;
    var state = new MotionState(new double[n], new double[n], new double[n]);
    for (int j = 0; j < n; j++) {
      Quintic quintic = quintic(j, to, spanS);
      state.position[j] = quintic.at(timeS);
      state.velocity[j] = quintic.velocity(timeS);
      state.acceleration[j] = quintic.acceleration(timeS);
    }
    return state;
  }

  /** The largest acceleration on that curve, as a part of its limit. */
  double effort(MotionLimits limits, MotionState to, double spanS) {
    double most = 0;
    for (int j = 0; j < position.length; j++) {
      Quintic quintic = quintic(j, to, spanS);
      for (double t = 0; t < spanS + STEP_S / 2; t += STEP_S) {
        double is = Math.abs(quintic.acceleration(Math.min(t, spanS)));
        most = Math.max(most, is / limits.acceleration()[j]);
      }
    }
    return most;
  }
}
