package dev.reverie.replay;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Plays every observation that was acted on once, as fast as the node answers: time stands still
 * until one command with the observation's stamp is there.
 */
final class LockStepPlayer implements BagPlayer {
  /** Time after which the first observation is repeated for a node that missed it. */
  private static final Duration REPEAT = Duration.ofMillis(200);

  private static final long LIMIT_NANOS = Duration.ofSeconds(60).toNanos();

  private final PlaybackArm arm;

  LockStepPlayer(PlaybackArm arm) {
    this.arm = arm;
  }

  @Override
  public void play(RecordedBag bag, Runnable last, BooleanSupplier ended) {
    arm.forgetCommands();
    bag.forEachObservation(
        observation -> {
          if (ended.getAsBoolean()) {
            return;
          }
          if (observation.index() == bag.episode().steps().size()) {
            last.run();
            publish(observation);
          } else {
            publish(observation);
            awaitCommand(observation, ended);
          }
        });
  }

  private void publish(RecordedSnapshot observation) {
    arm.time(observation.stampNanos());
    observation.infos().forEach(info -> arm.info(info.camera(), info.message()));
    for (int i = 0; i < observation.images().size(); i++) {
      arm.image(i, observation.inStep(observation.images().get(i)));
    }
    arm.joints(observation.inStep(observation.joints()));
  }

  private void awaitCommand(RecordedSnapshot observation, BooleanSupplier ended) {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (!ended.getAsBoolean()) {
      Long stamp = arm.nextCommand(REPEAT);
      if (stamp != null && stamp == observation.stampNanos()) {
        return;
      }
      if (stamp == null && observation.index() == 0) {
        publish(observation);
      }
      if (!arm.isOk() || System.nanoTime() > deadline) {
        throw new ReplayException(
            "the robot node gave no command for observation %d of %d ns: %s"
                .formatted(
                    observation.index(),
                    observation.stampNanos(),
                    arm.isOk() ? arm.holdReason() : "it was asked to stop"));
      }
    }
  }
}
