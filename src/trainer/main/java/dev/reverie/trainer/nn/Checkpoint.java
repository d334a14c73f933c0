package dev.reverie.trainer.nn;

import dev.reverie.mcap.Durable;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Named tensors in a safetensors file. A file appears whole or not at all, and is on the disk when
 * {@link #write} returns.
 */
final class Checkpoint {
  private Checkpoint() {}

  static void write(Path file, Map<String, Tensor> tensors) {
    Map<String, NdArray> arrays = new LinkedHashMap<>();
    Torch.noGrad(
        () -> {
          tensors.forEach((name, tensor) -> arrays.put(name, array(tensor)));
          Path part = Durable.temporary(file);
          try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.deleteIfExists(part);
            Safetensors.of(arrays).write(part);
            Durable.replace(part, file);
          } catch (IOException e) {
            throw new UncheckedIOException("cannot write checkpoint " + file, e);
          }
        });
  }

  /** The tensors of a file, copied out of it. */
  static SequencedMap<String, Tensor> read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new TrainerException("there is no checkpoint " + file.toAbsolutePath());
    }
    try {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      Safetensors.open(file).arrays().forEach((name, array) -> tensors.put(name, tensor(array)));
      return tensors;
    } catch (BundleException e) {
      throw new TrainerException("cannot read checkpoint " + file + ": " + e.getMessage(), e);
    }
  }

  /** The part of a checkpoint under a prefix, without it. */
  static Map<String, Tensor> under(String prefix, Map<String, Tensor> tensors) {
    return tensors.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(prefix))
        .collect(
            Collectors.toMap(
                entry -> entry.getKey().substring(prefix.length()), Map.Entry::getValue));
  }

  /** A text as a tensor, for what a checkpoint says about itself. */
  static Tensor text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Torch.of(bytes, bytes.length);
  }

  static String text(Tensor tensor) {
    return new String(Torch.bytes(tensor), StandardCharsets.UTF_8);
  }

  /** A copy of an array as a tensor. */
  static Tensor tensor(NdArray array) {
    try (BytePointer source = new BytePointer(array.data().asByteBuffer())) {
      return torch
          .from_blob(source, array.shape(), new TensorOptions(scalarType(array.type())))
          .clone();
    }
  }

  /** A view of a tensor's memory; valid as long as the tensor is. */
  private static NdArray array(Tensor tensor) {
    Tensor dense = tensor.detach().contiguous();
    DType type = type(dense.scalar_type());
    long bytes = dense.numel() * type.bytes();
    // Safe: dense owns this memory, and lives in the scope that the file is written in.
    MemorySegment data = MemorySegment.ofAddress(dense.data_ptr().address()).reinterpret(bytes);
    return new NdArray(type, Torch.shape(dense), data);
  }

  private static DType type(ScalarType type) {
    return switch (type.intern()) {
      case Float -> DType.F32;
      case Double -> DType.F64;
      case Long -> DType.I64;
      case Byte -> DType.U8;
      case Bool -> DType.BOOL;
      default -> throw new IllegalArgumentException("no checkpoint holds tensors of type " + type);
    };
  }

  private static ScalarType scalarType(DType type) {
    return switch (type) {
      case F32 -> ScalarType.Float;
      case F64 -> ScalarType.Double;
      case I64 -> ScalarType.Long;
      case U8 -> ScalarType.Byte;
      case BOOL -> ScalarType.Bool;
      default -> throw new TrainerException("a checkpoint holds no arrays of type " + type);
    };
  }
}
