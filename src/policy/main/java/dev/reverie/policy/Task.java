package dev.reverie.policy;

import java.util.List;

/**
 * Says what a policy of an arm sees and moves, whichever policy it is: the part of {@code
 * bundle.json} that arm files, task files and bags have too.
 *
 * @param cameras that a policy sees
 * @param jointNames that are measured and commanded, in their order
 * @param actionSpace what actions mean
 * @param chunk how many actions come at once, and when
 */
public record Task(
    List<BundleSpec.Camera> cameras,
    List<String> jointNames,
    ActionSpace actionSpace,
    BundleSpec.Chunk chunk) {
  /** Copies the lists. */
  public Task {
    cameras = List.copyOf(cameras);
    jointNames = List.copyOf(jointNames);
  }

  /** Names of the cameras, in their order. */
  public List<String> cameraNames() {
    return cameras.stream().map(BundleSpec.Camera::name).toList();
  }

  /** Returns it as JSON, in the words of {@code bundle.json}. */
  public String json() {
    return BundleJson.line(this);
  }
}
