package dev.reverie.trainer.nn;

import static org.bytedeco.pytorch.global.torch.ScalarType.Byte;
import static org.bytedeco.pytorch.global.torch.ScalarType.Double;
import static org.bytedeco.pytorch.global.torch.ScalarType.Float;
import static org.bytedeco.pytorch.global.torch.ScalarType.Long;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Short forms of the calls to libtorch that the trainer uses.
 *
 * <p>Every native object lives in a {@link PointerScope}: one a training step, or one inside {@link
 * #noGrad}. What must outlive its scope goes through {@link #keep}.
 */
public final class Torch {
  private Torch() {}

  /**
   * Loads libtorch and sets its threads.
   *
   * @param threads of one operation; more than one only where the machine has free cores, since a
   *     spinning pool on a busy machine costs 2 to 5 times what it brings
   */
  public static void start(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads is " + threads + "; give at least 1");
    }
    Loader.load(torch.class);
    torch.set_num_threads(threads);
    openblas_nolapack.blas_set_num_threads(threads); // matrix products have a pool of their own
  }

  /** Seeds the generator that every random number of the trainer comes from. */
  public static void seed(long seed, String stage) {
    torch.manual_seed(seed * 1_000_003 + stage.hashCode());
  }

  /** The generator's whole state, uint8. */
  static Tensor randomState() {
    return torch.getDefaultCPUGenerator().get_state();
  }

  static void restoreRandomState(Tensor state) {
    torch.getDefaultCPUGenerator().set_state(state);
  }

  /** Lets a tensor outlive the scope that it was made in. */
  public static Tensor keep(Tensor tensor) {
    tensor.retainReference();
    return tensor;
  }

  /** Runs without gradients in a scope of its own; only the result outlives it. */
  public static Tensor noGrad(Supplier<Tensor> work) {
    Tensor result;
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      result = keep(work.get());
    }
    PointerScope outer = PointerScope.getInnerScope();
    if (outer != null) {
      outer.attach(result);
      result.releaseReference(); // the outer scope holds it now
    }
    return result;
  }

  /** Runs without gradients in a scope of its own. */
  public static void noGrad(Runnable work) {
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      work.run();
    }
  }

  public static Tensor of(float[] values, long... shape) {
    try (FloatPointer source = new FloatPointer(values)) {
      return torch.from_blob(source, shape, new TensorOptions(Float)).clone();
    }
  }

  public static Tensor of(long[] values, long... shape) {
    try (LongPointer source = new LongPointer(values)) {
      return torch.from_blob(source, shape, new TensorOptions(Long)).clone();
    }
  }

  public static Tensor of(List<Long> values) {
    return of(values.stream().mapToLong(each -> each).toArray(), values.size());
  }

  public static Tensor of(byte[] values, long... shape) {
    try (BytePointer source = new BytePointer(values)) {
      return torch.from_blob(source, shape, new TensorOptions(Byte)).clone();
    }
  }

  /** The values, in order; none of a tensor without, which has no memory to be read. */
  public static float[] floats(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.numel())];
    if (values.length > 0) {
      Compute.onCpu(tensor).to(Float).contiguous().data_ptr_float().get(values);
    }
    return values;
  }

  public static double[] doubles(Tensor tensor) {
    double[] values = new double[Math.toIntExact(tensor.numel())];
    if (values.length > 0) {
      Compute.onCpu(tensor).to(Double).contiguous().data_ptr_double().get(values);
    }
    return values;
  }

  public static long[] longs(Tensor tensor) {
    long[] values = new long[Math.toIntExact(tensor.numel())];
    if (values.length > 0) {
      Compute.onCpu(tensor).to(Long).contiguous().data_ptr_long().get(values);
    }
    return values;
  }

  public static byte[] bytes(Tensor tensor) {
    byte[] values = new byte[Math.toIntExact(tensor.numel())];
    if (values.length > 0) {
      new BytePointer(Compute.onCpu(tensor).contiguous().data_ptr_byte()).get(values);
    }
    return values;
  }

  /** A dense tensor's memory; valid as long as the tensor is. */
  public static MemorySegment memory(Tensor tensor) {
    if (!tensor.is_contiguous()) {
      throw new IllegalArgumentException("the tensor's values do not lie one after the other");
    }
    // Safe: the tensor owns this many bytes from its address on.
    return MemorySegment.ofAddress(tensor.data_ptr().address())
        .reinterpret(tensor.numel() * tensor.element_size());
  }

  public static long[] shape(Tensor tensor) {
    long[] shape = new long[(int) tensor.dim()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = tensor.size(i);
    }
    return shape;
  }

  public static Tensor plus(Tensor tensor, double value) {
    return tensor.add(new Scalar(value));
  }

  public static Tensor times(Tensor tensor, double value) {
    return tensor.mul(new Scalar(value));
  }

  public static Tensor clamp(Tensor tensor, double low, double high) {
    return torch.clamp_max(torch.clamp_min(tensor, new Scalar(low)), new Scalar(high));
  }

  public static Tensor greater(Tensor tensor, double value) {
    return tensor.gt(new Scalar(value));
  }

  public static Tensor less(Tensor tensor, double value) {
    return tensor.lt(new Scalar(value));
  }

  public static Tensor cat(long dim, Tensor... tensors) {
    return torch.cat(new TensorVector(tensors), dim);
  }

  public static Tensor cat(long dim, List<Tensor> tensors) {
    return cat(dim, tensors.toArray(Tensor[]::new));
  }

  public static Tensor stack(long dim, Tensor... tensors) {
    return torch.stack(new TensorVector(tensors), dim);
  }

  /** {@code count} integers from {@code first} on, int64. */
  public static Tensor range(long first, long count) {
    return torch.arange(new Scalar(first), new Scalar(first + count));
  }

  /** Uniform integers in [0, limit), int64. */
  public static Tensor integers(long limit, long... shape) {
    return torch.randint(limit, shape, new TensorOptions(Long));
  }

  public static Tensor zeros(ScalarType type, long... shape) {
    return torch.zeros(shape, new TensorOptions(type));
  }

  public static Tensor full(double value, long... shape) {
    return torch.full(shape, new Scalar(value), new TensorOptions(Float));
  }

  /** Random numbers come from the generator that {@link #seed} seeds. */
  public static GeneratorOptional sharedGenerator() {
    return new GeneratorOptional();
  }

  /** The result of a reduction has its input's type. */
  public static ScalarTypeOptional sameType() {
    return new ScalarTypeOptional();
  }

  /** A map's entry that must be there. */
  public static Tensor required(Map<String, Tensor> tensors, String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new TrainerException("there is no tensor '%s' in %s".formatted(name, tensors.keySet()));
    }
    return tensor;
  }

  /** Repeats each entry of the first dimension, one after the other. */
  public static Tensor repeatEach(Tensor tensor, long times) {
    return tensor.repeat_interleave(times, new LongOptional(0), new LongOptional());
  }

  /** Positions of the true entries of a flat mask, int64. */
  public static Tensor positions(Tensor mask) {
    return mask.nonzero().select(1, 0);
  }
}
