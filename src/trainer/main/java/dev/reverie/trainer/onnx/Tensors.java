package dev.reverie.trainer.onnx;

import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.bytedeco.javacpp.Pointer;
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

  /**
   * A tensor on the array's own memory, which has to stay reachable as long as the tensor is used;
   * it must not be written to. Of an array on the heap, or at an address that the processor does
   * not like, a copy.
   */
  static Tensor over(NdArray array) {
    MemorySegment data = array.data();
    if (array.elements() == 0 || !data.isNative() || data.address() % array.type().bytes() != 0) {
      return of(array);
    }
    // Safe: the array's segment covers all elements; the caller keeps it.
    return torch.from_blob(
        new Address(data.address()), array.shape(), new TensorOptions(scalarType(array.type())));
  }

  private static final class Address extends Pointer {
    Address(long address) {
      this.address = address;
    }
  }

  /** The tensor's own memory as an array, which frees it when nobody reaches it any more. */
  static NdArray owned(Tensor given) {
    Tensor tensor = given.contiguous();
    if (tensor.numel() == 0) {
      return array(tensor);
    }
    tensor.retainReference();
    // Safe: the tensor lives until the segment, which covers its elements, is unreachable.
    MemorySegment data =
        MemorySegment.ofAddress(tensor.data_ptr().address())
            .reinterpret(
                tensor.numel() * tensor.element_size(),
                Arena.ofAuto(),
                _ -> tensor.releaseReference());
    return new NdArray(dtype(tensor.scalar_type()), shape(tensor), data);
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

  /** The numbers of a small tensor. */
  static double[] doubles(Tensor tensor) {
    Tensor flat = tensor.cpu().to(ScalarType.Double).contiguous();
    double[] values = new double[(int) flat.numel()];
    if (values.length > 0) {
      flat.data_ptr_double().get(values);
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

  /** The integers from 0 on, beside another tensor. */
  static Tensor upTo(Tensor beside, long count) {
    return beside(beside, torch.arange(new Scalar(count), new TensorOptions(ScalarType.Long)));
  }

  static long[] ones(int count) {
    long[] ones = new long[count];
    Arrays.fill(ones, 1);
    return ones;
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

  static boolean isFloat(DType type) {
    return switch (type) {
      case F64, F32, F16, BF16 -> true;
      case I64, I32, I16, I8, U8, BOOL -> false;
    };
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
