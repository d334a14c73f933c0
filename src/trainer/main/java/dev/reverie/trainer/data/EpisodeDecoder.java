package dev.reverie.trainer.data;

import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.Preprocess;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.Piece;
import dev.reverie.rollout.RecordedObservation;
import dev.reverie.rollout.Step;
import dev.reverie.trainer.nn.TrainerException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Turns bags into episodes as the policy sees them; what cannot be learned from is refused with an
 * {@link IllegalArgumentException} or an {@link dev.reverie.rollout.EpisodeException}. Any thread.
 */
public final class EpisodeDecoder {
  /** Raised whenever the same bag is decoded to something else than before. */
  private static final int VERSION = 3;

  private final BundleSpec.Camera camera;
  private final List<String> jointNames;
  private final ActionSpace actionSpace;
  private final Wanted wanted;
  private final Alignment alignment;

  private EpisodeDecoder(
      BundleSpec.Camera camera,
      List<String> jointNames,
      ActionSpace actionSpace,
      Wanted wanted,
      Alignment alignment) {
    this.alignment = alignment;
    this.camera = camera;
    this.jointNames = jointNames;
    this.actionSpace = actionSpace;
    this.wanted = wanted;
  }

  /** The use that an episode is decoded for. */
  private enum Wanted {
    /** To learn from: it has an outcome, and each step an action. */
    LESSON,
    /** To start from: any outcome will do, and the actions are left at zero. */
    FRAMES
  }

  public static EpisodeDecoder of(BundleSpec spec) {
    return new EpisodeDecoder(
        onlyCamera(spec.cameras()),
        spec.jointNames(),
        spec.actionSpace(),
        Wanted.LESSON,
        Alignment.DEFAULT);
  }

  public static EpisodeDecoder of(PolicyTask task) {
    return new EpisodeDecoder(
        onlyCamera(task.cameras()),
        task.jointNames(),
        task.actionSpace(),
        Wanted.LESSON,
        Alignment.DEFAULT);
  }

  /** Decodes episodes of any outcome, for who needs their frames and not their actions. */
  public static EpisodeDecoder ofFrames(BundleSpec spec) {
    return new EpisodeDecoder(
        onlyCamera(spec.cameras()),
        spec.jointNames(),
        spec.actionSpace(),
        Wanted.FRAMES,
        Alignment.DEFAULT);
  }

  /** Returns the same with other tolerances of the stamps that belong to one observation. */
  public EpisodeDecoder with(Alignment other) {
    return new EpisodeDecoder(camera, jointNames, actionSpace, wanted, other);
  }

  /** All that the result depends on beside the bag itself, which has the calibration too. */
  String recipe() {
    String recipe =
        "version %d, %s, joints %s, actions of %d, held steps %s, %s"
            .formatted(
                VERSION,
                camera,
                jointNames,
                actionSpace.dimensions(),
                refusesHeldSteps() ? "refused" : "zero",
                alignment);
    return wanted == Wanted.LESSON ? recipe : recipe + ", frames alone";
  }

