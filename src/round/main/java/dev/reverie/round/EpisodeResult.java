package dev.reverie.round;

import java.nio.file.Path;

/**
 * The result of one episode.
 *
 * @param bag folder of its rollout
 * @param reason who ended it and why
 */
record EpisodeResult(String episodeId, Path bag, boolean success, int ticks, String reason) {}
