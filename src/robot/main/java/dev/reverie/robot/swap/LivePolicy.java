package dev.reverie.robot.swap;

import dev.reverie.policy.ActingCheck;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Observation;
import dev.reverie.policy.OnnxOptions;
import dev.reverie.policy.OnnxPolicy;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Tokenizer;
import dev.reverie.policy.WeightNumbers;
import dev.reverie.robot.sense.SensorSnapshot;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.CameraImage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A checked policy bundle with its warmed-up session.
 *
 * @param cameras that the node sees, by name, in the order of its snapshots
 * @param warmNanos time of its fastest inference when it was warmed up
 */
public record LivePolicy(
    BundleSpec spec, OnnxPolicy session, Tokenizer tokenizer, List<String> cameras, long warmNanos)
    implements AutoCloseable {
  private static final int WARM_UPS = 10;
  private static final AtomicInteger LOADING = new AtomicInteger();

  /** Opens it on the CPU. Takes some tens of milliseconds and more: not for the control thread. */
  public static LivePolicy open(
      PolicyBundle bundle, int threads, Map<String, CameraCalibration> calibrations) {
    return open(bundle, OnnxOptions.cpu(threads), calibrations);
  }

  /** Takes some tens of milliseconds and more: not for the control thread. */
  static LivePolicy open(
      PolicyBundle bundle, OnnxOptions options, Map<String, CameraCalibration> calibrations) {
    WeightNumbers.require(bundle);
    LOADING.incrementAndGet();
    try {
      OnnxPolicy session = OnnxPolicy.open(bundle, options, calibrations);
      try {
        List<String> cameras = bundle.spec().task().cameraNames();
        var policy = new LivePolicy(bundle.spec(), session, bundle.tokenizer(), cameras, 0);
        return policy.warmedUp(calibrations);
      } catch (RuntimeException | Error e) {
        session.close();
        throw e;
      }
    } finally {
      LOADING.decrementAndGet();
    }
  }

  /**
   * Returns whether ONNX Runtime prepares a policy in this process. It cannot be broken off; a
   * process that ends meanwhile in the usual way breaks down ({@link ProcessEnd}).
   */
  public static boolean isAnyLoading() {
    return LOADING.get() > 0;
  }

  /** Returns the same for a node that sees more cameras, or in another order. */
  LivePolicy seeing(List<String> seen) {
    return new LivePolicy(spec, session, tokenizer, seen, warmNanos);
  }

  /** Warms up what stands around the session, which is warm already. */
  private LivePolicy warmedUp(Map<String, CameraCalibration> calibrations) {
    Observation black = Observation.black(spec, calibrations);
    long nanos = Long.MAX_VALUE;
    for (int i = 0; i < WARM_UPS; i++) {
      long begin = System.nanoTime();
      session.draw(black, 1, new SplittableRandom(i));
      nanos = Math.min(nanos, System.nanoTime() - begin);
    }
    return new LivePolicy(spec, session, tokenizer, cameras, nanos);
  }

  /**
   * Returns the actions of which its graph is told: those ahead, where it takes them and has room
   * for more, as it may not have after a swap to shorter chunks; else none.
   *
   * @param ahead actions that are carried out while it makes a chunk, [n, D] row-major
   */
  public float[] told(float[] ahead) {
    int values = spec.chunk().horizon() * spec.actionSpace().dimensions();
    return spec.graph().hasActionPrefix() && ahead.length < values ? ahead : new float[0];
  }

  /**
   * Has it act before it may move the arm.
   *
   * @param seen the last observations, with their instructions
   * @throws dev.reverie.policy.BundleException naming what it gives no finite action for
   */
  void requireActs(List<Observation> seen, Map<String, CameraCalibration> lenses) {
    double _ = ActingCheck.require(session, tokenizer, seen, lenses);
  }

  public String id() {
    return session.id();
  }

  /** Returns why it runs otherwise than it might, in words; empty where it runs as it should. */
  public Optional<String> passedOver() {
    return Optional.of(session.passedOver())
        .filter(why -> !why.isEmpty())
        .map(
            why ->
                "the policy runs on the %s, for there is a better way that cannot be used: %s; look at what ./reverie doctor says of the GPU, or set execution to cpu"
                    .formatted(session.provider(), why));
  }

  /** Decodes what the policy sees. */
  public Observation observe(SensorSnapshot sensed, String instruction) {
    Map<String, CameraImage> images = new HashMap<>();
    for (BundleSpec.Camera camera : spec.cameras()) {
      int i = cameras.indexOf(camera.name());
      images.put(camera.name(), sensed.frames().get(i).picture().get());
    }
    return new Observation(images, sensed.joints().positions(), instruction);
  }

  /**
   * Decodes what the policy sees, and saw.
   *
   * @param earlier observations by how many periods they lie before
   */
  public Observation observe(
      SensorSnapshot sensed, NavigableMap<Integer, SensorSnapshot> earlier, String instruction) {
    NavigableMap<Integer, Observation> seen = new TreeMap<>();
    earlier.forEach((age, before) -> seen.put(age, observe(before, instruction)));
    return observe(sensed, instruction).after(seen);
  }

  @Override
  public void close() {
    session.close();
  }
}
