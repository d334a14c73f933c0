package dev.reverie.robot.swap;

import dev.reverie.arm.Limit;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.Replayed;
import dev.reverie.policy.BundleJson;
import dev.reverie.policy.OnnxPolicy;
import dev.reverie.robot.setup.SwapParameters;
import dev.reverie.robot.swap.PolicyLoader.Loading;
import dev.reverie.robot.swap.Trial.Answer;
import dev.reverie.rollout.EpisodeHead;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the policy that is live, those before it, and the one that comes; the first may come later
 * than the node starts. A swap is a transaction: a bundle is tried and loaded beside the control
 * path, each step of it is told, and it goes live whole at the boundary of a chunk, or not at all.
 * Whoever asks gets exactly one answer, by the time that they wait for; what was answered otherwise
 * never goes live. All methods are for the control thread.
 */
public final class PolicySwap implements AutoCloseable {
  /**
   * The result of a swap or a rollback.
   *
   * @param message what was wrong and what to do; empty on success
   * @param replayed at recorded episodes, where that was asked for
   */
  public record Result(
      boolean success, String message, String policyId, String previousId, Replayed replayed) {}

  /**
   * A request for a swap.
   *
   * @param folder of the bundle
   * @param mayDiffer fields in which it may differ from the live policy
   * @param timeoutNanos by which it is live, or never will be; 0: the node's own
   * @param replay recorded episodes at which it is tried
   */
  public record Request(
      String folder, List<String> mayDiffer, long timeoutNanos, ReplayAsked replay) {}

  /** A policy that waits for the boundary of a chunk. */
  private record Coming(
      KeptPolicy policy, PolicyState as, String reason, Replayed replayed, Consumer<Result> done) {}

  /** A swap that is under way. */
  private static final class Transaction {
    final String folder;
    final Consumer<Result> done;
    final long beganNanos = System.nanoTime();
    final long deadlineNanos;
    final double allowedS;
    PolicyState reached = PolicyState.STAGED;
    String id = "";
    Replayed replayed = NOT_REPLAYED;
    @Nullable Loading loading;

    Transaction(Request asked, double allowedS, Consumer<Result> done) {
      folder = asked.folder;
      this.done = done;
      this.allowedS = allowedS;
      deadlineNanos = beganNanos + (long) (allowedS * 1e9);
    }

    double sinceS() {
      return (System.nanoTime() - beganNanos) / 1e9;
    }
  }

  private static final Replayed NOT_REPLAYED = new Replayed();

  /** Policies that were live before, the last one first. */
  private final Deque<KeptPolicy> earlier;

  private final ExecutorService aside =
      Executors.newSingleThreadExecutor(
          work -> Thread.ofPlatform().name("policy-aside").daemon().unstarted(work));
  private final SwapParameters parameters;
  private final PolicyLoader loader;
  private final PolicyWatch watch;
  private final Optional<PolicyStore> store;
  private final SwapSurrounding around;
  private final List<String> cameras;
  private @Nullable KeptPolicy live;
  private @Nullable Transaction running;
  private @Nullable Coming coming;
  private long swaps;

  /**
   * Reasons why an inference was left to itself, by policy: it gives nothing, and cannot be closed.
   */
  private final IdentityHashMap<OnnxPolicy, String> hanging = new IdentityHashMap<>();

  /**
   * Begins with policies that are in memory.
   *
   * @param cameras that the node sees, in the order of its snapshots
   * @param store remembers which is live; empty: nobody does
   */
  public PolicySwap(
      KeptPolicy.All first,
      List<String> cameras,
      SwapParameters parameters,
      PolicyWatch watch,
      Optional<PolicyStore> store,
      SwapSurrounding around) {
    live = first.live().orElse(null);
    earlier = new ArrayDeque<>(first.earlier());
    this.cameras = cameras;
    this.parameters = parameters;
    this.watch = watch;
    this.store = store;
    this.around = around;
    loader = new PolicyLoader(parameters, around.runtime());
    first.live().filter(_ -> first.watched()).map(KeptPolicy::policy).ifPresent(watch::begin);
  }

  public Optional<LivePolicy> live() {
    return Optional.ofNullable(live).map(KeptPolicy::policy);
  }

  public long swaps() {
    return swaps;
  }

