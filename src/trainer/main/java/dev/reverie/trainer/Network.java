package dev.reverie.trainer;

/** Something with weights that a {@link TrainLoop} can train and a {@link Checkpoint} can hold. */
interface Network {
  Parameters parameters();
}
