package dev.reverie.round;

/** The simulated arm, whose scene is put back by its seed. */
record SimulatedTrialArm(ArmCell cell, float temperature, long seed) implements TrialArm {
  @Override
  public Attempt run(int trial, int pair, Recorder.Recorded policy) {
    var _ = cell.swap(policy.bundle());
    return new Counted(
        cell.run(new EpisodeRequest(Phase.EVALUATION.seed(seed, pair), temperature, false)));
  }

  @Override
  public void close() {
    cell.close();
  }
}
