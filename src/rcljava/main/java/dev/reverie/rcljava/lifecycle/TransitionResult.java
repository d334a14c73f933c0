package dev.reverie.rcljava.lifecycle;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Tells how a transition of a managed node went. */
public enum TransitionResult {
  /** The transition is done. */
  SUCCESS,
  /** The transition can not be done now; the node goes back to the state that it was in. */
  FAILURE,
  /** Something broke; {@link LifecycleCallbacks#onError} has to put it right. */
  ERROR;

  /** Returns the result as a stage, for a callback that knows at once. */
  public CompletionStage<TransitionResult> now() {
    return CompletableFuture.completedFuture(this);
  }
}
