package dev.reverie.robot;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.CameraCalibration;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the policy that is live, the one before it, and the one that comes. A new one is checked,
 * loaded and warmed up beside the control path and goes live at the boundary of a chunk. All
 * methods are for the control thread.
 */
final class PolicySwap implements AutoCloseable {
  /**
   * The result of a swap or a rollback.
   *
   * @param message what was wrong and what to do; empty on success
   */
  record Result(boolean success, String message, String policyId, String previousId) {}

  private record Coming(LivePolicy policy, Consumer<Result> done) {}

  private final ExecutorService loader =
      Executors.newSingleThreadExecutor(
          work -> {
            var thread = new Thread(work, "policy-loader");
            thread.setPriority(Thread.MIN_PRIORITY);
            thread.setDaemon(true);
            return thread;
          });
  private final Queue<LivePolicy> arriving = new ConcurrentLinkedQueue<>(); // loaded, not taken yet
  private final Executor control;
  private final BooleanSupplier midChunk;
  private final int threads;
  private final Map<String, CameraCalibration> calibrations;
  private volatile boolean closed;
  private LivePolicy live;
  private @Nullable LivePolicy previous;
  private @Nullable Coming coming;
  private long swaps;

  /**
   * Begins with a policy that is loaded, and live.
   *
   * @param calibrations of the cameras whose pictures are rectified, by name
   * @param control runs work on the control thread
   * @param midChunk whether a swap has to wait for the boundary of a chunk
   */
  PolicySwap(
      LivePolicy first,
      int threads,
      Map<String, CameraCalibration> calibrations,
      Executor control,
      BooleanSupplier midChunk) {
    live = first;
    this.threads = threads;
    this.calibrations = calibrations;
    this.control = control;
    this.midChunk = midChunk;
  }

  LivePolicy live() {
    return live;
  }

  long swaps() {
    return swaps;
  }

  /** Loads a bundle folder; it goes live at the next boundary of a chunk. */
  void swap(String folder, Consumer<Result> done) {
    BundleSpec current = live.spec();
    loader.execute(
        () -> {
          if (closed) {
            return;
          }
          try {
            LivePolicy loaded = load(Path.of(folder).toAbsolutePath().normalize(), current);
            arriving.add(loaded);
            control.execute(
                () -> {
                  arriving.remove();
                  arrive(new Coming(loaded, done));
                });
          } catch (RuntimeException | Error e) { // whoever asked gets an answer
            String told = e.getMessage();
            String message = told == null || e instanceof Error ? e.toString() : told;
            control.execute(() -> done.accept(refused(message)));
          }
        });
  }

  private LivePolicy load(Path folder, BundleSpec current) {
    PolicyBundle bundle = PolicyBundle.load(folder);
    requireSameArm(current, bundle.spec());
    return LivePolicy.open(bundle, threads, calibrations);
  }

  /** Brings the policy before the last swap back. */
  void rollback(Consumer<Result> done) {
    if (previous == null) {
      done.accept(
          refused("there is no earlier policy to return to; name a bundle with swap_policy"));
      return;
    }
    LivePolicy back = previous;
    previous = null;
    arrive(new Coming(back, done));
  }

  private void arrive(Coming next) {
    if (coming != null) { // overtaken before it went live
      coming.done.accept(refused("another swap came before the boundary of the chunk"));
      retire(coming.policy);
    }
    coming = next;
    if (!midChunk.getAsBoolean()) {
      boundary();
    }
  }

  /** Returns the policy that gives the next chunk; to be called where none plays. */
  LivePolicy boundary() {
    if (coming != null) {
      Coming next = coming;
      coming = null;
      if (previous != null) {
        retire(previous);
      }
      previous = live;
      live = next.policy;
      swaps++;
      next.done.accept(new Result(true, "", live.id(), previous.id()));
    }
    return live;
  }

  private Result refused(String message) {
    return new Result(false, message, live.id(), previous == null ? "" : previous.id());
  }

  /** Frees a policy beside the control path; its session waits for an inference that still runs. */
  private void retire(LivePolicy policy) {
    loader.execute(policy::close);
  }

  /** Refuses a bundle with which more than the policy would change. */
  private static void requireSameArm(BundleSpec current, BundleSpec next) {
    requireSame("joint_names", current.jointNames(), next.jointNames());
    requireSame("cameras", cameras(current), cameras(next));
    requireSame("action_space", current.actionSpace(), next.actionSpace());
    requireSame("chunk.period_s", current.chunk().periodS(), next.chunk().periodS());
  }

  private static List<String> cameras(BundleSpec spec) {
    return spec.cameras().stream().map(BundleSpec.Camera::name).toList();
  }

  private static void requireSame(String what, Object current, Object next) {
    if (!current.equals(next)) {
      throw new BundleException(
          "the bundle is made for another arm: its %s is %s, this arm's is %s; swap in a bundle made"
                  .formatted(what, next, current)
              + " for this arm, or restart the robot node with it");
    }
  }

  /**
   * Waits for a policy that is being loaded: ONNX Runtime must not be at work when the process
   * ends.
   */
  @Override
  public void close() {
    closed = true;
    loader.close();
    arriving.forEach(LivePolicy::close);
    live.close();
    if (previous != null) {
      previous.close();
    }
    if (coming != null) {
      coming.policy.close();
    }
  }
}
