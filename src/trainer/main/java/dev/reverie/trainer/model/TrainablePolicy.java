package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Byte;
import static org.bytedeco.pytorch.global.torch.ScalarType.Float;
import static org.bytedeco.pytorch.global.torch.ScalarType.Long;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DenoisingSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.InputSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Tokenizer;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Pass;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import dev.reverie.trainer.onnx.Adapters;
import dev.reverie.trainer.onnx.GradientStops;
import dev.reverie.trainer.onnx.OnnxException;
import dev.reverie.trainer.onnx.OnnxModule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A bundle's graph with gradients: the policy that robot and trainer share, seen by the trainer.
 */
public final class TrainablePolicy implements Network {
  private final PolicyBundle bundle;
  private final Adapters adapters;
  private final OnnxModule module;
  private final Parameters parameters;
  private final Canvas canvas;
  private final BoundTensors bound;
  private final Head head;

  /**
   * Loads the network of a bundle.
   *
   * @param bundle whose cameras the world model can imagine
   */
  public TrainablePolicy(PolicyBundle bundle) {
    this(bundle, TrainedPart.DEFAULT);
  }

  /**
   * Loads the network of a bundle to train a part of it.
   *
   * @param bundle whose cameras the world model can imagine
   */
  public TrainablePolicy(PolicyBundle bundle, TrainedPart part) {
    this.bundle = bundle;
    canvas = Canvas.of(bundle.spec().cameras());
    bound = new BoundTensors(bundle, canvas);
    head = Head.of(bundle);
    TrainedPart trained = part.orThatOf(bundle.spec().parameters());
    Set<String> frozen = bundle.frozen();
    adapters =
        Adapters.of(
            bundle.graph(),
            bundle.weights(),
            name -> trained.adapterRank() > 0 && trained.adapts(name) && !frozen.contains(name),
            trained.adapterRank());
    Set<String> untrained = trained.untrained(bundle, adapters.adapted().keySet());
    module =
        OnnxModule.load(
            adapters.model(),
            adapters.weights(),
            new OnnxModule.Storage(untrained, trained.half(bundle, untrained), Compute::onDevice),
            bundle.lateInputs(),
            bundle.spec().head().carried().keySet());
    parameters = Parameters.of(module.parameters(), module::close);
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  BundleSpec spec() {
    return bundle.spec();
  }

  /** Returns what it draws, and how likely it finds it. */
  public Head head() {
    return head;
  }

  /**
   * Its graph under a batch of observations, of which it is given what it takes.
   *
   * @param pixels of the canvas [B, 3, H, W], uint8, or float in [0, 255]; of a policy that sees
   *     earlier observations too [B, A, 3, H, W], the oldest of its {@link #ages} first
   * @param tokens of the instruction as its tokenizer has them [B, L], int64
   * @param joints [B, J], or [B, A, J], rad
   */
  public Head.Graph seeing(Tensor pixels, Tensor tokens, Tensor joints) {
    return seeing(pixels, tokens, joints, ActionsAhead.none(pixels.size(0)));
  }

  /**
   * The same while actions are carried out that were decided before, of which it is told where it
   * takes them.
   */
  public Head.Graph seeing(Tensor pixels, Tensor tokens, Tensor joints, ActionsAhead ahead) {
    Map<String, Tensor> inputs =
        bound.of(
            Compute.onDevice(pixels), Compute.onDevice(tokens), Compute.onDevice(joints), ahead);
    return new Seen(bundle.isOneByOne() ? rows(inputs) : List.of(inputs));
  }

  /** Steps before the present of the observations that it sees, 0 among them, rising. */
  public List<Integer> ages() {
    return bundle.ages();
  }

  /** Returns what makes tokens of an instruction. */
  public Tokenizer tokenizer() {
    return bundle.tokenizer();
  }

  /** Each observation by itself, for a graph that takes one at a time. */
  private static List<Map<String, Tensor>> rows(Map<String, Tensor> inputs) {
    long batch = inputs.values().iterator().next().size(0);
    List<Map<String, Tensor>> rows = new ArrayList<>();
    for (long i = 0; i < batch; i++) {
      rows.add(row(inputs, i));
    }
    return rows;
  }

  private static Map<String, Tensor> row(Map<String, Tensor> inputs, long at) {
    Map<String, Tensor> row = new HashMap<>(inputs);
    row.replaceAll((_, tensor) -> tensor.narrow(0, at, 1));
    return row;
  }

  /** Observations that are taken in when the graph runs first, in the scope that it runs in. */
  private final class Seen implements Head.Graph {
    private final List<Map<String, Tensor>> inputs; // one, or one an observation
    private @Nullable List<Map<String, Tensor>> begun;

    Seen(List<Map<String, Tensor>> inputs) {
      this.inputs = inputs;
    }

    @Override
    public Map<String, Tensor> run(
        Map<Class<? extends InputSpec>, Tensor> more, Map<String, Tensor> carried) {
      return Compute.inPrecision(
          () -> {
            List<Map<String, Tensor>> started =
                begun == null ? inputs.stream().map(module::begin).toList() : begun;
            begun = started;
            Map<String, Tensor> late = late(more, carried);
            if (!bundle.isOneByOne()) {
              return told(wide(module.finish(started.getFirst(), late)));
            }
            List<Map<String, Tensor>> parts = new ArrayList<>();
            for (int i = 0; i < started.size(); i++) {
              parts.add(module.finish(started.get(i), row(late, i)));
            }
            Map<String, Tensor> all = new HashMap<>(parts.getFirst());
            all.replaceAll(
                (name, _) ->
                    Torch.cat(0, parts.stream().map(p -> Torch.required(p, name)).toList()));
            return told(wide(all));
          });
    }
  }

  private Map<String, Tensor> late(
      Map<Class<? extends InputSpec>, Tensor> more, Map<String, Tensor> carried) {
    Map<String, Tensor> late = bound.late(more);
    late.putAll(carried);
    return late;
  }

  /**
   * Outputs by the head's words, of the actions alone and in [-1, 1] where the head gives these
   * themselves.
   */
  private Map<String, Tensor> told(Map<String, Tensor> outputs) {
    var chunk = new ChunkTensors(bundle.layout());
    HeadSpec head = bundle.spec().head();
    Map<String, Tensor> told = new HashMap<>();
    head.carried().forEach((in, out) -> told.put(in, Torch.required(outputs, out)));
    for (String word : head.outputs(1, 1).keySet()) {
      Tensor whole = Torch.required(outputs, bundle.spec().graph().output(word));
      told.put(
          word,
          switch (head) {
            case DenoisingSpec _, HeadSpec.Autoregressive _ -> whole;
            case HeadSpec.Tokens _ -> chunk.part(whole);
            case HeadSpec.Regression _ -> chunk.actions(chunk.part(whole));
            case HeadSpec.Gaussian _ ->
                word.equals("log_std")
                    ? chunk.logSd(chunk.part(whole))
                    : chunk.actions(chunk.part(whole));
          });
    }
    return told;
  }

  /** Outputs with 32 bits: probabilities of what was drawn need them. */
  private static Map<String, Tensor> wide(Map<String, Tensor> outputs) {
    Map<String, Tensor> wide = new HashMap<>(outputs);
    wide.replaceAll((_, tensor) -> tensor.is_floating_point() ? tensor.to(Float) : tensor);
    return wide;
  }

  /**
   * Draws a chunk for random observations and follows its likelihood back to the weights, so that
   * what cannot be trained is told before the stages that take hours.
   *
   * @return names of the weights that should learn and get no gradient
   * @throws TrainerException where the graph does not run, or nothing that learns gets a gradient
   */
  public Set<String> tryOut() {
    try (PointerScope _ = new PointerScope()) {
      Tensor pixels = Torch.of(noise(), seen(3, canvas.height(), canvas.width()));
      long[] words = bundle.tokenizer().encode(spec().language().example());
      Tensor tokens = Torch.of(words, 1, words.length);
      Tensor joints = Torch.zeros(Float, seen(spec().jointNames().size()));
      Tensor first = Compute.onDevice(Torch.zeros(Long, 1));
      int horizon = bundle.spec().chunk().horizon();
      Tensor drawn =
          Torch.noGrad(() -> head.draw(seeing(pixels, tokens, joints), first, horizon, 1).drawn());
      Tensor likely =
          head.likelihood(seeing(pixels, tokens, joints), drawn, first, 1).values().sum();
      if (!likely.requires_grad()) {
        throw new TrainerException(
            "no weight that learns has a part in its actions%s; freeze fewer, or export it with its parameters"
                .formatted(stopped()));
      }
      likely.backward();
      parameters.trained().forEach(TrainablePolicy::requireFinite);
      return parameters.trained().entrySet().stream()
          .filter(weight -> !weight.getValue().grad().defined())
          .map(Map.Entry::getKey)
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (OnnxException | TrainerException e) {
      throw new TrainerException(
          "the policy %s cannot be trained: %s".formatted(bundle.id(), e.getMessage()), e);
    } catch (RuntimeException e) { // of libtorch, which appends its C++ stack to the first line
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new TrainerException(
          "the policy %s cannot be trained: no gradient goes through its graph (libtorch: %s); freeze by policy.frozen what stands before the part that has none"
              .formatted(bundle.id(), reason),
          e);
    } finally {
      parameters.trained().values().forEach(weight -> weight.mutable_grad().reset());
    }
  }

  /** The node behind which its weights have no gradient, for a message. */
  private String stopped() {
    return parameters.trained().keySet().stream()
        .flatMap(name -> GradientStops.behind(bundle.graph().getGraph(), name).stream())
        .findFirst()
        .map(", since %s lets no gradient through"::formatted)
        .orElse("");
  }

  /** Pixels of all that one observation shows. */
  private byte[] noise() {
    byte[] pixels = new byte[ages().size() * 3 * canvas.pixels()];
    new SplittableRandom(1).nextBytes(pixels);
    return pixels;
  }

  private static void requireFinite(String name, Tensor weight) {
    Tensor gradient = weight.grad();
    if (gradient.defined() && !gradient.isfinite().all().item_bool()) {
      throw new TrainerException(
          "the gradient of '%s' is not finite under random observations; freeze it by policy.frozen, or keep divisions and roots in the graph away from zero"
              .formatted(name));
    }
  }

  /** Bytes of its weights, trained or not. */
  public double bytes() {
    return module.bytes();
  }

  /** Returns what its graph does and holds while it draws a chunk for one observation. */
  public Work drawing() {
    BundleSpec spec = bundle.spec();
    List<OnnxModule.Work> early = new ArrayList<>();
    List<OnnxModule.Work> late = new ArrayList<>();
    int[] runs = {0};
    long words = bundle.tokenizer().encode(spec.language().example()).length;
    Torch.noGrad(
        () -> {
          Map<String, Tensor> inputs =
              bound.of(
                  Compute.onDevice(Torch.zeros(Byte, seen(3, canvas.height(), canvas.width()))),
                  Compute.onDevice(Torch.zeros(Long, 1, words)),
                  Compute.onDevice(Torch.zeros(Float, seen(spec.jointNames().size()))),
                  ActionsAhead.none(1));
          Map<String, Tensor> begun = module.begin(inputs, early::add);
          Head.Graph graph =
              (more, carried) -> {
                runs[0]++;
                return told(module.finish(begun, late(more, carried), late::add));
              };
          PolicySample _ =
              head.draw(graph, Compute.onDevice(Torch.zeros(Long, 1)), spec.chunk().horizon(), 1);
        });
    Pass observation = total(early);
    Pass steps = total(late);
    return new Work(observation.plus(steps), observation.plus(steps.times(1.0 / runs[0])));
  }

  /** Shape of what one observation shows, and those before it where they are seen. */
  private long[] seen(long... shape) {
    LongStream first = ages().size() == 1 ? LongStream.of(1) : LongStream.of(1, ages().size());
    return LongStream.concat(first, LongStream.of(shape)).toArray();
  }

  /** Returns what some nodes do together. */
  static Pass total(List<OnnxModule.Work> nodes) {
    double flops = nodes.stream().mapToDouble(OnnxModule.Work::flops).sum();
    double numbers = nodes.stream().mapToDouble(OnnxModule.Work::numbers).sum();
    return new Pass(flops, 0, numbers);
  }

  /**
   * The work of drawing one chunk.
   *
   * @param pass of all its runs of the graph: one, or a flow's steps
   * @param once of one run of the whole graph
   */
  public record Work(Pass pass, Pass once) {}

  /** The bundle with the weights as they are now. */
  public PolicyBundle bundle() {
    return bundle.withWeights(adapters.merged(module.weights()));
  }
}
