package dev.reverie.trainer.nn;

/** Something with weights that a {@link TrainLoop} can train and a {@link Checkpoint} can hold. */
public interface Network {
  Parameters parameters();
}
