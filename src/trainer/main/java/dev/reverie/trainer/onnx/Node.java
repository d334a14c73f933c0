package dev.reverie.trainer.onnx;

import com.google.protobuf.ByteString;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.TensorValues;
import dev.reverie.policy.onnx.AttributeProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.TensorProto;
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

  List<String> texts(String attribute) {
    AttributeProto found = find(attribute);
    return found == null
        ? List.of()
        : found.getStringsList().stream().map(ByteString::toStringUtf8).toList();
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

  /** The element type that an attribute names. */
  DType type(String attribute) {
    try {
      return DType.ofOnnx((int) integer(attribute, 0));
    } catch (BundleException e) {
      throw new OnnxException("%s: %s".formatted(attribute, e.getMessage()), e);
    }
  }

  @Nullable NdArray tensor(String attribute) {
    AttributeProto found = find(attribute);
    return found == null ? null : array(found.getT());
  }

  /** Returns whether somebody asks for an output. */
  boolean gives(int output) {
    return output < proto.getOutputCount() && !proto.getOutput(output).isEmpty();
  }

  /** Refuses what the executor does not implement of an operator; the message is for this node. */
  void require(boolean supported, String what) {
    if (!supported) {
      throw new OnnxException(
          "%s is not supported by the trainer; export the policy without it".formatted(what));
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
    try {
      return TensorValues.array(proto);
    } catch (BundleException e) {
      throw new OnnxException(String.valueOf(e.getMessage()), e);
    }
  }

  static String join(List<String> names) {
    return names.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
  }
}
