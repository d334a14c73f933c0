package dev.reverie.robot.swap;

import dev.reverie.policy.Observation;
import dev.reverie.robot.sense.SensorSnapshot;
import dev.reverie.rollout.CameraImage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps the last observations, some time apart, on which a policy is probed before it acts. They
 * are added on the control thread, and read on any.
 */
public final class RecentObservations {
  /** A few pictures of each camera: they stay in memory. */
  private static final int KEPT = 4;

  /** Nearer ones show the same. */
  private static final long APART_NANOS = 500_000_000L;

  private record Kept(SensorSnapshot sensed, String instruction) {}

  private final List<String> cameras;
  private final Deque<Kept> kept = new ArrayDeque<>(); // guarded by this

  /**
   * Begins without any.
   *
   * @param cameras names, in the order of the snapshots
   */
  public RecentObservations(List<String> cameras) {
    this.cameras = cameras;
  }

  /** Takes the newest observation, where it is one that a policy could act on. */
  public synchronized void add(SensorSnapshot sensed, String instruction) {
    Kept last = kept.peekLast();
    boolean near =
        last != null && Math.abs(sensed.stampNanos() - last.sensed.stampNanos()) < APART_NANOS;
    if (!near && sensed.fault().isEmpty()) {
      kept.addLast(new Kept(sensed, instruction));
      while (kept.size() > KEPT) {
        kept.removeFirst();
      }
    }
  }

  /** The observations, the oldest first; their pictures are decoded for it. */
  List<Observation> all() {
    List<Kept> copy;
    synchronized (this) {
      copy = List.copyOf(kept);
    }
    List<Observation> observations = new ArrayList<>();
    for (Kept each : copy) {
      Map<String, CameraImage> images = new HashMap<>();
      for (int i = 0; i < cameras.size(); i++) {
        images.put(cameras.get(i), each.sensed.frames().get(i).picture().get());
      }
      observations.add(new Observation(images, each.sensed.joints().positions(), each.instruction));
    }
    return observations;
  }
}
