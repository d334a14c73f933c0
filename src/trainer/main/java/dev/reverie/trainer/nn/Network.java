package dev.reverie.trainer.nn;

/** Something with weights that a {@link TrainLoop} can train and a {@link Checkpoint} can hold. */
public interface Network extends AutoCloseable {
  Parameters parameters();

  /** Frees the weights. */
  @Override
  default void close() {
    parameters().close();
  }
}
