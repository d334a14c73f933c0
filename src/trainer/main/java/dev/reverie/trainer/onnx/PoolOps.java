package dev.reverie.trainer.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Pooling over rows, pictures and volumes. */
final class PoolOps {
  private PoolOps() {}

  static void register(Map<String, Op.Factory> ops) {
    ops.put("MaxPool", PoolOps::max);
    ops.put("AveragePool", PoolOps::average);
    ops.put("LpPool", PoolOps::power);
    ops.put("GlobalAveragePool", node -> Op.one(PoolOps::globalAverage));
    ops.put("GlobalMaxPool", node -> Op.one(in -> in.get(0).amax(places(in.get(0)), true)));
  }

  private static long[] kernel(Node node) {
    long[] kernel = node.integers("kernel_shape", new long[0]);
    node.require(kernel.length >= 1 && kernel.length <= 3, kernel.length + "-dimensional pooling");
    return kernel;
  }

  private static Op max(Node node) {
    long[] kernel = kernel(node);
    boolean ceil = node.flag("ceil_mode", false);
    boolean byColumns = node.flag("storage_order", false);
    return Op.several(
        in -> {
          Tensor input = in.get(0);
          Padding padding = Padding.of(node, kernel, input);
          boolean small = !input.is_floating_point();
          Tensor wide = small ? input.to(ScalarType.Float) : input; // holds any of 8 bits
          Padding more = padding.beyond(input, ceil);
          boolean own = padding.isEven() && fits(padding) && nothing(more);
          node.require(own || !node.gives(1), "Indices of uneven padding");
          if (!own) {
            double least = Double.NEGATIVE_INFINITY;
            wide = more.around(padding.around(wide, least), least);
          }
          Padding of = own ? padding : padding.without();
          if (node.gives(1)) {
            return withIndices(of, wide, input, byColumns);
          }
          Tensor result = max(of, wide);
          return List.of(small ? result.to(input.scalar_type()) : result);
        });
  }

  /** Returns whether libtorch takes the padding: no more than half of the window. */
  private static boolean fits(Padding padding) {
    long[] before = padding.before();
    return LongStream.range(0, before.length)
        .allMatch(i -> before[(int) i] <= padding.kernel()[(int) i] / 2);
  }

  private static boolean nothing(Padding padding) {
    return Arrays.stream(padding.pads()).allMatch(pad -> pad == 0);
  }

  private static Tensor max(Padding p, Tensor x) {
    long[] k = p.kernel();
    return switch (k.length) {
      case 1 -> // a row is a narrow picture
          torch
              .max_pool2d(
                  x.unsqueeze(-1),
                  new long[] {k[0], 1},
                  new long[] {p.strides()[0], 1},
                  new long[] {p.pads()[0], 0},
                  new long[] {p.dilations()[0], 1},
                  false)
              .squeeze(-1);
      case 2 -> torch.max_pool2d(x, k, p.strides(), p.before(), p.dilations(), false);
      default -> torch.max_pool3d(x, k, p.strides(), p.before(), p.dilations(), false);
    };
  }

  /** Returns the largest with the place of each maximum in the whole input as one row. */
  private static List<Tensor> withIndices(Padding p, Tensor wide, Tensor input, boolean byColumns) {
    long[] k = p.kernel();
    var both =
        switch (k.length) {
          case 1 ->
              torch.max_pool1d_with_indices(wide, k, p.strides(), p.before(), p.dilations(), false);
          case 2 ->
              torch.max_pool2d_with_indices(wide, k, p.strides(), p.before(), p.dilations(), false);
          default ->
              torch.max_pool3d_with_indices(wide, k, p.strides(), p.before(), p.dilations(), false);
        };
    Tensor at = new Tensor(both.get1()); // in its own plane, by rows
    long plane = Arrays.stream(places(input)).map(input::size).reduce(1, (a, b) -> a * b);
    if (byColumns) {
      at = columns(at, input);
    }
    long[] first = Tensors.ones((int) input.dim());
    first[0] = input.size(0);
    first[1] = input.size(1);
    Tensor planes = Tensors.upTo(input, input.size(0) * input.size(1)).reshape(first);
    return List.of(
        new Tensor(both.get0()).to(input.scalar_type()), at.add(planes.mul(new Scalar(plane))));
  }