  /** Loads a bundle folder; it goes live at the next boundary of a chunk. */
  public void swap(Request asked, Consumer<Result> done) {
    Optional<String> fault = busy().or(asked.replay()::fault);
    if (fault.isPresent()) {
      done.accept(refused(fault.get(), NOT_REPLAYED));
      return;
    }
    double limitS = parameters.loadTimeoutS();
    double askedS = asked.timeoutNanos / 1e9;
    var now = new Transaction(asked, askedS > 0 ? Math.min(askedS, limitS) : limitS, done);
    running = now;
    String id = id(live);
    String spec = live().map(policy -> BundleJson.line(policy.spec())).orElse("");
    now.loading =
        loader.begin(
            () -> around.question(asked, id, spec),
            new PolicyLoader.Listener() {
              @Override
              public void reached(Answer answer) {
                soon(now, () -> PolicySwap.this.reached(now, answer));
              }

              @Override
              public void loaded() {
                soon(now, () -> arrived(now));
              }

              @Override
              public void isLive() {
                soon(now, () -> isLiveAlready(now));
              }

              @Override
              public void refused(Answer answer) {
                soon(now, () -> PolicySwap.this.refused(now, answer));
              }
            });
  }

  static Path absolute(String folder) {
    return Path.of(folder).toAbsolutePath().normalize();
  }

  /** Says why no swap can begin just now; empty where one can. */
  private Optional<String> busy() {
    return Optional.ofNullable(running)
        .map(
            now ->
                String.format(
                    Locale.ROOT,
                    "a swap of '%s' is under way, %s for %.1f s; wait for its answer, or call ~/cancel_swap",
                    now.folder,
                    now.reached.name().toLowerCase(Locale.ROOT),
                    now.sinceS()));
  }

  /** Runs work of a swap on the control thread, unless it has ended by then. */
  private void soon(Transaction of, Runnable work) {
    around
        .control()
        .execute(
            () -> {
              if (running == of) {
                work.run();
              }
            });
  }

  private void reached(Transaction now, Answer answer) {
    now.reached = answer.state();
    now.id = answer.id();
    now.replayed = answer.replayed();
    tell(answer.state(), now.folder, now.id, answer.text(), now.replayed);
  }

  private void refused(Transaction now, Answer answer) {
    now.replayed = answer.replayed();
    end(now, PolicyState.REFUSED, answer.text());
  }

  private void isLiveAlready(Transaction now) {
    running = null;
    String told = "it is live already: nothing has changed";
    tell(PolicyState.LIVE, now.folder, id(live), told, NOT_REPLAYED);
    now.done.accept(new Result(true, "", id(live), id(live), NOT_REPLAYED));
  }

  private void arrived(Transaction now) {
    Loading loading = now.loading;
    Optional<LivePolicy> policy = loading == null ? Optional.empty() : loading.take();
    if (policy.isEmpty()) {
      return;
    }
    now.reached = PolicyState.WAITING;
    tell(PolicyState.WAITING, now.folder, now.id, "", now.replayed);
    var next = new KeptPolicy(policy.get().seeing(cameras), absolute(now.folder));
    coming = new Coming(next, PolicyState.LIVE, "", now.replayed, now.done);
    if (!around.midChunk()) {
      var _ = boundary();
    }
  }

  /** Ends the swap that is under way; the policy that is live stays. */
  private void end(Transaction now, PolicyState as, String reason) {
    running = null;
    if (as == PolicyState.CANCELLED && now.loading != null) {
      now.loading.cancel().ifPresent(this::retire);
    }
    Coming next = coming;
    if (next != null) {
      coming = null;
      retire(next.policy.policy());
    }
    tell(as, now.folder, now.id, reason, now.replayed);
    now.done.accept(refused(reason, now.replayed));
  }

  /** Breaks off the swap that is under way; returns whether there was one. */
  public boolean cancel(String reason) {
    Transaction now = running;
    if (now == null) {
      return false;
    }
    end(now, PolicyState.CANCELLED, reason);
    return true;
  }

  /**
   * Breaks off a swap for which nobody waits any more, and lets a policy that waits go live where
   * nothing plays, as while the arm is held; to be called some times a second.
   */
  public void watch() {
    Transaction now = running;
    if (now != null && System.nanoTime() > now.deadlineNanos) {
      String reason =
          String.format(
              Locale.ROOT,
              "it was not live within %s s, but %s; the policy that was live stays: give it more time, or look at what takes so long",
              now.allowedS,
              now.reached.name().toLowerCase(Locale.ROOT));
      end(now, PolicyState.CANCELLED, reason);
    }
    if (coming != null && !around.midChunk()) {
      var _ = boundary();
    }
  }

