package dev.reverie.trainer;

import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.Shapes;
import dev.reverie.trainer.model.WorldModel;

/** The networks of a dry run: ours counted from their settings, the user's own by running them. */
final class CountedNetworks {
  private CountedNetworks() {}

  /**
   * The world model.
   *
   * @param window frames that it predicts at once
   * @param dimensions D of an action
   * @param joints J of the arm
   */
  static Shapes.OfWorldModel worldModel(
      Settings settings, int window, int dimensions, int joints, Canvas canvas) {
    WorldModel.Config config = settings.worldModel();
    int channels = settings.vae().channels();
    return settings
        .graphs()
        .ofWorldModel()
        .map(own -> Shapes.worldModel(config, window, dimensions, joints, channels, canvas, own))
        .orElseGet(
            () ->
                Shapes.worldModel(
                    config,
                    window,
                    dimensions,
                    joints,
                    channels,
                    canvas.height() / FrameVae.CELL,
                    canvas.width() / FrameVae.CELL));
  }

  /** The auto-encoder. */
  static Shapes.OfVae vae(Settings settings, Canvas canvas) {
    return settings
        .graphs()
        .ofVae()
        .map(own -> Shapes.vae(settings.vae(), canvas, own))
        .orElseGet(() -> Shapes.vae(settings.vae(), canvas.pixels()));
  }

  /**
   * The reward classifier.
   *
   * @param executed frames of a clip
   * @param tasks that it tells apart
   */
  static Shapes classifier(Settings settings, int executed, Canvas canvas, int tasks) {
    return settings
        .graphs()
        .ofClassifier()
        .map(own -> Shapes.classifier(executed, canvas, tasks, own))
        .orElseGet(
            () -> Shapes.classifier(settings.classifier(), executed, canvas.pixels(), tasks));
  }
}
