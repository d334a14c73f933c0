package dev.reverie.rcljava.lifecycle;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What a callback of a managed node says of its transition. */
public enum TransitionResult {
  /** It is done. */
  SUCCESS,
  /** It can not be done now; the node goes back to the state that it was in. */
  FAILURE,
  /** Something broke; {@link LifecycleCallbacks#onError} has to put it right. */
  ERROR;

  /** For a callback that knows at once. */
  public CompletionStage<TransitionResult> now() {
    return CompletableFuture.completedFuture(this);
  }
}
