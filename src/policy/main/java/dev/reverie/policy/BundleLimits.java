package dev.reverie.policy;

import java.util.Locale;

/**
 * Holds a policy to what its bundle says that it may take ({@code limits}): before it moves the
 * arm.
 */
public final class BundleLimits {
  private final PolicyBundle bundle;
  private final BundleSpec.Limits limits;
  private final long beganNanos = System.nanoTime();
  private final long ownBytes = ownBytes();

  private BundleLimits(PolicyBundle bundle) {
    this.bundle = bundle;
    limits = bundle.spec().limits();
  }

  /** Begins to look, before the policy is loaded by this process. */
  public static BundleLimits begin(PolicyBundle bundle) {
    return new BundleLimits(bundle);
  }

  /**
   * Looks at what the policy took by now, when it is loaded and warm.
   *
   * @throws BundleException where that is more memory than its bundle allows
   */
  public void requireMemory() {
    long megabytes = (ownBytes() - ownBytes) >> 20;
    if (limits.memoryMb() > 0 && megabytes > limits.memoryMb()) {
      throw refused("took %d MiB of memory", megabytes, limits.memoryMb() + " MiB", "memory_mb");
    }
  }

  /**
   * Looks at the time that it took to be loaded and warm, by now.
   *
   * @throws BundleException where that is more than its bundle allows
   */
  public void requireLoaded() {
    double tookS = (System.nanoTime() - beganNanos) / 1e9;
    if (limits.loadS() > 0 && tookS > limits.loadS()) {
      throw refused("took %.1f s to load", tookS, limits.loadS() + " s", "load_s");
    }
  }

  /**
   * Looks at how long an inference takes, s.
   *
   * @throws BundleException where that is more than its bundle allows
   */
  public void requireInference(double tookS) {
    if (limits.inferenceS() > 0 && tookS > limits.inferenceS()) {
      throw refused("takes %.3f s an inference", tookS, limits.inferenceS() + " s", "inference_s");
    }
  }

  private BundleException refused(String what, Object took, String allowed, String name) {
    return new BundleException(
        "policy %s %s on this machine, and its bundle allows %s (limits.%s); use a smaller policy or another machine, or export it with a limit that fits"
            .formatted(bundle.id(), String.format(Locale.ROOT, what, took), allowed, name));
  }

  private static long ownBytes() {
    return ProcessMemory.ownBytes(ProcessHandle.current().pid());
  }
}
