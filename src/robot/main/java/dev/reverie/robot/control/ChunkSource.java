package dev.reverie.robot.control;

import dev.reverie.msgs.reverie.Command;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.Observation;
import dev.reverie.policy.Sample;
import dev.reverie.robot.control.ActionQueue.Action;
import dev.reverie.robot.sense.HoldReason;
import dev.reverie.robot.sense.JointSample;
import dev.reverie.robot.sense.SensorSnapshot;
import dev.reverie.robot.sense.Sights;
import dev.reverie.robot.setup.MotionParameters;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.robot.setup.Seam;
import dev.reverie.robot.swap.Inference;
import dev.reverie.robot.swap.LivePolicy;
import dev.reverie.robot.swap.PolicySwap;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Gets action chunks from the live policy, and publishes each of them as it was given. For the
 * control thread; the policy runs on the inference thread.
 */
public final class ChunkSource implements AutoCloseable {
  /** Result of a request. */
  sealed interface Arrival {
    record Given(Chunk chunk) implements Arrival {}

    record Failed(HoldReason reason) implements Arrival {}

    /** A chunk that was not wanted any more; the policy is free again. */
    record Outdated() implements Arrival {}
  }

  /** Below this part of the period a chunk comes in time when it is asked for at its first tick. */
  private static final double IN_TIME = 0.25;

  /** An inference that was ended has so long to end, s; then it is left to itself. */
  private static final double ENDS_S = 1;

  private final PolicySwap policies;
  private final Inference inference = Inference.start();
  private final Outputs outputs;
  private final BooleanSupplier wanted;
  private final Executor control;
  private final long periodNanos;
  private final boolean lockStep;
  private final double inferenceTimeoutS;
  private final MotionParameters motion;
  private final Sights sights;
  private final Latencies latencies = new Latencies();
  private final Latencies inferences = new Latencies();
  private final Delays delays = new Delays();
  private EpisodeRun.Request request = new EpisodeRun.Request("", false, 0, 0, 0);
  private int chunks; // of the episode
  private RandomGenerator random = new SplittableRandom(0);
  private String policyId = ""; // of the newest chunk
  private @Nullable Asked running;
  private long generation;

  /** An inference. */
  private static final class Asked {
    final LivePolicy policy;
    final Consumer<Arrival> arrived;
    final long generation;
    boolean cancelled;
    volatile long beganNanos; // when the policy began; 0: it has not yet

    Asked(LivePolicy policy, Consumer<Arrival> arrived, long generation) {
      this.policy = policy;
      this.arrived = arrived;
      this.generation = generation;
    }
  }

  /**
   * Creates a source that was asked for nothing yet.
   *
   * @param wanted whether an episode runs; what an inference gives after its end comes to nothing
   * @param control runs work on the control thread
   */
  public ChunkSource(
      RobotParameters parameters,
      PolicySwap policies,
      Outputs outputs,
      BooleanSupplier wanted,
      Executor control) {
    periodNanos = parameters.periodNanos();
    lockStep = parameters.lockStep();
    motion = parameters.motion();
    sights = new Sights(periodNanos);
    this.policies = policies;
    inferenceTimeoutS = parameters.guard().inferenceTimeoutS();
    this.outputs = outputs;
    this.wanted = wanted;
    this.control = control;
  }

  /** Times from the arrival of the last input to the published chunk, inference excluded. */
  public Latencies latencies() {
    return latencies;
  }

  /** Times of the policy alone. */
  public Latencies inferences() {
    return inferences;
  }

  /** Returns whether an inference runs. */
  boolean busy() {
    return running != null;
  }

  /**
   * Actions that are left when the next chunk is asked for; a fast policy can wait for the last. It
   * is asked so early that its chunk comes in time even if it takes as long as the slowest of late.
   * A policy that is told of them is told of half of a chunk at most: the rest is its own.
   */
  int lead(int horizon) {
    if (lockStep) {
      return 0;
    }
    Optional<LivePolicy> live = policies.live();
    int lead = live.map(policy -> lead(expectedNanos(policy) / periodNanos)).orElse(0);
    return live.filter(this::isTold).isPresent()
        ? Math.min(lead, Math.max(0, horizon / 2 - 1))
        : lead + seam().early(horizon);
  }

  private double expectedNanos(LivePolicy policy) {
    return delays.expectedNanos(policy.id(), policy.warmNanos());
  }

  /** Returns whether a policy is told of actions ahead: where chunks are mixed there are none. */
  private boolean isTold(LivePolicy policy) {
    return policy.spec().graph().hasActionPrefix() && seam() instanceof Seam.Switch;
  }

