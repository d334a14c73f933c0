package dev.reverie.importer;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;

/** Lays the ticks of an episode at the arm's period where the first camera has its pictures. */
final class TickPlan {
  private TickPlan() {}

  /**
   * The ticks of an episode: the first where there are pictures, positions and a command, the last
   * one an observation alone.
   *
   * @return at least two, or none
   */
  static List<Long> of(Recording recording, Mapping mapping, Spans.Span span) {
    String camera = mapping.cameras().firstEntry().getValue().topic();
    NavigableSet<Long> images =
        recording.images(camera).subSet(span.beginNanos(), true, span.endNanos(), true);
    long period = Math.round(mapping.arm().action().periodS() * 1e9);
    List<Long> ticks = new ArrayList<>();
    for (long image : images) {
      boolean ready =
          recording.joints().knows(image)
              && recording.commands().values().stream().anyMatch(c -> c.inForce(image));
      if (ready) {
        ticks.add(image);
        break;
      }
    }
    while (!ticks.isEmpty()) {
      long due = ticks.getLast() + period;
      if (due > span.endNanos() + period / 2 || due > images.last() + period / 2) {
        break;
      }
      ticks.add(nearest(images, due, period / 2 - 1)); // its picture, or a tick without one
    }
    return ticks.size() < 2 ? List.of() : ticks;
  }

  /** The stamp nearest to one that is due; this itself where none is near. */
  private static long nearest(NavigableSet<Long> images, long due, long tolerance) {
    Long before = images.floor(due);
    Long after = images.ceiling(due);
    long nearest = due;
    long best = tolerance;
    if (before != null && due - before <= best) {
      nearest = before;
      best = due - before;
    }
    if (after != null && after - due < best) {
      nearest = after;
    }
    return nearest;
  }
}
