package dev.reverie.trainer.onnx;

import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import java.lang.foreign.MemorySegment;
import org.bytedeco.pytorch.LongArrayRef;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Converts between libtorch's tensors, arrays and Java's primitives. */
public final class Tensors {
  private Tensors() {}

  /** A tensor of its own with the array's values, on the CPU. */
  public static Tensor of(NdArray array) {
    Tensor tensor = torch.zeros(array.shape(), new TensorOptions(scalarType(array.type())));
    if (array.elements() > 0) {
      memory(tensor).copyFrom(array.data());
    }
    return tensor;
  }

  /** An array of its own with the tensor's values. */
  public static NdArray array(Tensor tensor) {
    NdArray array = NdArray.zeros(dtype(tensor.scalar_type()), shape(tensor));
    if (array.elements() > 0) {
      array.data().copyFrom(memory(tensor.detach().cpu().contiguous()));
    }
    return array;
  }

  public static long[] shape(Tensor tensor) {
    LongArrayRef sizes = tensor.sizes();
    long[] shape = new long[(int) tensor.dim()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = sizes.get(i);
    }
    return shape;
  }

  /** The integers of a small tensor such as a shape or a list of axes. */
  static long[] longs(Tensor tensor) {
    Tensor flat = tensor.cpu().to(ScalarType.Long).contiguous();
    long[] values = new long[(int) flat.numel()];
    if (values.length > 0) {
      flat.data_ptr_long().get(values);
    }
    return values;
  }

  /** Integers beside another tensor, on its device. */
  static Tensor ofLongs(Tensor beside, long... values) {
    return beside(beside, of(NdArray.of(values, values.length)));
  }

  /** A tensor on the device of another; itself where it is there. */
  static Tensor beside(Tensor other, Tensor tensor) {
    return other.is_cpu() ? tensor : tensor.to(other.device(), tensor.scalar_type());
  }

  static Tensor ofFloats(float[] values, long... shape) {
    return of(NdArray.of(values, shape));
  }

  static Tensor cat(Iterable<Tensor> parts, long axis) {
    TensorVector vector = new TensorVector();
    parts.forEach(vector::push_back);
    return torch.cat(vector, axis);
  }

  static Tensor full(double value, ScalarType type, long... shape) {
    return torch.full(shape, new Scalar(value), new TensorOptions(type));
  }

  static boolean isInteger(Tensor tensor) {
    return !tensor.is_floating_point() && tensor.scalar_type().intern() != ScalarType.Bool;
  }

  static ScalarType scalarType(DType type) {
    return switch (type) {
      case F64 -> ScalarType.Double;
      case F32 -> ScalarType.Float;
      case F16 -> ScalarType.Half;
      case BF16 -> ScalarType.BFloat16;
      case I64 -> ScalarType.Long;
      case I32 -> ScalarType.Int;
      case I16 -> ScalarType.Short;
      case I8 -> ScalarType.Char;
      case U8 -> ScalarType.Byte;
      case BOOL -> ScalarType.Bool;
    };
  }

  static DType dtype(ScalarType type) {
    for (DType candidate : DType.values()) {
      if (scalarType(candidate) == type.intern()) {
        return candidate;
      }
    }
    throw new OnnxException("tensors of type " + type.intern() + " are not supported");
  }

  // Safe: the segment covers exactly the elements of a contiguous CPU tensor, which outlives it.
  private static MemorySegment memory(Tensor tensor) {
    return MemorySegment.ofAddress(tensor.data_ptr().address())
        .reinterpret(tensor.numel() * tensor.element_size());
  }
}
