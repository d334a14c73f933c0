package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.SettingsText;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Judges clips under a task's instruction: [B, K, 3, H, W] in [-1, 1] to the probability of success
 * [B], or to how far the task has come.
 */
public final class RewardClassifier implements Network {
  private final Config config;
  private final ClipScan scan;
  private final long tasks;
  private final Parameters parameters;
  private final ClipJudge judge;

  /**
   * Creates an untrained classifier.
   *
   * @param horizon K
   * @param pixels H * W of a frame
   * @param tasks how many there are; the classifier knows these only
   */
  public RewardClassifier(Config config, int horizon, int pixels, int tasks) {
    this(config, tasks, new Parameters(), horizon, pixels);
  }

  private RewardClassifier(
      Config config, int tasks, Parameters parameters, int horizon, int pixels) {
    this(
        config,
        horizon,
        tasks,
        parameters,
        new ConvJudge(parameters, config.width(), horizon, pixels, tasks));
  }

  /**
   * Creates one whose network is a graph of the user's, with the weights that it came with.
   *
   * @param horizon K
   * @param canvas that its frames are
   * @param tasks how many there are
   */
  public RewardClassifier(Config config, int horizon, Canvas canvas, int tasks, OwnGraph graph) {
    this(config, horizon, tasks, new GraphJudge(graph, horizon, canvas, tasks));
  }

  private RewardClassifier(Config config, int horizon, int tasks, GraphJudge own) {
    this(config, horizon, tasks, own.parameters(), own);
  }

