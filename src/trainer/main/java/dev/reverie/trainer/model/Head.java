package dev.reverie.trainer.model;

import dev.reverie.policy.DiffusionSpec;
import dev.reverie.policy.FlowSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.InputSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * The head of a policy: what it draws from its graph's outputs, and how likely it finds what was
 * drawn: all that training knows of the kinds of policies.
 *
 * <p>Shapes: B observations, chunks of K actions of D values, of which E are carried out from one
 * on that may be another for each observation.
 */
public interface Head {
  /** The policy's graph under a batch of observations. */
  @FunctionalInterface
  interface Graph {
    /**
     * Runs it.
     *
     * @param more inputs than the observations, by their source
     * @param carried what it kept at the run before, by the name that goes in; none: it begins
     * @return its outputs by the head's word for them, and what it keeps by the name that goes in
     */
    Map<String, Tensor> run(
        Map<Class<? extends InputSpec>, Tensor> more, Map<String, Tensor> carried);

    /** Runs it for its outputs. */
    default Map<String, Tensor> run(Map<Class<? extends InputSpec>, Tensor> more) {
      return run(more, Map.of());
    }

    /** Runs it for one of its outputs. */
    default Tensor run(Map<Class<? extends InputSpec>, Tensor> more, String output) {
      return Torch.required(run(more), output);
    }
  }

  /**
   * Draws a chunk for each observation.
   *
   * @param first place of the first action that is carried out [B], int64
   * @param executed E
   * @param temperature above 0
   * @param share of a batch that these observations are
   */
  PolicySample draw(Graph graph, Tensor first, long executed, double temperature, Share share);

  /** The same for a whole batch. */
  default PolicySample draw(Graph graph, Tensor first, long executed, double temperature) {
    return draw(graph, first, executed, temperature, Share.whole(first.size(0)));
  }

  /**
   * Returns how likely the policy finds what was drawn, with gradients.
   *
   * @param drawn as {@link PolicySample} has it
   */
  Likelihood likelihood(Graph graph, Tensor drawn, Tensor first, double temperature);

  /**
   * Returns what would have been drawn for actions that were recorded; of what was drawn beside
   * them, something likely.
   *
   * @param actions in [-1, 1], from the first of a chunk on [B, E, D]
   */
  Tensor drawn(Tensor actions);

  /**
   * Returns what was drawn for chunks that were recorded whole.
   *
   * @param chunks in [-1, 1], [B, K, D]
   * @param first place of the first action that was carried out [B], int64
   * @param executed E
   */
  default Tensor drawn(Tensor chunks, Tensor first, long executed) {
    return drawn(PolicySample.executed(chunks, first, executed));
  }

  /**
   * Returns what supervised learning minimises.
   *
   * @param wanted demonstrated actions in [-1, 1], [B, K, D]
   * @param distance of a head that gives the actions themselves
   * @param share of the batch that these observations are
   * @return by action [B, K]
   */
  Tensor cloning(Graph graph, Tensor wanted, Distance distance, Share share, Metrics metrics);

  /** Ways to measure how far actions are from the demonstrated ones. */
  enum Distance {
    /** Mean absolute error, as ACT and OpenVLA-OFT have it. */
    L1,
    /** Mean squared error. */
    L2
  }

  /**
   * Log-probabilities in nats.
   *
   * @param values by value that was drawn [B, E, D], or by step of denoising too [B, S, K, D]
   * @param entropy mean of the distributions that were drawn from, where it is known
   * @param skip rows of a denoised chunk before its first action
   */
  record Likelihood(Tensor values, Optional<Supplier<Tensor>> entropy, long skip) {
    private static final int BY_STEP = 4;

    /** All rows are actions. */
    public Likelihood(Tensor values, Optional<Supplier<Tensor>> entropy) {
      this(values, entropy, 0);
    }

    /**
     * The parts whose ratio is clipped each by itself: the values [B, E, D], or the steps [B, S],
     * of whose values it is the mean, as in Flow-GRPO's code: the ratio of their sum leaves any
     * bounds where K * D is large.
     */
    public Tensor parts() {
      return values.dim() == BY_STEP
          ? values.mean(new long[] {2, 3}, false, Torch.sameType())
          : values;
    }

    /** Log-probability of each of the first E actions, [B, E]. */
    Tensor byAction(long executed) {
      Tensor ofValues = values.dim() == BY_STEP ? sum(values, 1).narrow(1, skip, executed) : values;
      return sum(ofValues, 2);
    }

    private static Tensor sum(Tensor tensor, long dimension) {
      return tensor.sum(new long[] {dimension}, false, Torch.sameType());
    }
  }

  /** The head of a policy. */
  static Head of(PolicyBundle bundle) {
    var chunk = new ChunkTensors(bundle.layout());
    return switch (bundle.spec().head()) {
      case HeadSpec.Tokens tokens -> new TokenHead(tokens.bins(), chunk);
      case HeadSpec.Autoregressive head -> new AutoregressiveHead(head, chunk);
      case HeadSpec.Regression regression -> new RegressionHead(regression.noise());
      case HeadSpec.Gaussian _ -> new GaussianHead();
      case FlowSpec flow -> new FlowHead(flow, chunk);
      case DiffusionSpec diffusion -> new DiffusionHead(diffusion, chunk);
    };
  }
}
