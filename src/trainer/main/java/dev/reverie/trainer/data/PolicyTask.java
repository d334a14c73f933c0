package dev.reverie.trainer.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeSet;

/**
 * A new policy's senses and motions: cameras, joints and actions; a JSON file in the words of
 * {@code bundle.json}. The words that it understands come from its demonstrations.
 */
public record PolicyTask(
    List<BundleSpec.Camera> cameras,
    List<String> jointNames,
    ActionSpace actionSpace,
    BundleSpec.Chunk chunk,
    BundleSpec.Head head) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  public static PolicyTask read(Path file) {
    try {
      return JSON.readValue(Files.readAllBytes(file), PolicyTask.class);
    } catch (JsonProcessingException e) {
      throw new TrainerException("task file %s: %s".formatted(file, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new TrainerException("cannot read the task file " + file.toAbsolutePath(), e);
    }
  }

  /** The simulated arm's. */
  public static PolicyTask simulatedArm() {
    try (InputStream in =
        Objects.requireNonNull(PolicyTask.class.getResourceAsStream("simulated-arm.json"))) {
      return JSON.readValue(in, PolicyTask.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The spec of a policy that understands the words of these instructions. */
  public BundleSpec spec(Collection<String> instructions) {
    TreeSet<String> words = new TreeSet<>();
    int longest = 1;
    for (String instruction : instructions) {
      List<String> split = words(instruction);
      words.addAll(split);
      longest = Math.max(longest, split.size());
    }
    if (words.isEmpty()) {
      throw new TrainerException("no episode has an instruction; record them with one");
    }
    return new BundleSpec(
        cameras,
        jointNames,
        actionSpace,
        chunk,
        head,
        BundleSpec.Vocabulary.words(List.copyOf(words), longest),
        List.of(),
        BundleSpec.Lineage.NONE);
  }

  private static List<String> words(String instruction) {
    return List.of(instruction.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")).stream()
        .filter(word -> !word.isEmpty())
        .toList();
  }
}
