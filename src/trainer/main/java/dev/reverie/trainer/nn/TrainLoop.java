package dev.reverie.trainer.nn;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Trains any network on any objective: AdamW, a one-cycle schedule, clipped gradients, curves, and
 * checkpoints from which a stopped run goes on bit by bit as if it had not stopped.
 *
 * <p>A stage leaves {@code <stage>.safetensors} and {@code <stage>.jsonl} in its folder; while it
 * runs there is a {@code <stage>.resume.safetensors} beside them. Both say what they were made of.
 * A finished stage is only loaded, and refused where it was made of anything else.
 *
 * @param folder of the stage's files
 * @param seed of the run; each stage's random numbers depend on it and on the stage's name alone
 * @param inputs says what a stage is made of beside the seed: recordings, settings, parents
 * @param stop asked after every step; a run that is told to stop saves and throws
 */
public record TrainLoop(Path folder, long seed, String inputs, BooleanSupplier stop) {
  /** Nobody stops it. */
  public TrainLoop(Path folder, long seed, String inputs) {
    this(folder, seed, inputs, () -> false);
  }

  /**
   * Draws a batch and gives its loss, a scalar: of several ranks the part of it that is of this
   * rank's {@link Share}, so that the parts add up to the loss of the batch. Of a batch in slices
   * ({@link Compute#slice}) it is asked for each of them, and takes its share once.
   */
  @FunctionalInterface
  public interface Objective {
    Tensor loss(Metrics metrics);
  }

  /**
   * Returns a loop for stages that are made of more.
   *
   * @param settings that they depend on
   * @param parents stages of this folder whose results they depend on
   */
  public TrainLoop of(Record settings, String... parents) {
    StringBuilder more = new StringBuilder(inputs).append(", ").append(settings);
    for (String parent : parents) {
      more.append(", ").append(parent).append(' ').append(sha256(weights(parent)));
    }
    return new TrainLoop(folder, seed, more.toString(), stop);
  }

  /** First 16 hexadecimal digits of the SHA-256 of a stage's result: enough to tell two apart. */
  public static String sha256(Path weights) {
    return Checkpoint.sha256(weights);
  }

  /** Returns whether a result says of itself that it was made with a file as it is now. */
  public static boolean madeWith(Path weights, Path file) {
    return Checkpoint.about(weights).contains(file.getFileName() + " " + sha256(file));
  }

  /** Returns whether a result says of itself that it was made with a file of such a name. */
  public static boolean madeWithAny(Path weights, String name) {
    return Checkpoint.about(weights).contains(", " + name + " ");
  }

  /** Returns whether a stage's result is there. */
  public boolean finished(String stage) {
    return Files.exists(weights(stage));
  }

  /** The file of a stage's result, there or to come. */
  public Path weights(String stage) {
    return folder.resolve(stage + ".safetensors");
  }

  /** The file of a stage that is under way, there or to come. */
  public Path resumePoint(String stage) {
    return folder.resolve(stage + ".resume.safetensors");
  }

  /** Loads a finished stage's weights. */
  public void load(String stage, Network network) {
    Path file = weights(stage);
    try (var _ = new PointerScope()) {
      Map<String, Tensor> tensors = Checkpoint.read(file);
      try {
        network.parameters().load(tensors);
      } catch (TrainerException e) {
        throw new TrainerException(
            "%s is no network of these settings: %s. It was made as %s; give the settings that it was made with, or make it anew"
                .formatted(file, e.getMessage(), Checkpoint.about(file)),
            e);
      }
    }
  }

  /** Trains the network, from where it was stopped if it was, and writes its weights. */
  public void train(String stage, Network network, Config config, Objective objective) {
    train(stage, network, config, objective, () -> {});
  }

  /**
   * Trains the network, from where it was stopped if it was, and writes its weights.
   *
   * @param last is done to the network between the last step and the writing
   */
  public void train(
      String stage, Network network, Config config, Objective objective, Runnable last) {
    Ranks ranks = Ranks.world();
    OneCycle schedule = new OneCycle(config.learningRate(), config.steps(), config.warmup());
    FiniteNumbers finite = new FiniteNumbers(stage);
    carryOut(
        stage,
        network,
        new Plan(
            config.steps(),
            config.weightDecay(),
            config.ema(),
            config.saveEvery(),
            config.toString()),
        (step, optimizer, metrics, progress) -> {
          boolean report = step % config.logEvery() == 0 || step == config.steps() - 1;
          metrics.begin(report);
          optimizer.zeroGradients();
          double loss = BatchSlices.gradients(objective, metrics);
          boolean alone = ranks.count() == 1;
          double[] sums = // one message for all that the ranks have to tell each other
              optimizer.sumGradients(loss, !alone && stop.getAsBoolean() ? 1 : 0);
          double norm = optimizer.clip(config.clip() > 0 ? config.clip() : Double.MAX_VALUE);
          if (finite.all(sums[0], norm)) {
            optimizer.step(schedule.learningRate(step), schedule.beta1(step));
          }
          metrics.add("gradient_norm", norm);
          metrics.add("learning_rate", schedule.learningRate(step));
          metrics.add("loss", sums[0]);
          if (report) {
            progress.at(step + 1, "loss %.4f".formatted(sums[0]));
          }
          metrics.end(step);
          return alone ? stop.getAsBoolean() : sums[1] > 0;
        },
        last);
  }

