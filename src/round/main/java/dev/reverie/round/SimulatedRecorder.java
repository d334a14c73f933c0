package dev.reverie.round;

import dev.reverie.rollout.RolloutSummary;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Records on the simulated arm, which begins where a stopped run ended. */
final class SimulatedRecorder implements Recorder {
  private final Console console;
  private final ArmCell cell;
  private final float practised;

  private SimulatedRecorder(Console console, ArmCell cell, float practised) {
    this.console = console;
    this.cell = cell;
    this.practised = practised;
  }

  /**
   * Starts the arm and a robot node beside it.
   *
   * @param task of the planar arm
   * @param bundle that the node starts with
   * @param practised temperature of the trainer's settings
   * @param out gets the bags being recorded and the logs
   */
  static SimulatedRecorder start(
      Console console, String task, Path bundle, float practised, Path out) {
    Folders.delete(out.resolve(ArmCell.RECORDING)); // of a process that was killed
    return new SimulatedRecorder(
        console, ArmCell.start(SimulatedScene.task(task), Optional.of(bundle), out), practised);
  }

  /**
   * Records the episodes that are missing. What follows the first of them is run again, since bags
   * are in the order of seeds.
   */
  @Override
  public void record(Phase phase, long seed, Recorded policy, int count, Path into) {
    List<RolloutSummary> there = Recorder.episodes(into);
    Map<Long, RolloutSummary> whole =
        there.stream()
            .filter(episode -> episode.problem().isEmpty())
            .filter(e -> phase == Phase.DEMONSTRATION || e.policyId().equals(policy.id()))
            .collect(Collectors.toMap(RolloutSummary::seed, episode -> episode, (one, _) -> one));
    List<RolloutSummary> kept =
        IntStream.range(0, count)
            .mapToObj(i -> Optional.ofNullable(whole.get(phase.seed(seed, i))))
            .takeWhile(Optional::isPresent)
            .map(Optional::orElseThrow)
            .toList();
    int done = kept.size();
    if (done == count) {
      return;
    }
    there.stream()
        .filter(episode -> !kept.contains(episode))
        .forEach(episode -> Folders.delete(episode.bag()));
    cell.swap(policy.bundle());
    new EpisodeBatch(console, cell, seed)
        .run(phase, done, count - done, phase.temperature(practised), into);
  }

  @Override
  public boolean sameScenes() {
    return true;
  }

  @Override
  public void goOnWith(Recorded policy) {} // recording swaps it in

  @Override
  public void await(String what, CompletableFuture<Void> work) {
    cell.await(what, work);
  }

  @Override
  public void close() {
    cell.close();
  }
}
