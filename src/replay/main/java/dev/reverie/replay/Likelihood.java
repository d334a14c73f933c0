package dev.reverie.replay;

import dev.reverie.msgs.reverie.Command;
import dev.reverie.policy.DenoisingSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.PolicyOutput;
import dev.reverie.policy.TokenSampler;
import dev.reverie.rollout.EpisodeOutcome;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Measures how likely a policy finds the actions that were carried out. */
final class Likelihood {
  /** Distance of a recorded action from the centre of its bin, which floats account for. */
  private static final double TOLERANCE = 1e-5;

  private Likelihood() {}

  /**
   * Log-probabilities of the executed actions' values, nats; their number is the weight. Where the
   * policy has tokens, a person's actions, and those that several chunks agreed on, count as the
   * tokens nearest to them; else a value has a density.
   *
   * @param outputs by the index of the observation
   * @param temperature above 0
   */
  static Tally of(
      List<ExecutedChunk> chunks, Map<Integer, PolicyOutput> outputs, double temperature) {
    Tally tally = Tally.NONE;
    for (ExecutedChunk chunk : chunks) {
      PolicyOutput output = outputs.get(chunk.observation());
      for (int i = 0; output != null && i < chunk.actions().size(); i++) {
        int k = chunk.places().get(i);
        float[] action = chunk.actions().get(i);
        for (int d = 0; k < output.horizon() && d < action.length; d++) {
          tally = tally.plus(of(output, k * output.dimensions() + d, action[d], temperature));
        }
      }
    }
    return tally;
  }

  private static double of(PolicyOutput output, int value, float action, double temperature) {
    return output.head() instanceof HeadSpec.Tokens
        ? LogSoftmax.of(output, value, temperature)[output.token(action, value)]
        : output.normal(value, temperature).logProbability(action);
  }

  /** Tells why a policy with such a head cannot be asked; empty where it can. */
  static Optional<String> unasked(List<ExecutedChunk> chunks, HeadSpec head) {
    return switch (head) {
      case HeadSpec.Tokens tokens -> otherBins(chunks, tokens.bins());
      case HeadSpec.Regression _, HeadSpec.Gaussian _ -> Optional.empty();
      case HeadSpec.Autoregressive _ ->
          Optional.of("the policy draws each value given those before it in the chunk");
      case DenoisingSpec _ ->
          Optional.of("the policy makes actions out of noise, which their bags do not hold");
    };
  }

  /** Tells why a policy with so many bins cannot be asked; empty where it can. */
  static Optional<String> otherBins(List<ExecutedChunk> chunks, int bins) {
    for (ExecutedChunk chunk : chunks) {
      if (!chunk.source().equals(Command.POLICY) || chunk.mixed()) {
        continue;
      }
      for (float[] action : chunk.actions()) {
        for (float value : action) {
          float centre = TokenSampler.centre(TokenSampler.token(value, bins), bins);
          if (Math.abs(centre - value) > TOLERANCE) {
            return Optional.of(
                "the recorded actions are not among the policy's %d bins".formatted(bins));
          }
        }
      }
    }
    return Optional.empty();
  }

  static Measure measure(EpisodeOutcome.Kind outcome) {
    return switch (outcome) {
      case SUCCESS -> Measures.LIKELIHOOD_SUCCESS;
      case FAILURE -> Measures.LIKELIHOOD_FAILURE;
      case UNLABELLED, ABORTED -> Measures.LIKELIHOOD_OTHER;
    };
  }
}
