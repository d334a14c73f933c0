package dev.reverie.trainer.data;

import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.Preprocess;
import dev.reverie.policy.Task;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.RecordedObservation;
import dev.reverie.rollout.Step;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Turns bags into episodes as the policy sees them; what cannot be learned from is refused with an
 * {@link IllegalArgumentException} or an {@link dev.reverie.rollout.EpisodeException}, and what
 * would teach wrong motions with a {@link dev.reverie.trainer.nn.TrainerException}. Any thread.
 */
public final class EpisodeDecoder {
  /** Raised whenever the same bag is decoded to something else than before. */
  private static final int VERSION = 9;

  private final Task task;
  private final Canvas canvas;
  private final Wanted wanted;
  private final Alignment alignment;

  private EpisodeDecoder(Task task, Wanted wanted, Alignment alignment) {
    this.task = task;
    this.alignment = alignment;
    canvas = Canvas.of(task.cameras());
    this.wanted = wanted;
  }

  /** The use that an episode is decoded for. */
  private enum Wanted {
    /** An episode to learn from: it has an outcome, and each step an action. */
    LESSON,
    /** Frames to start from: any outcome will do, and the actions are left at zero. */
    FRAMES,
    /** An episode to start from as it was: any outcome will do, and each step has its action. */
    COURSE
  }

  public static EpisodeDecoder of(BundleSpec spec) {
    return new EpisodeDecoder(spec.task(), Wanted.LESSON, Alignment.DEFAULT);
  }

  public static EpisodeDecoder of(PolicyTask task) {
    return new EpisodeDecoder(task.arm(), Wanted.LESSON, Alignment.DEFAULT);
  }

  /** Decodes episodes of any outcome, for who needs their frames and not their actions. */
  public static EpisodeDecoder ofFrames(BundleSpec spec) {
    return new EpisodeDecoder(spec.task(), Wanted.FRAMES, Alignment.DEFAULT);
  }

  /** Decodes episodes of any outcome, or of none yet, with their actions. */
  public static EpisodeDecoder ofCourse(BundleSpec spec) {
    return new EpisodeDecoder(spec.task(), Wanted.COURSE, Alignment.DEFAULT);
  }

  /** Returns the same with other tolerances of the stamps that belong to one observation. */
  public EpisodeDecoder with(Alignment other) {
    return new EpisodeDecoder(task, wanted, other);
  }

  /** All that the result depends on beside the bag itself, which has the calibration too. */
  String recipe() {
    String recipe =
        "version %d, %s, joints %s, actions of %d, held steps %s, %s"
            .formatted(
                VERSION,
                canvas.isOneView() ? task.cameras().getFirst() : task.cameras(),
                task.jointNames(),
                task.actionSpace().dimensions(),
                refusesHeldSteps() ? "refused" : "zero",
                alignment);
    return recipe
        + ", "
        + switch (wanted) {
          case LESSON -> motion().text();
          case FRAMES -> "frames alone";
          case COURSE -> motion().text() + ", of any outcome";
        };
  }

  /**
   * Decodes the episode of a bag.
   *
   * @param arena where the frames are put
   */
  DecodedEpisode decode(Path bag, Arena arena) {
    EpisodeReader reader = EpisodeReader.open(bag, alignment, Preprocess::decode);
    if (wanted != Wanted.FRAMES) {
      motion().require(reader.configuration(), bag);
    }
    if (wanted == Wanted.LESSON) {
      refuseUnlessJudged(reader.outcome().kind());
    }
    Map<String, UnaryOperator<CameraImage>> seen = new LinkedHashMap<>();
    task.cameras().forEach(camera -> seen.put(camera.name(), preprocessed(camera, reader)));
    Episode episode = reader.read(seen);
    List<Part> parts = parts(episode);
    int[] pieces = parts.stream().mapToInt(part -> part.steps.size()).toArray();
    int steps = IntStream.of(pieces).sum();
    int length = steps + pieces.length;
    int[] order = jointOrder(episode);
    float[] joints = new float[length * order.length];
    int more = (int) parts.stream().filter(part -> part.unseen.isPresent()).count();
    boolean[] unseen = new boolean[pieces.length];
    float[] actions = new float[(steps + more) * task.actionSpace().dimensions()];
    int frameBytes = 3 * canvas.pixels();
    MemorySegment frames = arena.allocate((long) length * frameBytes);
    int frame = 0;
    int step = 0;
    for (int p = 0; p < pieces.length; p++) {
      Part part = parts.get(p);
      for (int t = 0; t <= pieces[p]; t++, frame++) {
        RecordedObservation observation = part.observation(t);
        byte[] planes = planes(observation);
        MemorySegment.copy(
            planes, 0, frames, ValueLayout.JAVA_BYTE, (long) frame * frameBytes, frameBytes);
        for (int j = 0; j < order.length; j++) {
          joints[frame * order.length + j] = (float) observation.jointPositions()[order[j]];
        }
        if (t < pieces[p] && wanted != Wanted.FRAMES) {
          copyAction(part.steps.get(t), actions, step++);
        }
      }
      unseen[p] = part.unseen.isPresent();
      if (unseen[p]) {
        copyAction(part.unseen.get(), actions, step++);
      }
    }
    return DecodedEpisode.of(
        episode.id(),
        episode.actor(),
        episode.instruction(),
        episode.outcome().success() && episode.endSeen(),
        reader.late() && episode.endSeen(),
        pieces,
        new NdArray(DType.U8, new long[] {length, 3, canvas.height(), canvas.width()}, frames),
        joints,
        unseen,
        actions,
        ChunkTiming.carriedOut(episode),
        ChunkTiming.delays(episode));
  }

