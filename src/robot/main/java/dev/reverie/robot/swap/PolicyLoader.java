package dev.reverie.robot.swap;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.TrialJava;
import dev.reverie.robot.setup.SwapParameters;
import dev.reverie.robot.swap.Trial.Answer;
import dev.reverie.robot.swap.Trial.Question;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Brings policies into memory beside the control path. Each is tried in a process of its own first,
 * so that what is loaded here is known to end, and to fit. One at a time, each on its own thread:
 * what is broken off keeps nobody waiting.
 */
public final class PolicyLoader implements AutoCloseable {
  /** ONNX Runtime cannot be broken off; at the end of the node it is waited for this long. */
  public static final long END_MS = 2000;

  private final Trials trials;
  private final PolicyRuntime runtime;

  PolicyLoader(SwapParameters limits, PolicyRuntime runtime) {
    trials = new Trials(limits);
    this.runtime = runtime;
  }

  /** Takes what becomes of a bundle, on any thread. */
  interface Listener {
    /** The bundle has reached a state on its way. */
    void reached(Answer answer);

    /** The policy is in memory: {@link Loading#take} gives it. */
    void loaded();

    /** The bundle is that of the policy that is live. */
    void isLive();

    void refused(Answer answer);
  }

  /** A bundle that is being brought into memory. */
  final class Loading {
    private final Listener listener;
    private final AtomicReference<Optional<LivePolicy>> loaded =
        new AtomicReference<>(Optional.empty());
    private final Thread thread;
    private volatile boolean unwanted;

    private Loading(Supplier<Question> question, Listener listener) {
      this.listener = listener;
      thread =
          Thread.ofPlatform()
              .name("policy-loader")
              .daemon()
              .unstarted(
                  () -> {
                    try {
                      load(question.get());
                    } catch (RuntimeException | Error e) { // whoever asked gets an answer
                      listener.refused(Answer.refused(TrialJava.reason(e)));
                    }
                  });
    }

    private void load(Question question) {
      Answer answer = trials.run(question, () -> !unwanted, listener::reached);
      switch (answer.state()) {
        case REFUSED -> listener.refused(answer);
        case LIVE -> listener.isLive();
        default -> {
          listener.reached(answer);
          open(question, answer.id());
        }
      }
    }

    private void open(Question question, String id) {
      PolicyBundle bundle = PolicyBundle.load(Path.of(question.terms().folder()));
      if (!bundle.id().equals(id)) {
        throw new BundleException(
            "bundle %s was changed while it was tried: it is %s, and was %s; a new policy is a new folder"
                .formatted(question.terms().folder(), bundle.id(), id));
      }
      loaded.set(Optional.of(runtime.open(bundle, question.terms().lenses())));
      if (unwanted) {
        take().ifPresent(LivePolicy::close);
      } else {
        listener.loaded();
      }
    }

    /** The policy, for whoever asks first, who closes it. */
    Optional<LivePolicy> take() {
      return loaded.getAndSet(Optional.empty());
    }

    /** Breaks it off: nothing comes of it any more; returns the policy if it was there already. */
    Optional<LivePolicy> cancel() {
      unwanted = true;
      if (thread.isAlive()) {
        trials.end();
      }
      return take();
    }

    /** Waits some time for its thread to end. */
    void await() {
      try {
        thread.join(END_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      take().ifPresent(LivePolicy::close);
    }
  }

  /**
   * Begins to load a bundle.
   *
   * @param question what is to be tried; asked for on the loader's thread
   */
  Loading begin(Supplier<Question> question, Listener listener) {
    var loading = new Loading(question, listener);
    loading.thread.start();
    return loading;
  }

  @Override
  public void close() {
    trials.close();
  }
}
