package dev.reverie.trainer.nn;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101) over one flat buffer.
 *
 * <p>The parameters become views of one tensor and their gradients views of another, so that a step
 * is a handful of operations however many parameters there are. Of several ranks each keeps the
 * moments of its part of the values alone and updates that (the first stage of ZeRO, arXiv
 * 1910.02054).
 */
public final class AdamW implements AutoCloseable {
  private static final double BETA_2 = 0.999;
  private static final double EPSILON = 1e-8;

  /** Numbers that may be summed with the gradients. */
  private static final int BESIDE = 16;

  private final Ranks ranks = Ranks.world();
  private final List<Tensor> parameters;
  private final long size; // of all values, padding between them included
  private final Tensor values;
  private final Tensor summed; // the gradients, and with several ranks what is summed with them
  private final Tensor gradients;
  private final Tensor mine; // this rank's part of the values
  private final Tensor mineOfGradients;
  private final Tensor firstMoment;
  private final Tensor secondMoment;
  private final double weightDecay;
  private final Optional<Average> average;
  private long steps;

  /**
   * A running mean of the values.
   *
   * @param values of this rank's part
   * @param decay share of the old in each step
   */
  private record Average(Tensor values, double decay) {}

  public AdamW(Collection<Tensor> parameters, double weightDecay) {
    this(parameters, weightDecay, 0);
  }

  /**
   * Makes the parameters views of one tensor.
   *
   * @param ema share of the old in a running mean of the values; 0: none is kept
   */
  public AdamW(Collection<Tensor> parameters, double weightDecay, double ema) {
    this.weightDecay = weightDecay;
    this.parameters = List.copyOf(parameters);
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      size = parameters.stream().mapToLong(p -> aligned(p.numel())).sum();
      long part = aligned((size + ranks.count() - 1) / ranks.count());
      long all = part * ranks.count();
      values = Torch.keep(Compute.onDevice(Torch.zeros(Float, all)));
      summed =
          Torch.keep(Compute.onDevice(Torch.zeros(Float, ranks.count() == 1 ? all : all + BESIDE)));
      gradients = Torch.keep(summed.narrow(0, 0, all));
      mine = Torch.keep(values.narrow(0, part * ranks.rank(), part));
      mineOfGradients = Torch.keep(gradients.narrow(0, part * ranks.rank(), part));
      firstMoment = Torch.keep(Compute.onDevice(Torch.zeros(Float, part)));
      secondMoment = Torch.keep(Compute.onDevice(Torch.zeros(Float, part)));
      long offset = 0;
      for (Tensor parameter : parameters) {
        long[] shape = Torch.shape(parameter);
        Tensor value = values.narrow(0, offset, parameter.numel()).view(shape);
        value.copy_(parameter);
        parameter.set_data(value);
        // Defined gradients are added to in place by the backward pass, so the views stay views.
        parameter.mutable_grad().put(gradients.narrow(0, offset, parameter.numel()).view(shape));
        offset += aligned(parameter.numel());
      }
      average =
          ema > 0 ? Optional.of(new Average(Torch.keep(mine.clone()), ema)) : Optional.empty();
    }
  }

  public void zeroGradients() {
    gradients.zero_();
  }

  /**
   * Adds the gradients of all ranks up, and a few numbers in the same message.
   *
   * @param beside of this rank, which are rounded to 32 bits where there are several
   * @return their sums
   */
  public double[] sumGradients(double... beside) {
    if (ranks.count() == 1 || beside.length == 0) {
      ranks.sum(gradients);
      return beside;
    }
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      Tensor tail = summed.narrow(0, gradients.size(0), beside.length);
      float[] numbers = new float[beside.length];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = (float) beside[i];
      }
      tail.copy_(Torch.of(numbers, numbers.length));
      ranks.sum(summed);
      return Torch.doubles(tail);
    }
  }

  /** Scales the gradients to the norm at most; returns the norm before it. */
  public double clip(double norm) {
    Tensor total = gradients.norm();
    double before = total.item_double();
    if (before + 1e-6 > norm) {
      gradients.mul_(Torch.plus(total, 1e-6).reciprocal().mul(new Scalar(norm)));
    }
    return before;
  }

  public void step(double learningRate, double beta1) {
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      steps++;
      double correction1 = 1 - Math.pow(beta1, steps); // as PyTorch, also where beta 1 cycles
      double correction2 = 1 - Math.pow(BETA_2, steps);
      mine.mul_(new Scalar(1 - learningRate * weightDecay));
      firstMoment.lerp_(mineOfGradients, new Scalar(1 - beta1));
      secondMoment
          .mul_(new Scalar(BETA_2))
          .addcmul_(mineOfGradients, mineOfGradients, new Scalar(1 - BETA_2));
      Tensor root = secondMoment.sqrt();
      root.mul_(new Scalar(1 / Math.sqrt(correction2))).add_(new Scalar(EPSILON));
      mine.addcdiv_(firstMoment, root, new Scalar(-learningRate / correction1));
      average.ifPresent(mean -> mean.values.lerp_(mine, new Scalar(1 - mean.decay)));
      ranks.gather(values);
    }
  }

  /** Puts the running mean in the place of the values, where one is kept. */
  void takeAverage() {
    try (var _ = new NoGradGuard()) {
      average.ifPresent(
          mean -> {
            mine.copy_(mean.values);
            ranks.gather(values);
          });
    }
  }

  /** Counts the steps that were made, those before a resumed run was stopped among them. */
  public long steps() {
    return steps;
  }

  /** The moments and counts that a resumed run needs beside the parameters, of all ranks. */
  SequencedMap<String, Tensor> state() {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>();
    state.put("first_moment", ofAll(firstMoment));
    state.put("second_moment", ofAll(secondMoment));
    state.put("steps", Torch.of(new long[] {steps}, 1));
    average.ifPresent(mean -> state.put("average", ofAll(mean.values)));
    return state;
  }

  /** Takes this rank's part of a state, whatever number of ranks has left it. */
  void load(Map<String, Tensor> state) {
    ownPart(firstMoment, Torch.required(state, "first_moment"));
    ownPart(secondMoment, Torch.required(state, "second_moment"));
    steps = Torch.required(state, "steps").item_long();
    average.ifPresent(mean -> ownPart(mean.values, Torch.required(state, "average")));
  }

  /** The parts of all ranks, one after the other. */
  private Tensor ofAll(Tensor part) {
    if (ranks.count() == 1) {
      return part;
    }
    Tensor all = Torch.zeros(Float, part.size(0) * ranks.count());
    all.narrow(0, part.size(0) * ranks.rank(), part.size(0)).copy_(part);
    ranks.gather(all);
    return all.narrow(0, 0, size);
  }

  private void ownPart(Tensor part, Tensor all) {
    long first = part.size(0) * ranks.rank();
    long there = Math.min(part.size(0), size - first);
    part.narrow(0, 0, there).copy_(all.narrow(0, first, there));
  }

  /** A multiple of 64 bytes, as oneDNN likes its weights. */
  private static long aligned(long elements) {
    return (elements + 15) / 16 * 16;
  }

  /** Frees moments and gradients; the parameters stay usable. */
  @Override
  public void close() {
    parameters.forEach(parameter -> parameter.mutable_grad().reset());
    List.of(mine, mineOfGradients, values, gradients, summed, firstMoment, secondMoment)
        .forEach(Tensor::close);
    average.ifPresent(mean -> mean.values.close());
  }
}