  private Motion motion() {
    return Motion.of(task);
  }

  /**
   * A piece of the decoded episode.
   *
   * @param steps whose results were seen; none of a single observation
   * @param last the observation after them
   * @param unseen what was done about it, where that can be learned though its result was not seen
   */
  private record Part(List<Step> steps, RecordedObservation last, Optional<Step> unseen) {
    RecordedObservation observation(int t) {
      return t == steps.size() ? last : steps.get(t).observation();
    }
  }

  /**
   * Returns those without steps come first, so that the last one may show how the episode ended.
   */
  private List<Part> parts(Episode episode) {
    List<Part> parts = new ArrayList<>();
    episode.alone().stream()
        .filter(this::teaches)
        .forEach(step -> parts.add(new Part(List.of(), step.observation(), Optional.of(step))));
    episode
        .pieces()
        .forEach(
            piece ->
                parts.add(
                    new Part(piece.steps(), piece.last(), piece.unseen().filter(this::teaches))));
    return parts;
  }

  /** Returns whether an action can be learned of which nothing else than what was seen is known. */
  private boolean teaches(Step step) {
    return wanted == Wanted.LESSON && !(step.held() && refusesHeldSteps());
  }

  private static void refuseUnlessJudged(EpisodeOutcome.Kind outcome) {
    switch (outcome) {
      case UNLABELLED ->
          throw new IllegalArgumentException("nobody has said how it went; label it");
      case ABORTED -> throw new IllegalArgumentException("it was aborted");
      case SUCCESS, FAILURE -> {}
    }
  }

  /** Returns what a policy sees of a camera's pictures. */
  private static UnaryOperator<CameraImage> preprocessed(
      BundleSpec.Camera camera, EpisodeReader reader) {
    Preprocess preprocess =
        new Preprocess(
            camera, camera.rectify() ? reader.calibration(camera.name()) : Optional.empty());
    return image -> new CameraImage(camera.width(), camera.height(), preprocess.apply(image));
  }

  /** The canvas [3, H, W], as networks take it, of pictures [height, width, 3]. */
  private byte[] planes(RecordedObservation observation) {
    int pixels = canvas.pixels();
    byte[] planes = new byte[3 * pixels];
    for (Canvas.View view : canvas.views()) {
      byte[] rgb = Objects.requireNonNull(observation.images().get(view.camera())).rgb();
      for (int i = 0; i < rgb.length; i += 3) {
        int y = view.y() + i / 3 / view.width();
        int at = y * canvas.width() + view.x() + i / 3 % view.width();
        planes[at] = rgb[i];
        planes[pixels + at] = rgb[i + 1];
        planes[2 * pixels + at] = rgb[i + 2];
      }
    }
    return planes;
  }

  /** The place of each joint of the policy in the episode. */
  private int[] jointOrder(Episode episode) {
    int[] order = new int[task.jointNames().size()];
    for (int j = 0; j < order.length; j++) {
      order[j] = episode.jointNames().indexOf(task.jointNames().get(j));
      if (order[j] < 0) {
        throw new IllegalArgumentException(
            "it has the joints %s, and the policy needs %s; leave the bag out, or train a policy of its arm"
                .formatted(episode.jointNames(), task.jointNames()));
      }
    }
    return order;
  }

  /** A delta of zero says that the arm was held still; a position cannot. */
  private boolean refusesHeldSteps() {
    return task.actionSpace().each().stream()
        .anyMatch(
            part ->
                switch (part) {
                  case ActionSpace.EndEffector _, ActionSpace.JointDeltas _ -> false;
                  case ActionSpace.JointPositions _,
                      ActionSpace.EndEffectorPose _,
                      ActionSpace.BinaryGripper _,
                      ActionSpace.Parts _ ->
                      true;
                });
  }

  private void copyAction(Step step, float[] actions, int t) {
    int dimensions = task.actionSpace().dimensions();
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
}