  private RewardClassifier(
      Config config, int horizon, int tasks, Parameters parameters, ClipJudge judge) {
    this.config = config;
    scan = config.scan(horizon);
    this.tasks = tasks;
    this.parameters = parameters;
    this.judge = judge;
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  /** Log-odds of success by the clip's end, or of progress there, [B]. */
  Tensor logits(Tensor clips, Tensor task) {
    return Compute.products(() -> judge.logits(clips, task));
  }

  /** Probability of success by the clip's end, or progress there, [B]. */
  public Tensor probability(Tensor clips, Tensor task) {
    return Torch.noGrad(() -> logits(clips, task).sigmoid());
  }

  /** The clips that it judges along a rollout. */
  public ClipScan scan() {
    return scan;
  }

  /**
   * Highest probability among the clips that end in a chunk; one that would begin before its
   * episode does is none [B].
   *
   * @param before the frames before the chunk, as many as the scan reaches back to [B, F, 3, H, W],
   *     uint8
   * @param frames of the chunk [B, K, 3, H, W], uint8
   * @param age steps of the episode before the chunk [B], int64
   */
  public Tensor highest(Tensor before, Tensor frames, Tensor task, Tensor age) {
    Tensor last = probability(Dataset.normalised(frames), task);
    if (scan.before() == 0) {
      return last;
    }
    return Torch.noGrad(
        () -> {
          Tensor all = Torch.cat(1, before, frames);
          Tensor highest = last;
          for (int back = scan.stride(); back <= scan.before(); back += scan.stride()) {
            Tensor clip = all.narrow(1, scan.before() - back, scan.length());
            Tensor said = probability(Dataset.normalised(clip), task);
            Tensor whole = age.ge(new Scalar((long) back)).to(Float);
            highest = torch.maximum(highest, said.mul(whole));
          }
          return highest;
        });
  }

  /**
   * Binary cross-entropy over a batch with a share of positives, some of the clips imagined; this
   * rank's part.
   */
  public Tensor loss(RewardClips clips, Metrics metrics) {
    int positives = config.positives(config.batch());
    Tensor at =
        Torch.cat(
            0,
            pick(clips.positives(), positives),
            pick(clips.negatives(), config.batch() - positives));
    Share share = Ranks.world().share(at.size(0));
    at = share.of(at);
    Tensor imagined = Torch.less(torch.rand(share.all()), config.imaginedShare());
    Tensor pixels = clips.pixels(at, share.of(imagined), share.among(imagined));
    Tensor x = Dataset.normalised(pixels);
    x = x.add(share.normalLike(x), new Scalar(config.imageNoise()));
    Tensor label = Compute.onDevice(clips.label().index_select(0, at));
    Tensor task = Compute.onDevice(clips.task(at));
    if (tasks > 1) {
      // What succeeds at one task is a failure at another.
      Tensor wrong =
          Torch.less(share.uniform(), config.wrongInstructionShare())
              .bitwise_and(Torch.greater(label, 0));
      Tensor other =
          task.add(Compute.onDevice(share.of(Torch.integers(tasks - 1, share.all()))))
              .add(new Scalar(1L))
              .remainder(new Scalar(tasks));
      task = torch.where(wrong, other, task);
      label = label.masked_fill(wrong, new Scalar(0f));
    }
    Tensor logits = logits(x, task);
    if (config.target() == Target.SUCCESS) {
      metrics.add("accuracy", Torch.greater(logits, 0).to(Float).eq(label).to(Float).mean());
    } else {
      metrics.add("progress_error", logits.sigmoid().sub(label).abs().mean());
    }
    return share.part(torch.binary_cross_entropy_with_logits(logits, label));
  }

  private static Tensor pick(Tensor from, long count) {
    return from.index_select(0, Torch.integers(from.size(0), count));
  }

  /** The truth that a clip is told in training. */
  public enum Target {
    /** 1 where the task is done by the clip's end, else 0. */
    SUCCESS,
    /**
     * Share of the steps to success that have passed by the clip's end, 1 from there on; 0 in
     * episodes that fail, since nobody knows how far those came.
     */
    PROGRESS;

    /** Returns what the windows of recorded episodes are [B]. */
    Tensor of(Transitions transitions, Tensor windows) {
      return this == SUCCESS
          ? transitions.succeeded(windows).to(Float)
          : transitions.progress(windows);
    }
  }

  /**
   * The settings by which the classifier is built and trained.
   *
   * @param width channels of the first layer
   * @param steps of training
   * @param batch clips a step
   * @param learningRate peak of the cycle
   * @param weightDecay of AdamW
   * @param imageNoise deviation added to the pictures in [-1, 1]
   * @param imaginedShare of the clips come from the world model, with the real label
   * @param wrongInstructionShare of the positives get another instruction and label 0; with a
   *     quarter the output stayed below 0.75
   * @param demonstrationWindows at most, so that the rollouts weigh more
   * @param labelMargin steps before a success was labelled of which nobody knows whether they show
   *     it: 0 where the label comes with the frame, about a second where a person gives it
   * @param lateLabelShare share of the steps of a success that was labelled as one after it had
   *     ended otherwise, before that end, of which nobody knows whether they show it; half: a time
   *     limit is rarely less than twice what the task takes. In WMPO, where every moment is known,
   *     a negative window ends 8 frames or more before the success
   * @param target what it says of a clip; in both papers success
   * @param positiveShare of a batch succeed by their end, and at most of the windows of
   *     demonstrations. WMPO's paper has half of each; its code takes of each episode the end and
   *     another clip, so half of the successes' share; WoVR tells none. A third is as most robots'
   *     clips are: the task is done in few of them
   * @param stride steps from the end of one clip that is judged to that of the next, in imagination
   *     and of recorded rollouts, counted back from each chunk's end; 0, or as many as a chunk has
   *     carried out or more: a clip for each chunk. WMPO's code has 1, and WoVR's looks at every
   *     frame. A rollout ends with the chunk in any case, as in WoVR
   */
  public record Config(
      int width,
      int steps,
      int batch,
      double learningRate,
      double weightDecay,
      double imageNoise,
      double imaginedShare,
      double wrongInstructionShare,
      int demonstrationWindows,
      int labelMargin,
      double lateLabelShare,
      Target target,
      double positiveShare,
      int stride) {
    /** Components that came later. */
    private static final Set<String> LATER = Set.of("target", "positiveShare");

    /** The setting that the classifier itself does not depend on. */
    private static final Set<String> APART = Set.of("stride");

    /** The clips that are judged along a rollout, of so many frames each. */
    public ClipScan scan(int length) {
      return new ClipScan(length, stride);
    }

    /** Returns the loop of what is rewarded by it; of a clip a chunk nothing is said. */
    public TrainLoop rewarding(TrainLoop loop) {
      return stride == 0 ? loop : loop.of(new Scanned(stride));
    }

    private record Scanned(int stride) {}

    /** Clips of so many that succeed; of two and more one at least, as the others are. */
    public int positives(int of) {
      int share = (int) (of * positiveShare + 1e-9); // a third of 9 is 3
      return Math.min(Math.max(1, share), of - 1);
    }

    /** Predicted clips that training draws, about. */
    public long imaginedDraws() {
      return Math.round(imaginedShare * steps * batch);
    }

    public static final Config DEFAULT =
        new Config(
            24, 800, 64, 2e-3, 0.01, 0.03, 0.5, 0.4, 4000, 0, 0.5, Target.SUCCESS, 1 / 3.0, 0);

    public Config {
      Check.size("classifier.width", width, Check.WIDEST);
      Check.positive("classifier.steps", steps);
      Check.size("classifier.batch", batch, Check.WIDEST);
      Check.that(batch >= 3, "classifier.batch", batch, "3 or more, of both kinds");
      Check.positive("classifier.learningRate", learningRate);
      Check.notNegative("classifier.weightDecay", weightDecay);
      Check.notNegative("classifier.imageNoise", imageNoise);
      Check.share("classifier.imaginedShare", imaginedShare);
      Check.share("classifier.wrongInstructionShare", wrongInstructionShare);
      Check.positive("classifier.demonstrationWindows", demonstrationWindows);
      Check.notNegative("classifier.labelMargin", labelMargin);
      Check.share("classifier.lateLabelShare", lateLabelShare);
      Check.that(
          positiveShare > 0 && positiveShare < 1,
          "classifier.positiveShare",
          positiveShare,
          "between 0 and 1");
      Check.that(
          stride >= 0 && stride <= Check.WIDEST,
          "classifier.stride",
          stride,
          "0, for a clip a chunk, to " + Check.WIDEST);
    }

    @Override
    public String toString() {
      return SettingsText.of(this, DEFAULT, LATER, APART);
    }
  }
}
