package dev.reverie.trainer.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.Safetensors;
import dev.reverie.trainer.nn.DiskTensors;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.UUID;

/**
 * A decoded episode in a safetensors file: {@code frames} [S+1, 3, H, W], {@code joints} [S+1, J]
 * and {@code actions} [S, D] or more, {@code frame_checksums} [S+1] (CRC-32C), {@code about} (JSON
 * in UTF-8) and {@code checksum}, the CRC-32C of all but the frames. What it does not vouch for is
 * not used.
 */
final class EpisodeFile {
  private static final Map<String, DType> ARRAYS =
      Map.of(
          "frames", DType.U8,
          "joints", DType.F32,
          "actions", DType.F32,
          "frame_checksums", DType.I64,
          "checksum", DType.I64,
          "about", DType.U8);
  private static final ObjectMapper JSON = new ObjectMapper();

  private EpisodeFile() {}

  /** Beside the arrays; the key says what the episode was decoded from. */
  private record About(
      String key,
      String id,
      String policy,
      String instruction,
      boolean success,
      boolean late,
      int[] pieces,
      boolean[] unseen,
      int[] carriedOut,
      int[] delays,
      long[] shape) {}

  /**
   * Writes a file that appears whole or not at all, and maps it.
   *
   * @throws TrainerException where it does not come back as it was written
   */
  static DecodedEpisode write(Path file, String key, DecodedEpisode episode) throws IOException {
    int acted = episode.acted();
    int length = episode.checksums().length;
    float[] joints = episode.joints();
    float[] actions = episode.actions();
    byte[] about =
        JSON.writeValueAsBytes(
            new About(
                key,
                episode.id(),
                episode.policy(),
                episode.instruction(),
                episode.success(),
                episode.late(),
                episode.pieces(),
                episode.unseen(),
                episode.carriedOut(),
                episode.delays(),
                episode.frames().shape()));
    SequencedMap<String, NdArray> arrays = new LinkedHashMap<>();
    arrays.put("frames", episode.frames());
    arrays.put("joints", NdArray.of(joints, length, joints.length / length));
    arrays.put("actions", NdArray.of(actions, acted, actions.length / acted));
    arrays.put("frame_checksums", NdArray.of(episode.checksums(), length));
    arrays.put("about", NdArray.of(about, about.length));
    arrays.put("checksum", NdArray.of(new long[] {checksum(arrays)}, 1));
    Path part = file.resolveSibling(UUID.randomUUID() + DiskTensors.PART);
    try {
      Safetensors.of(arrays).writeUnforced(part);
      DecodedEpisode written = read(part, key);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      return written;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /**
   * Maps a file. Its frames are not looked at yet; {@link EpisodeFrames} does.
   *
   * @throws TrainerException where the file is damaged, or of another key
   */
  static DecodedEpisode read(Path file, String key) {
    try {
      Map<String, NdArray> arrays = Safetensors.open(file).arrays();
      if (!types(arrays).equals(ARRAYS)) {
        throw new TrainerException("it has the arrays %s".formatted(arrays));
      }
      if (array(arrays, "checksum").toLongs()[0] != checksum(arrays)) {
        throw new TrainerException("its checksum is wrong");
      }
      About about =
          JSON.readValue(array(arrays, "about").data().toArray(ValueLayout.JAVA_BYTE), About.class);
      NdArray frames = array(arrays, "frames");
      if (!about.key.equals(key) || !Arrays.equals(about.shape, frames.shape())) {
        throw new TrainerException("it belongs to another recording");
      }
      return new DecodedEpisode(
          about.id,
          about.policy,
          about.instruction,
          about.success,
          about.late,
          about.pieces,
          frames,
          array(arrays, "frame_checksums").toLongs(),
          array(arrays, "joints").toFloats(),
          about.unseen,
          array(arrays, "actions").toFloats(),
          about.carriedOut,
          about.delays);
    } catch (BundleException
        | IOException
        | IllegalArgumentException
        | IndexOutOfBoundsException
        | InternalError e) { // the last is the JVM's word for a mapped file that was cut off
      throw new TrainerException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Map<String, DType> types(Map<String, NdArray> arrays) {
    Map<String, DType> types = new LinkedHashMap<>();
    arrays.forEach((name, array) -> types.put(name, array.type()));
    return types;
  }

  private static NdArray array(Map<String, NdArray> arrays, String name) {
    return Objects.requireNonNull(arrays.get(name));
  }

  private static long checksum(Map<String, NdArray> arrays) {
    return EpisodeFrames.checksum(
        array(arrays, "joints").data(),
        array(arrays, "actions").data(),
        array(arrays, "frame_checksums").data(),
        array(arrays, "about").data());
  }
}
