package dev.reverie.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.reverie.policy.onnx.TensorProto;
import java.util.Arrays;

/**
 * Element types that a bundle may hold, named as safetensors names them, and in {@code bundle.json}
 * as NumPy does.
 */
public enum DType {
  /** 64-bit float. */
  @JsonProperty("float64")
  F64(8, TensorProto.DataType.DOUBLE),
  /** 32-bit float. */
  @JsonProperty("float32")
  F32(4, TensorProto.DataType.FLOAT),
  /** 16-bit float of IEEE 754. */
  @JsonProperty("float16")
  F16(2, TensorProto.DataType.FLOAT16),
  /** 16-bit float with the exponent of {@link #F32}. */
  @JsonProperty("bfloat16")
  BF16(2, TensorProto.DataType.BFLOAT16),
  /** 64-bit integer. */
  @JsonProperty("int64")
  I64(8, TensorProto.DataType.INT64),
  /** 32-bit integer. */
  @JsonProperty("int32")
  I32(4, TensorProto.DataType.INT32),
  /** 16-bit integer. */
  @JsonProperty("int16")
  I16(2, TensorProto.DataType.INT16),
  /** 8-bit integer. */
  @JsonProperty("int8")
  I8(1, TensorProto.DataType.INT8),
  /** 8-bit integer without a sign. */
  @JsonProperty("uint8")
  U8(1, TensorProto.DataType.UINT8),
  /** A byte that is 0 or 1. */
  @JsonProperty("bool")
  BOOL(1, TensorProto.DataType.BOOL);

  private final int bytes;
  private final TensorProto.DataType onnx;

  DType(int bytes, TensorProto.DataType onnx) {
    this.bytes = bytes;
    this.onnx = onnx;
  }

  /** Size of one element. */
  public int bytes() {
    return bytes;
  }

  /** The number that ONNX gives this type. */
  public int onnxCode() {
    return onnx.getNumber();
  }

  /** The type that ONNX numbers {@code code}. */
  public static DType ofOnnx(int code) {
    return Arrays.stream(values())
        .filter(type -> type.onnxCode() == code)
        .findFirst()
        .orElseThrow(
            () ->
                new BundleException(
                    "element type %s is not supported; use one of %s"
                        .formatted(
                            TensorProto.DataType.forNumber(code), Arrays.toString(values()))));
  }
}
