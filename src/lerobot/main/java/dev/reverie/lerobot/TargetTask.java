package dev.reverie.lerobot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Describes what the policy that is to learn from imported episodes sees and moves: the part of
 * bundle.json that a task file of {@code reverie pretrain} has too.
 */
record TargetTask(
    List<BundleSpec.Camera> cameras,
    List<String> jointNames,
    ActionSpace actionSpace,
    BundleSpec.Chunk chunk) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  TargetTask {
    cameras = List.copyOf(cameras);
    jointNames = List.copyOf(jointNames);
  }

  /**
   * Reads the task of a policy.
   *
   * @param path a policy bundle's folder, or a task file
   */
  static TargetTask read(Path path) {
    Path file = Files.isDirectory(path) ? path.resolve("bundle.json") : path;
    try {
      return JSON.readValue(Files.readAllBytes(file), TargetTask.class);
    } catch (JsonProcessingException e) {
      throw new LerobotException(
          "%s does not tell what the policy sees and moves: %s"
              .formatted(file, e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new LerobotException(
          "cannot read %s; give a policy bundle, or a task file as for reverie pretrain"
              .formatted(file),
          e);
    }
  }
}
