package dev.reverie.trainer.nn;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The named tensors of one network: names and layouts are those of the same network written with
 * torch.nn, so that its checkpoints open in PyTorch too. Initial values follow torch.nn's defaults.
 */
public final class Parameters {
  private final SequencedMap<String, Tensor> trained;
  private final SequencedMap<String, Tensor> buffers = new LinkedHashMap<>();
  private final Runnable freeing; // of what is trained

  /** None yet; those that are added are the network's own. */
  public Parameters() {
    trained = new LinkedHashMap<>();
    freeing = () -> trained.values().forEach(Tensor::close);
  }

  private Parameters(Map<String, Tensor> tensors, Runnable freeing) {
    trained = new LinkedHashMap<>(tensors);
    this.freeing = freeing;
  }

  /**
   * Tensors that are someone else's; all of them are trained.
   *
   * @param owner frees them, and what belongs to them
   */
  public static Parameters of(Map<String, Tensor> tensors, Runnable owner) {
    return new Parameters(tensors, owner);
  }

  /** The tensors that the optimizer changes. */
  public SequencedMap<String, Tensor> trained() {
    return trained;
  }

  /** All tensors, constants included. */
  public SequencedMap<String, Tensor> all() {
    SequencedMap<String, Tensor> all = new LinkedHashMap<>(trained);
    all.putAll(buffers);
    return all;
  }

  public Tensor parameter(String name, Tensor initial) {
    Tensor tensor = Torch.keep(Compute.onDevice(initial.contiguous()));
    tensor.set_requires_grad(true);
    trained.put(name, tensor);
    return tensor;
  }

  /** A constant that is stored with the weights. */
  public Tensor buffer(String name, Tensor initial) {
    if (trained.containsKey(name)) {
      throw new TrainerException(
          "a weight is called '%s', as a constant that is stored with it; give it another name"
              .formatted(name));
    }
    Tensor constant = Torch.keep(Compute.onDevice(initial));
    buffers.put(name, constant);
    return constant;
  }

  public Conv conv(String name, long in, long out, long kernel, long stride, long padding) {
    double bound = 1 / Math.sqrt(in * kernel * kernel);
    return new Conv(
        parameter(name + ".weight", uniform(bound, out, in, kernel, kernel)),
        parameter(name + ".bias", uniform(bound, out)),
        stride,
        padding);
  }

  public Linear linear(String name, long in, long out) {
    double bound = 1 / Math.sqrt(in);
    return new Linear(
        parameter(name + ".weight", uniform(bound, out, in)),
        parameter(name + ".bias", uniform(bound, out)));
  }

  public GroupNorm groupNorm(String name, long groups, long channels) {
    return new GroupNorm(
        groups,
        parameter(name + ".weight", torch.ones(channels)),
        parameter(name + ".bias", Torch.zeros(ScalarType.Float, channels)));
  }

  public Embedding embedding(String name, long rows, long width) {
    return new Embedding(parameter(name + ".weight", torch.randn(rows, width)));
  }

  public long count() {
    return trained.values().stream().mapToLong(Tensor::numel).sum();
  }

  /** Copies values in; every tensor must be there with its shape. */
  void load(Map<String, Tensor> values) {
    Torch.noGrad(
        () ->
            all()
                .forEach(
                    (name, tensor) -> {
                      Tensor value = values.get(name);
                      if (value == null) {
                        throw new TrainerException(
                            "the checkpoint has no tensor '"
                                + name
                                + "'; it is of another network");
                      }
                      if (!Arrays.equals(Torch.shape(value), Torch.shape(tensor))) {
                        throw new TrainerException(
                            "tensor '%s' of the checkpoint has shape %s, the network needs %s"
                                .formatted(
                                    name,
                                    Arrays.toString(Torch.shape(value)),
                                    Arrays.toString(Torch.shape(tensor))));
                      }
                      tensor.copy_(value);
                    }));
  }

  /** Frees all tensors, those of another owner by that one. */
  void close() {
    buffers.values().forEach(Tensor::close);
    freeing.run();
  }

  private static Tensor uniform(double bound, long... shape) {
    return Torch.plus(Torch.times(torch.rand(shape), 2 * bound), -bound);
  }

  /** A convolution over [B, C, H, W]. */
  public record Conv(Tensor weight, Tensor bias, long stride, long padding) {
    public Tensor apply(Tensor x) {
      return torch.conv2d(
          x,
          weight,
          new TensorOptional(bias),
          new long[] {stride, stride},
          new long[] {padding, padding},
          new long[] {1, 1},
          1);
    }
  }

  public record Linear(Tensor weight, Tensor bias) {
    public Tensor apply(Tensor x) {
      return torch.linear(x, weight, new TensorOptional(bias));
    }
  }

  public record GroupNorm(long groups, Tensor weight, Tensor bias) {
    public Tensor apply(Tensor x) {
      return torch.group_norm(
          x, groups, new TensorOptional(weight), new TensorOptional(bias), 1e-5, false);
    }
  }

  public record Embedding(Tensor weight) {
    /** Rows of the table. */
    public Tensor apply(Tensor indices) {
      return torch.embedding(weight, indices);
    }
  }
}
