package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Examples;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** The networks that bench/models.py exports: of the pictures and actions of {@link Examples}. */
public final class OwnGraphs {
  private OwnGraphs() {}

  /** A file of its folder. */
  public static Path file(String name) throws IOException {
    try {
      return Path.of(Objects.requireNonNull(OwnGraphs.class.getResource("own/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  static OwnGraph of(String name) throws IOException {
    return OwnGraph.named("graphs." + name, file(name + ".onnx").toString(), List.of())
        .orElseThrow();
  }

  static WorldModel worldModel(WorldModel.Config config) throws IOException {
    return new WorldModel(config, 4, 2, 2, 8, Examples.canvas(), of("world_model"));
  }

  static FrameVae vae(FrameVae.Config config) throws IOException {
    return new FrameVae(config, Examples.canvas(), of("vae"));
  }

  static RewardClassifier classifier(RewardClassifier.Config config) throws IOException {
    return new RewardClassifier(config, 4, Examples.canvas(), 2, of("classifier"));
  }
}
