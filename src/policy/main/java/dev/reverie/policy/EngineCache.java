package dev.reverie.policy;

import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.rollout.AtomicFolder;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.Sha256;
import dev.reverie.rollout.UserFolders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Folders for what TensorRT compiles of graphs, so that it compiles each once a GPU. ONNX Runtime
 * calls an engine by the graph, its own version, TensorRT's and the GPU's, and not by the weights,
 * which are all that two policies of one architecture differ in: so each graph with its weights has
 * a folder. Those that were not used for longest are deleted.
 *
 * @param folder of all of them
 * @param most folders that are kept
 */
record EngineCache(Path folder, int most) {
  /** Number of engines that are kept: as many as a node keeps for a rollback, and some. */
  private static final int MOST = 8;

  /** The cache of whoever runs this process. */
  static EngineCache ofUser() {
    return new EngineCache(UserFolders.caches().resolve("engines"), MOST);
  }

  /**
   * The folder of a graph with its weights, there from now on.
   *
   * @param weights by name, those that the graph itself does not hold
   * @throws BundleException where it cannot be made
   */
  Path of(ModelProto graph, Map<String, NdArray> weights) {
    Path own = folder.resolve(hash(graph, weights));
    try {
      Files.createDirectories(own);
      Files.setLastModifiedTime(own, FileTime.fromMillis(System.currentTimeMillis()));
      for (Path old : old()) {
        delete(old);
      }
      return own;
    } catch (IOException e) {
      throw new BundleException(
          "TensorRT's engines cannot be kept in %s: %s; set XDG_CACHE_HOME to a folder that can be written to"
              .formatted(own, FileErrors.reason(e)),
          e);
    }
  }

  private static String hash(ModelProto graph, Map<String, NdArray> weights) {
    Sha256 hash = new Sha256().add(ByteBuffer.wrap(graph.toByteArray()));
    new TreeMap<>(weights).values().forEach(array -> hash.add(array.data().asByteBuffer()));
    return hash.hex();
  }

  private List<Path> old() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted(Comparator.comparing(EngineCache::used).reversed()).skip(most).toList();
    }
  }

  private static void delete(Path old) {
    try {
      AtomicFolder.delete(old);
    } catch (IOException _) {
      // another process deletes it just now, or the next one will
    }
  }

  private static FileTime used(Path engine) {
    try {
      return Files.getLastModifiedTime(engine);
    } catch (IOException e) {
      return FileTime.fromMillis(0); // it has just been deleted
    }
  }
}
