package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.testing.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files in which TensorRT keeps what it compiles; TensorRT itself takes no part. */
class EngineCacheTest {
  @TempDir Path folder;

  private static ModelProto graph(String name) {
    return ModelProto.newBuilder().setGraph(GraphProto.newBuilder().setName(name)).build();
  }

  private static Map<String, NdArray> weights(float weight) {
    return Map.of("w", NdArray.of(new float[] {weight}, 1));
  }

  @Test
  void aGraphWithItsWeightsHasOneFolderWhichNoOtherHas() {
    var cache = new EngineCache(folder.resolve("engines"), 8);
    Path own = cache.of(graph("act"), weights(1));
    assertTrue(Files.isDirectory(own));
    assertEquals(own, cache.of(graph("act"), weights(1)));
    assertNotEquals(own, cache.of(graph("act"), weights(2)), "other weights");
    assertNotEquals(own, cache.of(graph("encode"), weights(1)), "another graph");
  }

  @Test
  void whatWasNotUsedForLongestGoes() throws Exception {
    var cache = new EngineCache(folder, 2);
    Path oldest = cache.of(graph("a"), Map.of());
    Files.writeString(oldest.resolve("kernel.engine"), "compiled");
    Path older = cache.of(graph("b"), Map.of());
    Files.setLastModifiedTime(oldest, FileTime.fromMillis(1000));
    Files.setLastModifiedTime(older, FileTime.fromMillis(2000));
    assertEquals(oldest, cache.of(graph("a"), Map.of()), "used again");
    Path newest = cache.of(graph("c"), Map.of());
    assertTrue(Files.exists(oldest.resolve("kernel.engine")));
    assertTrue(Files.exists(newest));
    assertFalse(Files.exists(older));
  }

  @Test
  void aFolderThatCannotBeMadeIsNamedWithTheRemedy() throws Exception {
    Path file = Files.writeString(folder.resolve("engines"), "a file");
    Refusal.of(
        BundleException.class,
        () -> new EngineCache(file, 8).of(graph("a"), Map.of()),
        file.toString(),
        "set XDG_CACHE_HOME");
  }
}
