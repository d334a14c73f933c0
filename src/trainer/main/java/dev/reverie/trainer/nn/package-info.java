/**
 * Training of any network on libtorch: {@link dev.reverie.trainer.nn.TrainLoop} carries out a
 * stage's iterations with {@link dev.reverie.trainer.nn.AdamW}, writes curves ({@link
 * dev.reverie.trainer.nn.Metrics}) and {@linkplain dev.reverie.trainer.nn.Checkpoint checkpoints},
 * and goes on where a stopped run was. {@link dev.reverie.trainer.nn.Torch} says who frees tensors.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.trainer.nn;
