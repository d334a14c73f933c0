package dev.reverie.robot;

import dev.reverie.msgs.reverie.Command;
import dev.reverie.policy.PolicyOutput;
import dev.reverie.policy.TokenSampler;
import dev.reverie.policy.TokenSampler.Sample;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * Gets action chunks from the live policy, and publishes each of them as it was given. For the
 * control thread; the policy runs on the inference thread.
 */
final class ChunkSource {

  /** Takes a chunk, on the control thread. */
  interface Taker {
    void take(EpisodeRun run, Chunk chunk);
  }

  /** Takes the reason why there is none, on the control thread. */
  interface Refusal {
    void take(EpisodeRun run, String reason);
  }

  /** Below this part of the period a chunk comes in time when it is asked for at its first tick. */
  private static final double IN_TIME = 0.25;

  /** Inferences over which their time is averaged. */
  private static final double AVERAGED = 8;

  private final PolicySwap policies;
  private final Inference inference;
  private final Outputs outputs;
  private final Executor control;
  private final long periodNanos;
  private final boolean lockStep;
  private final Latencies latencies = new Latencies();
  private final Latencies inferences = new Latencies();
  private double usualNanos; // moving average of the time from the request to the chunk
  private boolean busy;
  private long generation;

  /**
   * @param control runs work on the control thread
   */
  ChunkSource(
      PolicySwap policies,
      Inference inference,
      Outputs outputs,
      Executor control,
      long periodNanos,
      boolean lockStep) {
    this.policies = policies;
    this.inference = inference;
    this.outputs = outputs;
    this.control = control;
    this.periodNanos = periodNanos;
    this.lockStep = lockStep;
  }

  /** From the arrival of the last input to the published chunk, inference excluded. */
  Latencies latencies() {
    return latencies;
  }

  /** Of the policy alone. */
  Latencies inferences() {
    return inferences;
  }

  /** Whether an inference runs. */
  boolean busy() {
    return busy;
  }

  /** With so many actions left the next chunk is asked for; a fast policy can wait for the last. */
  int lead() {
    return lockStep ? 0 : lead(usualNanos / periodNanos);
  }

  /**
   * @param periods that a chunk takes from the request
   */
  static int lead(double periods) {
    return periods < IN_TIME ? 0 : (int) Math.ceil(periods);
  }

  /**
   * Asks for the chunk that belongs to an observation, if no inference runs.
   *
   * @param tick of the observation
   * @param outdated runs instead of the others after {@link #forget}
   */
  void request(
      EpisodeRun run, Sensed sensed, long tick, Taker taker, Refusal refusal, Runnable outdated) {
    if (busy) {
      return;
    }
    busy = true;
    long asked = generation;
    long askedNanos = System.nanoTime();
    LivePolicy policy = policies.boundary();
    RandomGenerator random = run.random;
    inference.request(
        () -> infer(policy, run.request, sensed, random),
        outcome ->
            control.execute(
                () -> {
                  busy = false;
                  switch (outcome) {
                    case Inference.Outcome.Given given when asked == generation ->
                        taker.take(run, publish(run, policy, sensed, tick, askedNanos, given));
                    case Inference.Outcome.Failed failed when asked == generation ->
                        refusal.take(run, "policy " + policy.id() + " failed: " + failed.reason());
                    default -> outdated.run();
                  }
                }));
  }

  /** What an inference that runs will give is not wanted any more. */
  void forget() {
    generation++;
  }

  private static Inference.Outcome infer(
      LivePolicy policy, EpisodeRun.Request request, Sensed sensed, RandomGenerator random) {
    var observation = policy.observe(sensed, request.instruction());
    long begin = System.nanoTime();
    PolicyOutput output = policy.session().infer(observation);
    long inferenceNanos = System.nanoTime() - begin;
    Sample sample = TokenSampler.sample(output, request.temperature(), random);
    return new Inference.Outcome.Given(sample, inferenceNanos);
  }

  private Chunk publish(
      EpisodeRun run,
      LivePolicy policy,
      Sensed sensed,
      long tick,
      long askedNanos,
      Inference.Outcome.Given given) {
    Sample sample = given.sample();
    int horizon = policy.spec().chunk().horizon();
    var chunk = new Chunk(run.chunks++, Command.POLICY, tick, sample.actions(), horizon);
    long latency = System.nanoTime() - sensed.arrivalNanos() - given.inferenceNanos();
    outputs.policyChunk(run, chunk, policy.id(), sensed, sample, latency, given.inferenceNanos());
    usualNanos += ((System.nanoTime() - askedNanos) - usualNanos) / AVERAGED;
    latencies.add(latency);
    inferences.add(given.inferenceNanos());
    return chunk;
  }
}
