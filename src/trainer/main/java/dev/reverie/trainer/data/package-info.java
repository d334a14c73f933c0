/**
 * Recorded episodes as tensors.
 *
 * <p>One road leads from a bag to a network: {@link dev.reverie.trainer.data.Recordings} opens
 * bags, several at a time, through an {@link dev.reverie.trainer.data.EpisodeCache}, which asks the
 * {@link dev.reverie.trainer.data.EpisodeDecoder} once for each bag; a {@link
 * dev.reverie.trainer.data.Dataset} pads the episodes to one length, its frames in mapped files,
 * their {@link dev.reverie.trainer.data.Latents} kept once; {@link
 * dev.reverie.trainer.data.Transitions} are its windows of one chunk.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.trainer.data;
