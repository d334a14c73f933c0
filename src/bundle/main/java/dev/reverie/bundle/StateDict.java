package dev.reverie.bundle;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.Safetensors;
import dev.reverie.rollout.FileErrors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a policy as its own program stores them: its parameters and buffers, and those
 * that normalise.
 *
 * @param tensors by name, of all files
 * @param tied further names of some of them, as {@code save_model} of safetensors tells them
 */
record StateDict(Map<String, NdArray> tensors, Map<String, String> tied) {
  StateDict {
    tensors = Collections.unmodifiableMap(tensors);
    tied = Map.copyOf(tied);
  }

  /**
   * Reads safetensors files.
   *
   * @throws BundleException where one cannot be read, or two have other values of one name
   */
  static StateDict read(List<Path> files) {
    Map<String, NdArray> tensors = new LinkedHashMap<>();
    Map<String, String> tied = new HashMap<>();
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new BundleException(
            "there is no state dict %s; write one: safetensors.torch.save_file(policy.state_dict(), ..)"
                .formatted(file.toAbsolutePath()));
      }
      refusePickle(file);
      Safetensors read = Safetensors.open(file);
      read.arrays()
          .forEach(
              (name, array) -> {
                NdArray other = tensors.putIfAbsent(name, array);
                if (other != null && !other.equals(array)) {
                  throw new BundleException(
                      "'%s' is %s in %s and another %s in a state dict before it; give it once"
                          .formatted(name, array, file, other));
                }
              });
      read.metadata()
          .forEach(
              (name, of) -> {
                if (read.arrays().containsKey(of) && !read.arrays().containsKey(name)) {
                  tied.put(name, of);
                }
              });
    }
    return new StateDict(tensors, tied);
  }

  private static void refusePickle(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] first = in.readNBytes(Long.BYTES + 1);
      if (first.length > Long.BYTES && first[Long.BYTES] == '{') {
        return; // a safetensors file, the length of whose header may begin like either
      }
      boolean zip = first.length >= 2 && first[0] == 'P' && first[1] == 'K';
      if (zip || (first.length > 0 && first[0] == (byte) 0x80)) {
        throw new BundleException(
            "%s is a checkpoint of torch.save, whose pickles can run any program; write safetensors.torch.save_file(torch.load(file, weights_only=True), ..) and give that"
                .formatted(file));
      }
    } catch (IOException e) {
      throw new BundleException(
          "%s cannot be read: %s".formatted(file, FileErrors.reason(e, file)), e);
    }
  }

  /** The name under which a tensor is stored; empty where there is none of that name. */
  Optional<String> stored(String name) {
    return tensors.containsKey(name) ? Optional.of(name) : Optional.ofNullable(tied.get(name));
  }

  /** The tensor of a name. */
  @Nullable NdArray get(String name) {
    return tensors.get(name);
  }
}