  /** One iteration of a stage, in a scope of its own. */
  @FunctionalInterface
  public interface Iteration {
    void run(int step, AdamW optimizer, Metrics metrics, Progress progress);
  }

  /**
   * A stage's length.
   *
   * @param iterations of the stage
   * @param weightDecay of AdamW
   * @param ema share of the old in the running mean of the weights that is kept; 0: the last
   *     weights
   * @param saveEvery iterations between two checkpoints
   * @param settings that tell this stage from one that was trained in another way
   */
  public record Plan(
      int iterations, double weightDecay, double ema, int saveEvery, String settings) {}

  /**
   * Carries out the iterations of a stage, from where it was stopped if it was, and writes the
   * network's weights.
   *
   * @param last is done to the network between the last iteration and the writing
   */
  public void run(String stage, Network network, Plan plan, Iteration iteration, Runnable last) {
    carryOut(
        stage,
        network,
        plan,
        (step, optimizer, metrics, progress) -> {
          iteration.run(step, optimizer, metrics, progress);
          return Ranks.world().any(stop.getAsBoolean());
        },
        last);
  }

  /** An iteration that says, on all ranks alike, whether one of them was told to stop. */
  @FunctionalInterface
  private interface Asking {
    boolean run(int step, AdamW optimizer, Metrics metrics, Progress progress);
  }

  /**
   * Refuses the result of a finished stage that was made of anything else.
   *
   * @throws TrainerException with what it was made of and what it is to be made of
   */
  public void requireSame(String stage, Config config) {
    Checkpoint.requireAbout(weights(stage), about(stage, config.toString()));
  }

  private String about(String stage, String settings) {
    return "%s seed %d %s of %s%s".formatted(stage, seed, settings, inputs, Compute.said());
  }

  private void carryOut(String stage, Network network, Plan plan, Asking iteration, Runnable last) {
    String about = about(stage, plan.settings());
    Ranks ranks = Ranks.world();
    boolean finished = finished(stage);
    ranks.requireSame("stage", "%s, %s".formatted(about, finished ? "done" : "to be done"));
    if (finished) {
      Checkpoint.requireAbout(weights(stage), about);
      load(stage, network);
      return;
    }
    Torch.seed(seed, stage);
    Metrics metrics = new Metrics(folder.resolve(stage + ".jsonl"), stage);
    try (AdamW optimizer =
            new AdamW(network.parameters().trained().values(), plan.weightDecay(), plan.ema());
        Progress progress = new Progress(stage, plan.iterations())) {
      ResumePoint point = new ResumePoint(resumePoint(stage), about);
      int step = point.restore(network.parameters(), optimizer);
      ranks.requireSame("step to go on from", "%s %d".formatted(stage, step));
      metrics.truncate(step);
      while (step < plan.iterations()) {
        boolean stopping;
        try (var _ = new PointerScope()) {
          stopping = iteration.run(step, optimizer, metrics, progress);
        }
        step++;
        if (step < plan.iterations() && (stopping || step % plan.saveEvery() == 0)) {
          point.save(step, network.parameters(), optimizer);
        }
        if (stopping) {
          throw stopped();
        }
      }
      optimizer.takeAverage();
      last.run();
      ranks.once(
          () -> {
            Checkpoint.write(weights(stage), network.parameters().all(), about);
            point.delete();
          });
    }
  }

  /**
   * Ends the run where it was told to stop; what takes long asks now and then, on all ranks as
   * often.
   *
   * @throws TrainerException where the run was told to stop
   */
  public void endIfStopped() {
    if (Ranks.world().any(stop.getAsBoolean())) {
      throw stopped();
    }
  }

  /** The exception that ends a run that was told to stop. */
  public static TrainerException stopped() {
    return new TrainerException("stopped; run the same command again to go on");
  }

  /**
   * Settings of one network's training.
   *
   * @param steps of training
   * @param learningRate peak of the cycle
   * @param warmup share of the steps before the peak
   * @param weightDecay of AdamW
   * @param clip norm of the gradients at most; 0 to leave them
   * @param ema share of the old in the running mean of the weights that is kept; 0: the last
   *     weights
   * @param logEvery steps between two lines of the curves
   * @param saveEvery steps between two checkpoints
   */
  public record Config(
      int steps,
      double learningRate,
      double warmup,
      double weightDecay,
      double clip,
      double ema,
      int logEvery,
      int saveEvery) {
    /** Lines and checkpoints at the usual distance. */
    public Config(int steps, double learningRate, double warmup, double weightDecay, double clip) {
      this(steps, learningRate, warmup, weightDecay, clip, 0, 20, 200);
    }

    /** The same that keeps a running mean of the weights. */
    public Config averaging(double decay) {
      return new Config(steps, learningRate, warmup, weightDecay, clip, decay, logEvery, saveEvery);
    }
  }
}