  /** Places counted by rows, counted the other way round. */
  private static Tensor columns(Tensor at, Tensor input) {
    Tensor rest = at;
    Tensor result = torch.zeros_like(at);
    long stride = 1;
    long[] axes = places(input);
    long whole = Arrays.stream(axes).map(input::size).reduce(1, (a, b) -> a * b);
    for (long axis : axes) {
      whole /= input.size(axis);
      Tensor place = torch.floor_divide(rest, new Scalar(whole));
      rest = rest.remainder(new Scalar(whole));
      result = result.add(place.mul(new Scalar(stride)));
      stride *= input.size(axis);
    }
    return result;
  }

  private static Op average(Node node) {
    long[] kernel = kernel(node);
    boolean ceil = node.flag("ceil_mode", false);
    boolean counts = node.flag("count_include_pad", false);
    return Op.one(
        in -> {
          Tensor input = in.get(0);
          Padding padding = Padding.of(node, kernel, input);
          Padding more = padding.beyond(input, ceil);
          boolean dense = Arrays.stream(padding.dilations()).allMatch(d -> d == 1);
          if (padding.isEven() && fits(padding) && nothing(more) && dense) {
            return average(padding, input, counts);
          }
          Tensor one = torch.ones_like(input.narrow(0, 0, 1).narrow(1, 0, 1)); // [1, 1, ..]
          Tensor counted = more.around(padding.around(one, counts ? 1 : 0), 0);
          Tensor number = sums(padding, counted);
          return sums(padding, more.around(padding.around(input, 0), 0)).div(number);
        });
  }

  private static Tensor average(Padding p, Tensor x, boolean counts) {
    long[] k = p.kernel();
    var divisor = new LongOptional();
    return switch (k.length) {
      case 1 -> torch.avg_pool1d(x, k, p.strides(), p.before(), false, counts);
      case 2 -> torch.avg_pool2d(x, k, p.strides(), p.before(), false, counts, divisor);
      default -> torch.avg_pool3d(x, k, p.strides(), p.before(), false, counts, divisor);
    };
  }

  /** The sum of each window, by a convolution of each channel with ones. */
  private static Tensor sums(Padding p, Tensor x) {
    long[] shape = Tensors.ones((int) x.dim());
    System.arraycopy(p.kernel(), 0, shape, 2, p.kernel().length);
    Tensor ones = Tensors.beside(x, Tensors.full(1, x.scalar_type(), shape));
    shape[0] = x.size(1);
    int axes = p.kernel().length;
    return torch.convolution(
        x,
        ones.expand(shape),
        new TensorOptional(),
        p.strides(),
        new long[axes],
        p.dilations(),
        false,
        new long[axes],
        x.size(1));
  }

  private static Op power(Node node) {
    long[] kernel = kernel(node);
    boolean ceil = node.flag("ceil_mode", false);
    double p = node.integer("p", 2);
    return Op.one(
        in -> {
          Tensor input = in.get(0).abs().pow(new Scalar(p));
          Padding padding = Padding.of(node, kernel, input);
          Tensor around = padding.beyond(input, ceil).around(padding.around(input, 0), 0);
          return sums(padding, around).pow(new Scalar(1 / p));
        });
  }

  private static long[] places(Tensor input) {
    return LongStream.range(2, input.dim()).toArray();
  }

  private static Tensor globalAverage(NodeInputs in) {
    Tensor input = in.get(0);
    return input.mean(places(input), true, new ScalarTypeOptional(input.scalar_type()));
  }
}