  /**
   * Returns how many actions are left when the next chunk has to be asked for.
   *
   * @param periods that a chunk takes from the request
   */
  static int lead(double periods) {
    return periods < IN_TIME ? 0 : (int) Math.ceil(periods);
  }

  /**
   * Actions of a chunk that are played: those that are to be carried out, and as many before them
   * as the chunk before goes on for until this one is there.
   */
  private int played(int horizon) {
    int lead = lead(horizon);
    long carriedOut = motion.executed(execution());
    long overlap = lead == 0 ? 0 : lead + 1L; // the tick at which it is asked for counts too
    return carriedOut == 0 ? horizon : (int) Math.min(horizon, carriedOut + overlap);
  }

  /** Returns how one chunk goes over into the next. */
  Seam seam() {
    return motion.seam(execution());
  }

  private BundleSpec.Execution execution() {
    return policies
        .live()
        .map(policy -> policy.spec().execution())
        .orElse(BundleSpec.Execution.WHOLE);
  }

  /** Keeps what a tick saw, for a policy that looks back. */
  void saw(SensorSnapshot sensed) {
    sights.add(sensed, policies.live().map(live -> live.session().ages().getLast()).orElse(0));
  }

  /** An episode begins. */
  void begin(EpisodeRun.Request episode) {
    forget();
    sights.clear();
    chunks = 0;
    request = episode;
    random = new SplittableRandom(episode.seed());
  }

  /**
   * Asks for the chunk that belongs to an observation, if no inference runs.
   *
   * @param executed actions of the episode before the observation
   * @param ahead actions that go on until the chunk is there, [n, D] row-major, of which a policy
   *     whose graph takes them is told
   * @param arrived takes what comes of it, on the control thread
   */
  void request(SensorSnapshot sensed, long executed, float[] ahead, Consumer<Arrival> arrived) {
    if (busy()) {
      return;
    }
    LivePolicy policy = policies.boundary().orElseThrow(); // no goal of a policy runs without one
    Optional<String> hanging = policies.hanging(policy);
    if (hanging.isPresent()) {
      control.execute(() -> arrived.accept(failed(policy, hanging.get())));
      return;
    }
    var asked = new Asked(policy, arrived, generation);
    running = asked;
    long askedNanos = System.nanoTime();
    EpisodeRun.Request episode = request;
    RandomGenerator drawn = random(policy.spec().head(), sensed);
    NavigableMap<Integer, SensorSnapshot> earlier = sights.before(sensed, policy.session().ages());
    float[] told = policy.told(ahead);
    int decided = told.length / policy.spec().actionSpace().dimensions();
    inference.request(
        () -> infer(asked, episode, sensed, earlier, told, drawn),
        given ->
            control.execute(
                () ->
                    ended(
                        asked,
                        given,
                        chunk -> publish(policy, sensed, executed, decided, askedNanos, chunk))));
  }

  /** Takes what came of an inference, late as it may be. */
  private void ended(
      Asked asked, Inference.Outcome given, Function<Inference.Outcome.Given, Chunk> publish) {
    if (running != asked) {
      policies.ended(asked.policy);
      return;
    }
    running = null;
    Inference.Outcome outcome = asked.cancelled ? tooLong(asked.policy, given) : given;
    asked.arrived.accept(
        switch (outcome) {
          case Inference.Outcome.Given chunk when isCurrent(asked) ->
              new Arrival.Given(publish.apply(chunk));
          case Inference.Outcome.Failed failed when isCurrent(asked) ->
              failed(asked.policy, failed.reason());
          default -> new Arrival.Outdated();
        });
    policies.inferred(asked.policy, outcome);
  }

  /** Returns whether what an inference gives is still wanted. */
  private boolean isCurrent(Asked asked) {
    boolean runs = wanted.getAsBoolean();
    if (!runs) {
      var _ = policies.boundary(); // nothing plays: a swap need not wait any longer
    }
    return runs && asked.generation == generation;
  }

  private static Arrival.Failed failed(LivePolicy policy, String reason) {
    return new Arrival.Failed(
        HoldReason.of(
            HoldReason.Kind.POLICY_FAILED, "policy " + policy.id() + " failed: " + reason));
  }

  /**
   * Ends an inference that takes longer than it may, and leaves one to itself that does not end
   * then; to be called some times a period. In lock-step time stands still, and nobody looks.
   */
  void watch() {
    Asked asked = running;
    if (lockStep || asked == null || asked.beganNanos == 0) {
      return;
    }
    double allowedS = allowedS(asked.policy);
    double tookS = (System.nanoTime() - asked.beganNanos) / 1e9;
    if (allowedS > 0 && tookS > allowedS && !asked.cancelled) {
      asked.cancelled = true;
      asked.policy.session().cancel();
    }
    if (allowedS > 0 && tookS > allowedS + ENDS_S) {
      leave(asked, tookS);
    }
  }

