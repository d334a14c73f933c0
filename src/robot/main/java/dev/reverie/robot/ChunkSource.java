package dev.reverie.robot;

import dev.reverie.msgs.reverie.Command;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.Sample;
import dev.reverie.robot.ActionQueue.Action;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Gets action chunks from the live policy, and publishes each of them as it was given. For the
 * control thread; the policy runs on the inference thread.
 */
final class ChunkSource {
  /** Result of a request. */
  sealed interface Arrival {
    record Given(Chunk chunk) implements Arrival {}

    record Failed(HoldReason reason) implements Arrival {}

    /** A chunk that was not wanted any more; the policy is free again. */
    record Outdated() implements Arrival {}
  }

  /** Below this part of the period a chunk comes in time when it is asked for at its first tick. */
  private static final double IN_TIME = 0.25;

  /** Inferences over which their time is averaged. */
  private static final double AVERAGED = 8;

  private final PolicySwap policies;
  private final Inference inference;
  private final Outputs outputs;
  private final BooleanSupplier wanted;
  private final Executor control;
  private final long periodNanos;
  private final boolean lockStep;
  private final Seam seam;
  private final long carriedOut; // actions of a chunk; 0: all
  private final Latencies latencies = new Latencies();
  private final Latencies inferences = new Latencies();
  private double usualNanos; // moving average of the time from the request to the chunk
  private EpisodeRun.Request request = new EpisodeRun.Request("", false, 0, 0, 0);
  private int chunks; // of the episode
  private RandomGenerator random = new SplittableRandom(0);
  private String policyId = ""; // of the newest chunk
  private boolean busy;
  private long generation;

  /**
   * Creates a source that was asked for nothing yet.
   *
   * @param wanted whether an episode runs; what an inference gives after its end comes to nothing
   * @param control runs work on the control thread
   */
  ChunkSource(
      RobotParameters parameters,
      PolicySwap policies,
      Inference inference,
      Outputs outputs,
      BooleanSupplier wanted,
      Executor control) {
    periodNanos = parameters.periodNanos();
    lockStep = parameters.lockStep();
    seam = parameters.motion().seam();
    carriedOut = parameters.motion().executed();
    this.policies = policies;
    this.inference = inference;
    this.outputs = outputs;
    this.wanted = wanted;
    this.control = control;
  }

  /** Times from the arrival of the last input to the published chunk, inference excluded. */
  Latencies latencies() {
    return latencies;
  }

  /** Times of the policy alone. */
  Latencies inferences() {
    return inferences;
  }

  /** Returns whether an inference runs. */
  boolean busy() {
    return busy;
  }

  /**
   * Actions that are left when the next chunk is asked for; a fast policy can wait for the last.
   */
  int lead(int horizon) {
    return lockStep ? 0 : lead(usualNanos / periodNanos) + seam.early(horizon);
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
    long overlap = lead == 0 ? 0 : lead + 1L; // the tick at which it is asked for counts too
    return carriedOut == 0 ? horizon : (int) Math.min(horizon, carriedOut + overlap);
  }

  /** An episode begins. */
  void begin(EpisodeRun.Request episode) {
    forget();
    chunks = 0;
    request = episode;
    random = new SplittableRandom(episode.seed());
  }

  /**
   * Asks for the chunk that belongs to an observation, if no inference runs.
   *
   * @param executed actions of the episode before the observation
   * @param arrived takes what comes of it, on the control thread
   */
  void request(SensorSnapshot sensed, long executed, Consumer<Arrival> arrived) {
    if (busy) {
      return;
    }
    busy = true;
    long asked = generation;
    long askedNanos = System.nanoTime();
    LivePolicy policy = policies.boundary().orElseThrow(); // no goal of a policy runs without one
    EpisodeRun.Request episode = request;
    RandomGenerator drawn = random(policy.spec().head(), sensed);
    inference.request(
        () -> infer(policy, episode, sensed, drawn),
        outcome ->
            control.execute(
                () -> {
                  busy = false;
                  boolean runs = wanted.getAsBoolean();
                  boolean current = runs && asked == generation;
                  if (!runs) {
                    var _ = policies.boundary(); // nothing plays: a swap need not wait any longer
                  }
                  arrived.accept(
                      switch (outcome) {
                        case Inference.Outcome.Given given when current ->
                            new Arrival.Given(publish(policy, sensed, executed, askedNanos, given));
                        case Inference.Outcome.Failed failed when current ->
                            new Arrival.Failed(
                                HoldReason.of(
                                    HoldReason.Kind.POLICY_FAILED,
                                    "policy " + policy.id() + " failed: " + failed.reason()));
                        default -> new Arrival.Outdated();
                      });
                }));
  }

  /** Publishes the command of a person as a chunk of one action, the one that would lead there. */
  Chunk ofPerson(SensorSnapshot sensed, long executed, float[] action, TeleopCommand command) {
    var chunk = new Chunk(chunks++, Command.TELEOP, executed, action, 1);
    outputs.teleopChunk(chunk, sensed, command);
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
    outputs.mixedChunk(chunk, policyId, measured.stampNanos());
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
    return head instanceof HeadSpec.Tokens
        ? random
        : new SplittableRandom(request.seed() + sensed.stampNanos());
  }

  private static Inference.Outcome infer(
      LivePolicy policy,
      EpisodeRun.Request request,
      SensorSnapshot sensed,
      RandomGenerator random) {
    var observation = policy.observe(sensed, request.instruction());
    long begin = System.nanoTime();
    Sample sample = policy.session().draw(observation, request.temperature(), random);
    return new Inference.Outcome.Given(sample, System.nanoTime() - begin);
  }

  private Chunk publish(
      LivePolicy policy,
      SensorSnapshot sensed,
      long executed,
      long askedNanos,
      Inference.Outcome.Given given) {
    Sample sample = given.sample();
    int horizon = policy.spec().chunk().horizon();
    var chunk =
        new Chunk(chunks++, Command.POLICY, executed, sample.actions(), horizon, played(horizon));
    long nanos = System.nanoTime() - sensed.arrivalNanos() - given.inferenceNanos();
    var latency = new Outputs.Latency(nanos, given.inferenceNanos());
    policyId = policy.id();
    outputs.policyChunk(chunk, policyId, sensed, sample, latency);
    usualNanos += ((System.nanoTime() - askedNanos) - usualNanos) / AVERAGED;
    latencies.add(nanos);
    inferences.add(given.inferenceNanos());
    return chunk;
  }
}
