package dev.reverie.trainer.nn;

import dev.reverie.mcap.Durable;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Named tensors in a safetensors file. A file appears whole or not at all, and is on the disk when
 * {@link #write} returns.
 */
final class Checkpoint {
  private static final String ABOUT = "about";

  private Checkpoint() {}

  /**
   * Writes a file.
   *
   * @param about what the tensors are
   * @throws TrainerException where a number of them is not finite; the file stays as it was
   */
  static void write(Path file, Map<String, Tensor> tensors, String about) {
    tensors.forEach((name, tensor) -> requireFinite(file, name, tensor));
    Map<String, NdArray> arrays = new LinkedHashMap<>();
    Torch.noGrad(
        () -> {
          tensors.forEach((name, tensor) -> arrays.put(name, array(tensor)));
          Path part = Durable.temporary(file);
          try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.deleteIfExists(part);
            try {
              Safetensors.of(arrays, Map.of(ABOUT, about)).write(part);
              Durable.replace(part, file);
            } finally {
              Files.deleteIfExists(part); // half a file would keep a full disk full
            }
          } catch (IOException e) {
            throw new UncheckedIOException("cannot write checkpoint " + file, e);
          }
        });
  }

  /** The tensors of a file, copied out of it. */
  static SequencedMap<String, Tensor> read(Path file) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    open(file).arrays().forEach((name, array) -> tensors.put(name, tensor(array)));
    return tensors;
  }

  /**
   * Refuses a file that says another thing about itself than {@link #write} was told here.
   *
   * @throws TrainerException with both
   */
  static void requireAbout(Path file, String about) {
    String told = about(file);
    if (!told.equals(about)) {
      throw new TrainerException(
          "%s belongs to another run:%n  it:   %s%n  this: %s%nChoose another folder, or delete it to have it made again."
              .formatted(file, told, about));
    }
  }

  /** Returns what a file says about itself. */
  static String about(Path file) {
    return open(file).metadata().getOrDefault(ABOUT, "nothing");
  }

  /** First 16 hexadecimal digits of a file's SHA-256. */
  static String sha256(Path file) {
    return open(file).sha256().substring(0, 16);
  }

  private static Safetensors open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new TrainerException("there is no checkpoint " + file.toAbsolutePath());
    }
    try {
      return Safetensors.open(file);
    } catch (BundleException e) {
      throw new TrainerException("cannot read checkpoint " + file + ": " + e.getMessage(), e);
    }
  }

  private static void requireFinite(Path file, String name, Tensor tensor) {
    if (tensor.is_floating_point() && !tensor.isfinite().all().item_bool()) {
      throw new TrainerException(
          "'%s' holds numbers that are not finite, so %s is not written; lower the learning rate"
              .formatted(name, file));
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

  /** A copy of an array as a tensor. */
  static Tensor tensor(NdArray array) {
    Tensor tensor = Torch.zeros(scalarType(array.type()), array.shape());
    Torch.memory(tensor).copyFrom(array.data());
    return tensor;
  }

  /** A view of a tensor's memory; valid as long as the tensor is. */
  private static NdArray array(Tensor tensor) {
    Tensor dense = Compute.onCpu(tensor.detach()).contiguous();
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