  /** Goes on without an inference that does not end. */
  private void leave(Asked asked, double tookS) {
    running = null;
    inference.leave();
    String reason =
        String.format(
            Locale.ROOT,
            "its inference has not ended for %.1f s and cannot be ended: one node of its graph takes so long; use another policy",
            tookS);
    asked.arrived.accept(isCurrent(asked) ? failed(asked.policy, reason) : new Arrival.Outdated());
    policies.left(asked.policy, reason);
  }

  private double allowedS(LivePolicy policy) {
    double own = policy.spec().limits().inferenceS();
    return own > 0 ? own : inferenceTimeoutS;
  }

  private Inference.Outcome tooLong(LivePolicy policy, Inference.Outcome outcome) {
    if (!(outcome instanceof Inference.Outcome.Failed)) {
      return outcome;
    }
    String whose =
        policy.spec().limits().inferenceS() > 0
            ? "that its bundle allows (limits.inference_s)"
            : "that the node allows (inference_timeout_s)";
    return new Inference.Outcome.Failed(
        "its inference was ended after the %s s %s; use a smaller policy or a faster machine, or set threads"
            .formatted(allowedS(policy), whose));
  }

  /** Publishes the command of a person as a chunk of one action, the one that would lead there. */
  Chunk ofPerson(SensorSnapshot sensed, long executed, float[] action, TeleopCommand command) {
    var chunk = new Chunk(chunks++, Command.TELEOP, executed, action, 1);
    outputs.chunks().ofPerson(chunk, sensed, command);
    return chunk;
  }

  /**
   * Returns the action that was carried out, with a chunk that says it: its own where it is as the
   * policy gave it, else one of this action alone, which is published.
   */
  Action carriedOut(Action action, JointSample measured, long executed) {
    if (!action.isMixed()) {
      return action;
    }
    var chunk = new Chunk(chunks++, action.chunk().source(), executed, action.values(), 1);
    outputs.chunks().mixed(chunk, policyId, measured.stampNanos());
    return new Action(chunk, 0, action.values());
  }

  /** Lets an inference that runs come to nothing. */
  void forget() {
    generation++;
  }

  /**
   * Returns what a chunk is drawn with. Tokens say themselves what was drawn; any other chunk has
   * noise of its own, which what is recorded of it tells: the seed, plus the stamp of what it saw.
   */
  private RandomGenerator random(HeadSpec head, SensorSnapshot sensed) {
    return head instanceof HeadSpec.Binned
        ? random
        : new SplittableRandom(request.seed() + sensed.stampNanos());
  }

  private static Inference.Outcome infer(
      Asked asked,
      EpisodeRun.Request request,
      SensorSnapshot sensed,
      NavigableMap<Integer, SensorSnapshot> earlier,
      float[] ahead,
      RandomGenerator random) {
    Observation observation =
        asked.policy.observe(sensed, earlier, request.instruction()).deciding(ahead);
    long begin = System.nanoTime();
    asked.beganNanos = begin;
    Sample sample = asked.policy.session().draw(observation, request.temperature(), random);
    return new Inference.Outcome.Given(sample, System.nanoTime() - begin);
  }

  private Chunk publish(
      LivePolicy policy,
      SensorSnapshot sensed,
      long executed,
      int decided,
      long askedNanos,
      Inference.Outcome.Given given) {
    Sample sample = given.sample();
    int horizon = policy.spec().chunk().horizon();
    var chunk =
        new Chunk(
            chunks++,
            Command.POLICY,
            executed,
            sample.actions(),
            horizon,
            decided,
            played(horizon));
    long nanos = System.nanoTime() - sensed.arrivalNanos() - given.inferenceNanos();
    var latency = new ChunkOutput.Latency(nanos, given.inferenceNanos());
    policyId = policy.id();
    outputs.chunks().ofPolicy(chunk, policyId, sensed, sample, latency);
    long took = System.nanoTime() - askedNanos;
    delays.add(policyId, took);
    latencies.add(nanos);
    inferences.add(given.inferenceNanos());
    return chunk;
  }

  /** Ends the inference that runs, and waits for it for some time. */
  @Override
  public void close() {
    Asked asked = running;
    if (asked != null) {
      asked.policy.session().cancel();
    }
    if (!inference.end() && asked != null) {
      policies.left(asked.policy, "the robot node ends");
    }
  }
}
