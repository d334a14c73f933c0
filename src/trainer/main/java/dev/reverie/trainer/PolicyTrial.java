package dev.reverie.trainer;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.TrainerException;
import dev.reverie.trainer.onnx.GradientStops;
import dev.reverie.trainer.onnx.OnnxModule;
import dev.reverie.trainer.onnx.Parity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds out whether a policy can be trained, before anybody waits for it. */
final class PolicyTrial {
  private static final int TOLD = 4; // names that a line repeats

  private PolicyTrial() {}

  /**
   * Looks at the operators, runs the policy forwards and backwards, and compares it with ONNX
   * Runtime.
   *
   * @return what was found, in lines
   * @throws TrainerException with all reasons, where it cannot be trained
   */
  static List<String> run(Path folder) {
    PolicyBundle bundle = GivenPolicy.load(folder);
    List<String> refusals = OnnxModule.refusals(bundle.graph());
    if (!refusals.isEmpty()) {
      throw new TrainerException(
          "the policy %s cannot be trained:%n%s".formatted(folder, String.join("\n", refusals)));
    }
    List<String> lines = new ArrayList<>();
    try (TrainablePolicy policy = new TrainablePolicy(bundle)) {
      Set<String> without = policy.tryOut();
      int learning = policy.parameters().trained().size();
      lines.add(
          "%d weights learn, and a draw's gradient reaches %d of them"
              .formatted(learning, learning - without.size()));
      lines.addAll(stopped(bundle.graph().getGraph(), without));
    }
    lines.add(
        "its own executor and ONNX Runtime differ by %.1g of the largest value"
            .formatted(Parity.check(bundle)));
    return lines;
  }

  /** Weights without a gradient, by the node that lets none through. */
  private static List<String> stopped(GraphProto graph, Set<String> without) {
    Map<String, List<String>> byNode = new LinkedHashMap<>();
    for (String weight : without) {
      byNode
          .computeIfAbsent(
              GradientStops.behind(graph, weight)
                  .map("%s lets none through"::formatted)
                  .orElse("the actions do not depend on them"),
              _ -> new ArrayList<>())
          .add(weight);
    }
    List<String> lines = new ArrayList<>();
    byNode.forEach(
        (why, weights) ->
            lines.add(
                "%d weights get no gradient, since %s: %s%s; freeze them by parameters.frozen, or train what stands before by another loss"
                    .formatted(
                        weights.size(),
                        why,
                        String.join(", ", weights.subList(0, Math.min(TOLD, weights.size()))),
                        weights.size() > TOLD ? ", .." : "")));
    return lines;
  }
}