  /**
   * Brings the policy before the last swap back, and when it is asked again the one before that: at
   * once, what the other one gave is dropped.
   *
   * @param reason why, in words
   */
  public void rollback(String reason, Consumer<Result> done) {
    cancel("a rollback overtook it: " + reason);
    if (earlier.isEmpty()) {
      String why = "there is no earlier policy to return to; name a bundle with swap_policy";
      done.accept(refused(why, NOT_REPLAYED));
    } else {
      coming = new Coming(earlier.pop(), PolicyState.ROLLED_BACK, reason, NOT_REPLAYED, done);
      var _ = boundary();
      around.dropChunk();
    }
  }

  /** Returns the policy that gives the next chunk; to be called where none plays. */
  public Optional<LivePolicy> boundary() {
    Coming next = coming;
    if (next != null) {
      coming = null;
      running = null;
      KeptPolicy before = live;
      live = next.policy;
      boolean back = next.as == PolicyState.ROLLED_BACK;
      if (back) {
        watch.end();
      } else {
        watch.begin(next.policy.policy());
      }
      if (before != null && back) {
        retire(before.policy());
      } else if (before != null) {
        keep(before);
      }
      swaps++;
      remember(next.policy, !back);
      String folder = next.policy.folder().toString();
      tell(next.as, folder, next.policy.id(), next.reason, next.replayed);
      around.swapped();
      next.done.accept(new Result(true, "", next.policy.id(), id(before), next.replayed));
    }
    return live();
  }

  private void keep(KeptPolicy before) {
    earlier.push(before);
    while (earlier.size() > parameters.history()) {
      retire(earlier.removeLast().policy());
    }
  }

  private void remember(KeptPolicy now, boolean watched) {
    var acts = PolicyStore.Remembered.of(now);
    List<PolicyStore.Remembered> before = earlier.stream().map(PolicyStore.Remembered::of).toList();
    store.ifPresent(file -> aside.execute(() -> file.write(acts, before, watched)));
  }

  /** Takes notice that an inference of a policy did not end and was left to itself. */
  public void left(LivePolicy policy, String reason) {
    hanging.put(policy.session(), reason);
    watch.left(policy.id(), reason).ifPresent(this::giveUp);
  }

  /** Returns why a policy gives nothing: an inference of it was left to itself, and still runs. */
  public Optional<String> hanging(LivePolicy policy) {
    return Optional.ofNullable(hanging.get(policy.session()));
  }

  /** Takes notice that the inference of a policy that was left to itself has ended after all. */
  public void ended(LivePolicy policy) {
    hanging.remove(policy.session());
    if (inMemory().noneMatch(kept -> kept.session() == policy.session())) {
      retire(policy);
    }
  }

  /** The policy that is live, and those before it. */
  private Stream<LivePolicy> inMemory() {
    return Stream.concat(Stream.ofNullable(live), earlier.stream()).map(KeptPolicy::policy);
  }

  /** Takes notice of an inference of a policy. */
  public void inferred(LivePolicy policy, Inference.Outcome outcome) {
    watch.inferred(policy.id(), outcome).ifPresent(this::giveUp);
  }

  /**
   * Takes notice of a tick on which the policy moved the arm.
   *
   * @param by what its action was limited
   */
  public void moved(List<Limit> by) {
    watch.moved(by).ifPresent(this::giveUp);
  }

  /** Takes notice of how an episode went. */
  public void labelled(EpisodeHead episode, Outcome outcome) {
    watch.labelled(episode.policyId(), episode.id(), outcome).ifPresent(this::giveUp);
  }

  private void giveUp(String reason) {
    rollback(
        reason,
        result -> {
          if (!result.success()) {
            String told = reason + "; but " + result.message();
            tell(PolicyState.LIVE, "", id(live), told, NOT_REPLAYED);
          }
        });
  }

  private void tell(PolicyState state, String folder, String id, String reason, Replayed replayed) {
    around.told(state, folder, id, id(live), reason, replayed);
  }

  private Result refused(String message, Replayed replayed) {
    return new Result(false, message, id(live), id(earlier.peek()), replayed);
  }

  private static String id(@Nullable KeptPolicy policy) {
    return policy == null ? "" : policy.id();
  }

  /** Frees a policy beside the control path; its session waits for an inference that still runs. */
  private void retire(LivePolicy policy) {
    if (hanging(policy).isEmpty()) { // else it would keep all others waiting
      aside.execute(policy::close);
    }
  }

  /** Breaks off what is being loaded, and waits for what cannot be broken off, for some time. */
  @Override
  public void close() {
    Transaction now = running;
    if (now != null) {
      end(now, PolicyState.CANCELLED, "the robot node ends");
    }
    loader.close();
    if (now != null && now.loading != null) {
      now.loading.await();
    }
    aside.close();
    inMemory().filter(policy -> hanging(policy).isEmpty()).forEach(LivePolicy::close);
  }
}
