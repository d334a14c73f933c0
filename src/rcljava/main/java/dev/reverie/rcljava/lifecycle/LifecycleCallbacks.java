package dev.reverie.rcljava.lifecycle;

import java.util.concurrent.CompletionStage;

/**
 * Does the work of a managed node in its transitions. The callbacks run on a thread of the executor
 * and must not block it: work that takes long goes to another thread and completes the stage from
 * there. An exception, of the callback or of its stage, is {@link TransitionResult#ERROR}.
 */
public interface LifecycleCallbacks {
  /** Makes what the node needs; from UNCONFIGURED to INACTIVE. */
  default CompletionStage<TransitionResult> onConfigure() {
    return TransitionResult.SUCCESS.now();
  }

  /** Begins to act; from INACTIVE to ACTIVE. */
  default CompletionStage<TransitionResult> onActivate() {
    return TransitionResult.SUCCESS.now();
  }

  /** Ceases to act; from ACTIVE to INACTIVE. */
  default CompletionStage<TransitionResult> onDeactivate() {
    return TransitionResult.SUCCESS.now();
  }

  /** Gives back what {@link #onConfigure} made; from INACTIVE to UNCONFIGURED. */
  default CompletionStage<TransitionResult> onCleanup() {
    return TransitionResult.SUCCESS.now();
  }

  /**
   * Ends for good; from any primary state to FINALIZED.
   *
   * @param from the state that it was in
   */
  default CompletionStage<TransitionResult> onShutdown(LifecycleState from) {
    return TransitionResult.SUCCESS.now();
  }

  /**
   * Cleans up after a transition that ended in an error: success leads to UNCONFIGURED, all else to
   * FINALIZED, which is what happens where nobody says how to recover.
   *
   * @param during the transition's state
   */
  default CompletionStage<TransitionResult> onError(LifecycleState during) {
    return TransitionResult.FAILURE.now();
  }
}
