package dev.reverie.trainer.model;

import dev.reverie.trainer.nn.Check;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Networks of the user's own in the place of ours: ONNX files, which docs/format-models.md
 * describes; empty where ours is taken. Patterns are names of weights in which {@code *} stands for
 * anything.
 *
 * @param vae of the auto-encoder
 * @param vaeFrozen patterns of its weights that do not learn
 * @param worldModel of the world model, in the place of its backbone
 * @param worldModelFrozen patterns of its weights that do not learn
 * @param classifier of the reward classifier
 * @param classifierFrozen patterns of its weights that do not learn
 */
public record Graphs(
    String vae,
    List<String> vaeFrozen,
    String worldModel,
    List<String> worldModelFrozen,
    String classifier,
    List<String> classifierFrozen) {
  /** None. */
  public static final Graphs DEFAULT = new Graphs("", List.of(), "", List.of(), "", List.of());

  private static final String VAE = "graphs.vae";
  private static final String WORLD_MODEL = "graphs.worldModel";
  private static final String CLASSIFIER = "graphs.classifier";

  public Graphs {
    vaeFrozen = checked(VAE, vae, vaeFrozen);
    worldModelFrozen = checked(WORLD_MODEL, worldModel, worldModelFrozen);
    classifierFrozen = checked(CLASSIFIER, classifier, classifierFrozen);
  }

  private static List<String> checked(String setting, String graph, List<String> frozen) {
    Check.that(
        !graph.isEmpty() || frozen.isEmpty(),
        setting + "Frozen",
        frozen,
        "empty where %s names no graph".formatted(setting));
    return List.copyOf(frozen);
  }

  /** The auto-encoder's, to train from. */
  public Optional<OwnGraph> ofVae() {
    return OwnGraph.named(VAE, vae, vaeFrozen);
  }

  /** The auto-encoder's, as a stage has left it in a folder. */
  public Optional<OwnGraph> ofVae(Path folder, String stage) {
    return OwnGraph.left(VAE, vae, vaeFrozen, folder, stage);
  }

  /** The world model's, to train from. */
  public Optional<OwnGraph> ofWorldModel() {
    return OwnGraph.named(WORLD_MODEL, worldModel, worldModelFrozen);
  }

  /** The world model's, as a stage has left it in a folder. */
  public Optional<OwnGraph> ofWorldModel(Path folder, String stage) {
    return OwnGraph.left(WORLD_MODEL, worldModel, worldModelFrozen, folder, stage);
  }

  /** The reward classifier's, to train from. */
  public Optional<OwnGraph> ofClassifier() {
    return OwnGraph.named(CLASSIFIER, classifier, classifierFrozen);
  }

  /** The reward classifier's, as a stage has left it in a folder. */
  public Optional<OwnGraph> ofClassifier(Path folder, String stage) {
    return OwnGraph.left(CLASSIFIER, classifier, classifierFrozen, folder, stage);
  }
}
