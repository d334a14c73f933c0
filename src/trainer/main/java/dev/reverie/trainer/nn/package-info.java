/** What every network is trained with: libtorch, optimiser, loop, checkpoints and metrics. */
@org.jspecify.annotations.NullMarked
package dev.reverie.trainer.nn;
