package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Long;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DType;
import dev.reverie.policy.Language;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Tells a policy in training, by a word after the instruction, that what it is shown was worse than
 * to be expected, as in RECAP (pi*0.6, arXiv 2511.14759). The word has a row of its own in the
 * policy's table of words. A good episode has padding in its place, so that the policy acts as in
 * the good ones once the row is taken away, and the bundle needs no more than before.
 *
 * <p>RECAP's advantage is of each step, from a value function over all data. Here the reward comes
 * with the outcome alone and the value is the share of successes under the instruction, so that the
 * sign of an episode's advantage is its outcome.
 */
public final class OutcomeToken {
  private static final String TOKENS = "instruction_tokens";

  /** No instruction has it: words are of letters and digits. */
  private static final String WORSE = "<worse>";

  private final PolicyBundle base;
  private final String table;

  /**
   * Looks for the policy's table of words.
   *
   * @throws TrainerException where it has none that can be trained
   */
  public OutcomeToken(PolicyBundle base) {
    this.base = base;
    table =
        base.graph().getGraph().getNodeList().stream()
            .filter(node -> node.getOpType().equals("Gather") && node.getInput(1).equals(TOKENS))
            .map(node -> node.getInput(0))
            .filter(this::isTable)
            .findFirst()
            .orElseThrow(
                () ->
                    new TrainerException(
                        "the policy %s looks its %s up in no table of %d rows that may be trained; this baseline needs one (Gather)"
                            .formatted(base.id(), TOKENS, words() + 1)));
  }

  private boolean isTable(String name) {
    NdArray array = base.weights().get(name);
    return array != null
        && array.type() == DType.F32
        && array.shape().length == 2
        && array.shape()[0] == words() + 1 // padding
        && !base.frozen().contains(name);
  }

  private int words() {
    return base.spec().language().words().size();
  }

  /** The policy that understands one word more, which yet means nothing. */
  public PolicyBundle withToken() {
    BundleSpec spec = base.spec();
    List<String> words = new ArrayList<>(spec.language().words());
    words.add(WORSE);
    int length = spec.language().length() + 1;
    BundleSpec longer =
        new BundleSpec(
            spec.cameras(),
            spec.jointNames(),
            spec.actionSpace(),
            spec.chunk(),
            spec.head(),
            Language.words(words, length),
            spec.parameters().frozen(),
            spec.lineage());
    GraphProto.Builder graph = base.graph().getGraph().toBuilder();
    for (ValueInfoProto.Builder input : graph.getInputBuilderList()) {
      if (input.getName().equals(TOKENS)) {
        input
            .getTypeBuilder()
            .getTensorTypeBuilder()
            .getShapeBuilder()
            .getDimBuilder(1)
            .setDimValue(length);
      }
    }
    for (TensorProto.Builder initializer : graph.getInitializerBuilderList()) {
      if (initializer.getName().equals(table)) {
        initializer.setDims(0, initializer.getDims(0) + 1);
      }
    }
    return PolicyBundle.of(
        longer, base.graph().toBuilder().setGraph(graph).build(), weights(base, words() + 2));
  }

  /** The part of the policy that is trained, the table of words included. */
  public TrainedPart trained(TrainedPart part) {
    return part.with(table);
  }

  /** The policy that understands what it did before, with the weights that it learned. */
  public PolicyBundle withoutToken(PolicyBundle learned) {
    return base.withWeights(weights(learned, words() + 1));
  }

  /** Weights of a policy, whose table gets or keeps so many rows, new ones of zeros. */
  private Map<String, NdArray> weights(PolicyBundle policy, int rows) {
    Map<String, NdArray> weights = new LinkedHashMap<>(policy.weights());
    NdArray old = policy.weights().get(table);
    if (old == null) {
      throw new IllegalArgumentException("no table '%s'".formatted(table));
    }
    NdArray changed = NdArray.zeros(DType.F32, rows, old.shape()[1]);
    long bytes = Math.min(changed.data().byteSize(), old.data().byteSize());
    changed.data().asSlice(0, bytes).copyFrom(old.data().asSlice(0, bytes));
    weights.put(table, changed);
    return weights;
  }

  /** The episodes, the failed ones with the word after their instruction. */
  public Dataset tell(Dataset episodes) {
    long instructions = episodes.tokens().size(0);
    Tensor good = Torch.zeros(Long, instructions, 1);
    Tensor worse = good.add(new Scalar(words() + 1L));
    Tensor tokens =
        Torch.cat(0, Torch.cat(1, episodes.tokens(), good), Torch.cat(1, episodes.tokens(), worse));
    List<String> texts = new ArrayList<>(episodes.texts());
    episodes.texts().forEach(text -> texts.add(text + " " + WORSE));
    Tensor failed = episodes.success().logical_not().to(Long);
    return new Dataset(
        episodes.ids(),
        episodes.policies(),
        texts,
        tokens,
        episodes.frames(),
        episodes.actions(),
        episodes.joints(),
        episodes.steps(),
        episodes.success(),
        episodes.instruction().add(failed.mul(new Scalar(instructions))),
        Torch.cat(0, episodes.taskOf(), episodes.taskOf()),
        episodes.acted(),
        episodes.late());
  }
}
