package dev.reverie.round;

import java.util.Optional;

/** The simulated arm, whose scene is put back by its seed. */
record SimulatedTrialArm(ArmCell cell, float temperature, long seed) implements TrialArm {
  @Override
  public Optional<EpisodeResult> run(int trial, int pair, Recorder.Recorded policy) {
    var _ = cell.swap(policy.bundle());
    return Optional.of(
        cell.run(new EpisodeRequest(Phase.EVALUATION.seed(seed, pair), temperature, false)));
  }

  @Override
  public void close() {
    cell.close();
  }
}
