/** Recorded episodes as tensors, decoded once and cached. */
@org.jspecify.annotations.NullMarked
package dev.reverie.trainer.data;
