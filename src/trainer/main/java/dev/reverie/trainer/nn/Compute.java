package dev.reverie.trainer.nn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * The device that networks are computed on, and their digits. Recordings, latents and random
 * numbers are on the CPU whatever the device is, so that a run draws the same numbers everywhere; a
 * batch is brought to the device ({@link #onDevice}) and stays there.
 *
 * <p>There is one device and one precision a process. Without {@link #begin} it is the CPU, with 32
 * bits.
 *
 * @param device {@code cpu}, {@code cuda} (of several ranks on one machine the one numbered
 *     LOCAL_RANK), {@code cuda:N}, or {@code auto}: CUDA where it is there. Both papers have CUDA
 * @param precision of products and what goes through them (autocast), FLOAT32 or BFLOAT16; weights,
 *     gradients, losses and the optimizer have 32 bits. Both papers have BFLOAT16
 * @param recompute whether the blocks of a world model are computed again when gradients come back
 *     to them ({@link Recompute}), which takes a third more time. The code of both papers does so
 * @param slice rows of a batch whose gradients are computed at a time, at most, of those of this
 *     rank; 0: all of them, in practice 128 chunks. The gradients are those of the whole batch but
 *     for the order of sums. WMPO's logged training of the world model has 4 of a batch of 128 on
 *     each GPU, and its practice 16 to 23 chunks; WoVR's code 32 in practice
 */
public record Compute(String device, Precision precision, boolean recompute, int slice) {
  private static final Pattern DEVICE = Pattern.compile("cpu|auto|cuda(?::(\\d{1,2}))?");

  public static final Compute DEFAULT = new Compute("cpu", Precision.FLOAT32, false, 0);

  /** Flags of processors that multiply numbers of 16 bits; others only imitate it, slowly. */
  private static final Set<String> BFLOAT16_FLAGS = Set.of("avx512_bf16", "amx_bf16", "bf16");

  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

  private static DeviceType type = DeviceType.CPU;
  private static byte index = -1;
  private static boolean reduced;
  private static boolean again;
  private static int rows; // whose gradients are computed at a time; 0: all

  public Compute {
    Check.that(
        DEVICE.matcher(device).matches(), "compute.device", device, "cpu, cuda, cuda:N or auto");
    precision.requireRange("compute.precision");
    Check.that(
        slice >= 0 && slice <= Check.WIDEST,
        "compute.slice",
        slice,
        "0, for whole batches, to " + Check.WIDEST);
  }

  /**
   * Makes these the device and the precision of this process, as far as the machine has them.
   *
   * @param environment of the process: LOCAL_RANK is the number of this rank on its machine
   * @param say is told what the machine lacks and what is done instead
   * @throws TrainerException where CUDA is asked for and not there
   */
  public void begin(Map<String, String> environment, Consumer<String> say) {
    type = DeviceType.CPU;
    index = -1;
    if (!device.equals("cpu")) {
      useCuda(environment, say);
    }
    again = recompute;
    rows = slice;
    reduced = precision == Precision.BFLOAT16 && hasBfloat16(say);
    torch.set_autocast_cache_enabled(false); // weights change between two uses
    torch.set_autocast_dtype(type, ScalarType.BFloat16);
  }

  private void useCuda(Map<String, String> environment, Consumer<String> say) {
    String missing = missingCuda();
    if (missing.isEmpty()) {
      type = DeviceType.CUDA;
      index = number(environment);
    } else if (device.equals("auto")) {
      say.accept("computing on the CPU: " + missing);
    } else {
      throw new TrainerException(
          "compute.device is %s, and %s; build with mvn -Pcuda on a machine with a driver for CUDA 13 (docs/training.md), or set compute.device to cpu or auto"
              .formatted(device, missing));
    }
  }

  /** Returns why there is no CUDA; empty where there is. */
  private static String missingCuda() {
    try {
      Loader.load(torch_cuda.class);
      return torch.cuda_is_available() ? "" : "there is no GPU that CUDA can use";
    } catch (LinkageError | TypeNotPresentException e) {
      return "this build has no CUDA";
    }
  }

  private byte number(Map<String, String> environment) {
    Matcher matcher = DEVICE.matcher(device);
    String said = matcher.matches() ? matcher.group(1) : null;
    int wanted =
        Integer.parseInt(said != null ? said : environment.getOrDefault("LOCAL_RANK", "0"));
    int there = torch.cuda_device_count();
    if (wanted >= there) {
      throw new TrainerException(
          "compute.device is %s, and CUDA device %d is not there: there are %d"
              .formatted(device, wanted, there));
    }
    return (byte) wanted;
  }

  private static boolean hasBfloat16(Consumer<String> say) {
    if (type == DeviceType.CUDA || hasFlag()) {
      return true;
    }
    say.accept(
        "computing with 32 bits: compute.precision is BFLOAT16, and this processor has none of %s"
            .formatted(BFLOAT16_FLAGS.stream().sorted().toList()));
    return false;
  }

  private static boolean hasFlag() {
    try {
      return Files.readAllLines(PROCESSOR).stream()
          .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
          .flatMap(line -> Stream.of(line.split("\\s+")))
          .anyMatch(BFLOAT16_FLAGS::contains);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Returns what a stage says of it, beside what it was made of: the device changes no more than
   * ranks.
   */
  static String said() {
    return reduced ? " in bfloat16" : "";
  }

  /** Returns whether blocks are computed again in the pass back. */
  static boolean isRecomputing() {
    return again;
  }

  /** Returns whether the gradients of a batch are computed all at once. */
  static boolean isWhole() {
    return rows == 0;
  }

  /** Slices that a rank's rows of a batch are divided into for their gradients. */
  static long slices(long ofRows) {
    return sliced(rows, ofRows);
  }

  /** Rows whose gradients are computed at a time where there are so many at most in any case. */
  public static long atATime(long most) {
    return bounded(rows, most);
  }

  /** The same with these settings. */
  public long rowsAtATime(long most) {
    return bounded(slice, most);
  }

  private static long bounded(int slice, long most) {
    return slice == 0 ? most : Math.min(slice, most);
  }

  /** Rows of a batch whose gradients are computed at a time with these settings. */
  public long rowsOf(int batch) {
    return Math.ceilDiv(batch, sliced(slice, batch));
  }

  private static long sliced(int slice, long ofRows) {
    return slice == 0 ? 1 : Math.max(1, Math.ceilDiv(ofRows, slice));
  }

  /** Returns whether networks are computed on another device than the rest. */
  static boolean isElsewhere() {
    return type != DeviceType.CPU;
  }

  /** Brings a tensor to where networks are; the tensor itself where it is there. */
  public static Tensor onDevice(Tensor tensor) {
    return isElsewhere() ? tensor.to(new Device(type, index), tensor.scalar_type()) : tensor;
  }

  /** Brings a tensor to where recordings are; the tensor itself where it is there. */
  public static Tensor onCpu(Tensor tensor) {
    return isElsewhere() ? tensor.cpu() : tensor;
  }

  /**
   * Computes a network with the precision of its products.
   *
   * @return its result, of 32 bits
   */
  public static Tensor products(Supplier<Tensor> network) {
    return reduced ? inPrecision(network).to(ScalarType.Float) : network.get();
  }

  /** The same where the results are several, which may have 16 bits. */
  public static <T> T inPrecision(Supplier<T> network) {
    if (!reduced) {
      return network.get();
    }
    boolean before = torch.is_autocast_enabled(type);
    torch.set_autocast_enabled(type, true);
    try {
      return network.get();
    } finally {
      torch.set_autocast_enabled(type, before);
    }
  }

  /** Returns whether products have 16 bits here. */
  static boolean isReducing() {
    return reduced && torch.is_autocast_enabled(type);
  }
}
