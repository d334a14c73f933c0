package dev.reverie.robot;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Task;
import dev.reverie.rollout.CameraCalibration;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the policy that is live, the one before it, and the one that comes; the first may come
 * later than the node starts. A new one is checked, loaded and warmed up beside the control path
 * and goes live at the boundary of a chunk. All methods are for the control thread.
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
  private final Runnable swapped;
  private final int threads;
  private final Map<String, CameraCalibration> calibrations;
  private volatile boolean closed;
  private final Task task;
  private @Nullable LivePolicy live;
  private @Nullable LivePolicy previous;
  private @Nullable Coming coming;
  private long swaps;

  /**
   * Begins with a policy that is loaded, and live, or without one.
   *
   * @param task what each policy sees and moves
   * @param calibrations of the cameras whose pictures are rectified, by name
   * @param control runs work on the control thread
   * @param midChunk whether a swap has to wait for the boundary of a chunk
   * @param swapped runs when another policy went live
   */
  PolicySwap(
      Optional<LivePolicy> first,
      Task task,
      int threads,
      Map<String, CameraCalibration> calibrations,
      Executor control,
      BooleanSupplier midChunk,
      Runnable swapped) {
    live = first.orElse(null);
    this.task = task;
    this.threads = threads;
    this.calibrations = calibrations;
    this.control = control;
    this.midChunk = midChunk;
    this.swapped = swapped;
  }

  Optional<LivePolicy> live() {
    return Optional.ofNullable(live);
  }

  long swaps() {
    return swaps;
  }

  /** Loads a bundle folder; it goes live at the next boundary of a chunk. */
  void swap(String folder, Consumer<Result> done) {
    loader.execute(
        () -> {
          if (closed) {
            return;
          }
          try {
            LivePolicy loaded = load(Path.of(folder).toAbsolutePath().normalize());
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

  private LivePolicy load(Path folder) {
    PolicyBundle bundle = PolicyBundle.load(folder);
    SameArm.requireSwappable(task, bundle.spec());
    TrainedCalibrations.require(bundle, calibrations);
    return LivePolicy.open(bundle, threads, calibrations).seeing(task.cameraNames());
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
  Optional<LivePolicy> boundary() {
    if (coming != null) {
      Coming next = coming;
      coming = null;
      if (previous != null) {
        retire(previous);
      }
      previous = live;
      live = next.policy;
      swaps++;
      swapped.run();
      next.done.accept(new Result(true, "", id(live), id(previous)));
    }
    return live();
  }

  private Result refused(String message) {
    return new Result(false, message, id(live), id(previous));
  }

  private static String id(@Nullable LivePolicy policy) {
    return policy == null ? "" : policy.id();
  }

  /** Frees a policy beside the control path; its session waits for an inference that still runs. */
  private void retire(LivePolicy policy) {
    loader.execute(policy::close);
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
    if (live != null) {
      live.close();
    }
    if (previous != null) {
      previous.close();
    }
    if (coming != null) {
      coming.policy.close();
    }
  }
}
