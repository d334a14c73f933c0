package dev.reverie.trainer.onnx;

import com.google.protobuf.ByteString;
import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.onnx.AttributeProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.TensorProto;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A node of the graph, with its attributes typed. */
final class Node {
  private final NodeProto proto;

  Node(NodeProto proto) {
    this.proto = proto;
  }

  String type() {
    return proto.getOpType();
  }

  List<String> inputs() {
    return proto.getInputList();
  }

  List<String> outputs() {
    return proto.getOutputList();
  }

  /** Number of outputs that somebody asks for: trailing ones may be left out or unnamed. */
  int outputCount() {
    return (int) proto.getOutputList().stream().filter(name -> !name.isEmpty()).count();
  }

  boolean has(String attribute) {
    return find(attribute) != null;
  }

  long integer(String attribute, long absent) {
    AttributeProto found = find(attribute);
    return found == null ? absent : found.getI();
  }

  boolean flag(String attribute, boolean absent) {
    return integer(attribute, absent ? 1 : 0) != 0;
  }

  double number(String attribute, double absent) {
    AttributeProto found = find(attribute);
    return found == null ? absent : found.getF();
  }

  String text(String attribute, String absent) {
    AttributeProto found = find(attribute);
    return found == null ? absent : found.getS().toString(StandardCharsets.UTF_8);
  }

  long @Nullable [] integers(String attribute) {
    AttributeProto found = find(attribute);
    return found == null ? null : found.getIntsList().stream().mapToLong(Long::longValue).toArray();
  }

  long[] integers(String attribute, long[] absent) {
    long[] found = integers(attribute);
    return found == null ? absent : found;
  }

  float[] floats(String attribute) {
    AttributeProto found = find(attribute);
    List<Float> list = found == null ? List.of() : found.getFloatsList();
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i);
    }
    return values;
  }

  @Nullable NdArray tensor(String attribute) {
    AttributeProto found = find(attribute);
    return found == null ? null : array(found.getT());
  }

  /** Refuses an attribute value that the executor does not implement. */
  void require(boolean supported, String what) {
    if (!supported) {
      throw new OnnxException(
          "%s: %s is not supported by the trainer; export the policy without it"
              .formatted(this, what));
    }
  }

  @Override
  public String toString() {
    return "node '%s' (%s)".formatted(proto.getName(), proto.getOpType());
  }

  private @Nullable AttributeProto find(String name) {
    for (AttributeProto attribute : proto.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        return attribute;
      }
    }
    return null;
  }

  /** The value of a constant that is stored inside the graph. */
  static NdArray array(TensorProto proto) {
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      throw new OnnxException(
          "constant '%s' is stored outside the graph; only initializers may be"
              .formatted(proto.getName()));
    }
    DType type = DType.ofOnnx(proto.getDataType());
    long[] shape = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
    byte[] bytes = proto.hasRawData() ? proto.getRawData().toByteArray() : typedData(proto, type);
    try {
      NdArray array = new NdArray(type, shape, MemorySegment.ofArray(bytes));
      return array.copy();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new OnnxException("constant '%s': %s".formatted(proto.getName(), e.getMessage()), e);
    }
  }

  private static byte[] typedData(TensorProto proto, DType type) {
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
    return ByteString.copyFrom(bytes.flip()).toByteArray();
  }

  static String join(List<String> names) {
    return names.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
  }
}
