package dev.reverie.policy;

import com.google.protobuf.UnsafeByteOperations;
import dev.reverie.policy.onnx.TensorProto;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Arrays as ONNX holds them inside of a graph. */
public final class TensorValues {
  private TensorValues() {}

  /**
   * Reads an array. What lies in a mapped file stays there.
   *
   * @throws BundleException where it lies elsewhere, or its bytes do not fill its shape
   */
  public static NdArray array(TensorProto proto) {
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      throw new BundleException(
          "constant '%s' is stored outside the graph; only initializers may be"
              .formatted(proto.getName()));
    }
    DType type = DType.ofOnnx(proto.getDataType());
    long[] shape = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
    ByteBuffer bytes =
        proto.hasRawData() ? proto.getRawData().asReadOnlyByteBuffer() : typedData(proto, type);
    MemorySegment data = MemorySegment.ofBuffer(bytes);
    try {
      NdArray array = new NdArray(type, shape, data);
      return data.isNative() ? array : array.copy();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new BundleException("constant '%s': %s".formatted(proto.getName(), e.getMessage()), e);
    }
  }

  private static ByteBuffer typedData(TensorProto proto, DType type) {
    int count =
        proto.getFloatDataCount()
            + proto.getInt64DataCount()
            + proto.getInt32DataCount()
            + proto.getDoubleDataCount();
    ByteBuffer bytes = ByteBuffer.allocate(count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case F32 -> proto.getFloatDataList().forEach(bytes::putFloat);
      case F64 -> proto.getDoubleDataList().forEach(bytes::putDouble);
      case I64 -> proto.getInt64DataList().forEach(bytes::putLong);
      case I32 -> proto.getInt32DataList().forEach(bytes::putInt);
      case F16, BF16, I16 -> proto.getInt32DataList().forEach(v -> bytes.putShort(v.shortValue()));
      case I8, U8, BOOL -> proto.getInt32DataList().forEach(v -> bytes.put(v.byteValue()));
    }
    return bytes.flip();
  }

  /** The same array with its values, without a name; it shares the array's memory. */
  public static TensorProto.Builder proto(NdArray array) {
    TensorProto.Builder proto =
        TensorProto.newBuilder()
            .setDataType(array.type().onnxCode())
            .setRawData(UnsafeByteOperations.unsafeWrap(array.data().asByteBuffer()));
    Arrays.stream(array.shape()).forEach(proto::addDims);
    return proto;
  }
}