  /**
   * Decodes the episode of a bag.
   *
   * @param arena where the frames are put
   */
  DecodedEpisode decode(Path bag, Arena arena) {
    EpisodeReader reader = EpisodeReader.open(bag, alignment, Preprocess::decode);
    if (wanted == Wanted.LESSON) {
      refuseUnlessJudged(reader.outcome().kind());
    }
    Preprocess preprocess =
        new Preprocess(
            camera, camera.rectify() ? reader.calibration(camera.name()) : Optional.empty());
    Episode episode =
        reader.read(
            camera.name(),
            image -> new CameraImage(camera.width(), camera.height(), preprocess.apply(image)));
    int[] pieces = episode.pieces().stream().mapToInt(piece -> piece.steps().size()).toArray();
    int steps = IntStream.of(pieces).sum();
    int length = steps + pieces.length;
    int[] order = jointOrder(episode);
    float[] joints = new float[length * order.length];
    float[] actions = new float[steps * actionSpace.dimensions()];
    int frameBytes = 3 * camera.height() * camera.width();
    MemorySegment frames = arena.allocate((long) length * frameBytes);
    int frame = 0;
    int step = 0;
    for (Piece piece : episode.pieces()) {
      for (int t = 0; t <= piece.steps().size(); t++, frame++) {
        RecordedObservation observation = piece.observation(t);
        byte[] rgb = Objects.requireNonNull(observation.images().get(camera.name())).rgb();
        MemorySegment.copy(
            planes(rgb), 0, frames, ValueLayout.JAVA_BYTE, (long) frame * frameBytes, frameBytes);
        for (int j = 0; j < order.length; j++) {
          joints[frame * order.length + j] = (float) observation.jointPositions()[order[j]];
        }
        if (t < piece.steps().size() && wanted == Wanted.LESSON) {
          copyAction(piece.steps().get(t), actions, step++);
        }
      }
    }
    return DecodedEpisode.of(
        episode.id(),
        episode.policyId(),
        episode.instruction(),
        episode.outcome().success() && episode.endSeen(),
        pieces,
        new NdArray(DType.U8, new long[] {length, 3, camera.height(), camera.width()}, frames),
        joints,
        actions);
  }

  private static void refuseUnlessJudged(EpisodeOutcome.Kind outcome) {
    switch (outcome) {
      case UNLABELLED ->
          throw new IllegalArgumentException("nobody has said how it went; label it");
      case ABORTED -> throw new IllegalArgumentException("it was aborted");
      case SUCCESS, FAILURE -> {}
    }
  }

  /** [H, W, 3] to [3, H, W], as networks take it. */
  private static byte[] planes(byte[] rgb) {
    int pixels = rgb.length / 3;
    byte[] planes = new byte[rgb.length];
    for (int i = 0; i < pixels; i++) {
      planes[i] = rgb[3 * i];
      planes[pixels + i] = rgb[3 * i + 1];
      planes[2 * pixels + i] = rgb[3 * i + 2];
    }
    return planes;
  }

  /** The place of each joint of the policy in the episode. */
  private int[] jointOrder(Episode episode) {
    int[] order = new int[jointNames.size()];
    for (int j = 0; j < order.length; j++) {
      order[j] = episode.jointNames().indexOf(jointNames.get(j));
      if (order[j] < 0) {
        throw new IllegalArgumentException(
            "it has the joints %s, and the policy needs %s; leave the bag out, or train a policy of its arm"
                .formatted(episode.jointNames(), jointNames));
      }
    }
    return order;
  }

  /** A delta of zero says that the arm was held still; a joint position cannot. */
  private boolean refusesHeldSteps() {
    return actionSpace.each().stream().anyMatch(ActionSpace.JointPositions.class::isInstance);
  }

  private void copyAction(Step step, float[] actions, int t) {
    int dimensions = actionSpace.dimensions();
    if (step.held()) {
      if (refusesHeldSteps()) {
        throw new IllegalArgumentException(
            "the arm was held still at step %d, which joint positions cannot say".formatted(t));
      }
      return;
    }
    if (step.action().length != dimensions) {
      throw new IllegalArgumentException(
          "its actions have %d dimensions, the policy's %d"
              .formatted(step.action().length, dimensions));
    }
    System.arraycopy(step.action(), 0, actions, t * dimensions, dimensions);
  }

  /** The camera that the world model imagines; refuses what its networks cannot take. */
  private static BundleSpec.Camera onlyCamera(List<BundleSpec.Camera> cameras) {
    if (cameras.size() != 1) {
      throw new TrainerException(
          "the world model imagines one camera; the policy sees "
              + cameras.stream().map(BundleSpec.Camera::name).toList());
    }
    BundleSpec.Camera camera = cameras.getFirst();
    if (camera.width() % 8 != 0 || camera.height() % 8 != 0) {
      throw new TrainerException(
          "camera '%s' is %dx%d; the world model needs multiples of 8 pixels: give others in the task file (--task), or in the arm file before recording"
              .formatted(camera.name(), camera.width(), camera.height()));
    }
    return camera;
  }
}
