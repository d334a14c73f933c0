package dev.reverie.trainer;

import dev.reverie.mcap.McapException;
import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Preprocess;
import dev.reverie.policy.Tokenizer;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.RecordedObservation;
import dev.reverie.rollout.RolloutSummary;
import dev.reverie.rollout.Rollouts;
import dev.reverie.rollout.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Reads recorded episodes into data sets, with the pictures as the policy sees them. What cannot be
 * learned from is skipped by name: damaged bags, episodes without an outcome, aborted ones.
 */
final class Recordings {
  private final BundleSpec spec;
  private final BundleSpec.Camera camera;
  private final Tokenizer tokenizer;
  private final List<Skipped> skipped = new ArrayList<>();

  Recordings(BundleSpec spec) {
    this.spec = spec;
    camera = onlyCamera(spec);
    tokenizer = new Tokenizer(spec.vocabulary());
  }

  /** A bag that is not used, and why. */
  record Skipped(Path bag, String reason) {}

  /**
   * The episodes of a folder.
   *
   * @param hashes SHA-256 of each bag's recording, hexadecimal, in the order of the episodes
   */
  record Folder(Dataset data, List<String> hashes) {}

  /** The distinct instructions of a folder's episodes. */
  static SortedSet<String> instructions(Path folder) {
    SortedSet<String> texts = new TreeSet<>();
    for (RolloutSummary summary : Rollouts.list(folder)) {
      if (summary.problem().isEmpty()) {
        texts.add(summary.instruction());
      }
    }
    return texts;
  }

  /** All usable episodes of these folders, one data set a folder, with one instruction table. */
  List<Folder> read(List<Path> folders) {
    List<List<Usable>> read = folders.stream().map(this::readFolder).toList();
    List<String> texts =
        List.copyOf(
            new TreeSet<>(
                read.stream().flatMap(List::stream).map(e -> e.episode.instruction).toList()));
    List<Folder> result = read.stream().map(episodes -> folder(episodes, texts)).toList();
    FreeMemory.giveAllBack(); // the pictures were Java arrays first
    return result;
  }

  /** What was skipped so far. */
  List<Skipped> skipped() {
    return skipped;
  }

  private record Usable(Sequence episode, String hash) {}

  /** One episode as tensors: frames [S+1, 3, H, W], actions [S, D], joints [S+1, J]. */
  private record Sequence(
      String id,
      String instruction,
      boolean success,
      Tensor frames,
      Tensor actions,
      Tensor joints) {
    int steps() {
      return (int) actions.size(0);
    }
  }

  private List<Usable> readFolder(Path folder) {
    List<Path> bags = Rollouts.bags(folder);
    List<Usable> episodes = new ArrayList<>();
    try (Progress progress = new Progress("reading", bags.size())) {
      for (Path bag : bags) {
        try (var _ = new PointerScope()) {
          episodes.add(new Usable(sequence(Episode.read(bag)), hash(bag)));
        } catch (EpisodeException | McapException | IllegalArgumentException e) {
          skipped.add(new Skipped(bag, String.valueOf(e.getMessage())));
        }
        progress.at(episodes.size() + skipped.size(), folder.toString());
      }
    }
    if (episodes.isEmpty()) {
      throw new TrainerException(
          "no episode in %s can be used%s"
              .formatted(
                  folder,
                  skipped.isEmpty()
                      ? "; record and label some first"
                      : ", for example: " + skipped.getLast().reason()));
    }
    return episodes;
  }

  private Sequence sequence(Episode episode) {
    EpisodeOutcome.Kind outcome = episode.outcome().kind();
    switch (outcome) {
      case UNLABELLED ->
          throw new IllegalArgumentException("nobody has said how it went; label it");
      case ABORTED -> throw new IllegalArgumentException("it was aborted");
      case SUCCESS, FAILURE -> {}
    }
    int steps = episode.steps().size();
    if (steps == 0) {
      throw new IllegalArgumentException("it has no steps");
    }
    tokenizer.encode(episode.instruction()); // refuses words that the policy does not know
    int[] order = jointOrder(episode);
    Preprocess preprocess =
        new Preprocess(
            camera, camera.rectify() ? Lens.read(episode.bag(), camera.name()) : Optional.empty());
    int size = camera.height() * camera.width() * 3;
    byte[] pixels = new byte[(steps + 1) * size];
    float[] joints = new float[(steps + 1) * order.length];
    float[] actions = new float[steps * spec.actionSpace().dimensions()];
    for (int t = 0; t <= steps; t++) {
      RecordedObservation observation = episode.observation(t);
      System.arraycopy(preprocess.apply(image(observation)), 0, pixels, t * size, size);
      for (int j = 0; j < order.length; j++) {
        joints[t * order.length + j] = (float) observation.jointPositions()[order[j]];
      }
      if (t < steps) {
        copyAction(episode.steps().get(t), actions, t);
      }
    }
    Tensor frames =
        Torch.of(pixels, steps + 1, camera.height(), camera.width(), 3)
            .permute(0, 3, 1, 2)
            .contiguous();
    return new Sequence(
        episode.id(),
        episode.instruction(),
        episode.outcome().success(),
        Torch.keep(frames),
        Torch.keep(Torch.of(actions, steps, spec.actionSpace().dimensions())),
        Torch.keep(Torch.of(joints, steps + 1, order.length)));
  }

  private CameraImage image(RecordedObservation observation) {
    CameraImage image = observation.images().get(camera.name());
    if (image == null) {
      throw new IllegalArgumentException(
          "it has the cameras %s, and the policy sees '%s'"
              .formatted(observation.images().keySet(), camera.name()));
    }
    return image;
  }

  /** The camera that the world model imagines; refuses what its networks cannot take. */
  private static BundleSpec.Camera onlyCamera(BundleSpec spec) {
    List<BundleSpec.Camera> cameras = spec.cameras();
    if (cameras.size() != 1) {
      throw new TrainerException(
          "the world model imagines one camera; the policy sees "
              + cameras.stream().map(BundleSpec.Camera::name).toList());
    }
    BundleSpec.Camera camera = cameras.getFirst();
    if (camera.width() % 8 != 0 || camera.height() % 8 != 0) {
      throw new TrainerException(
          "camera '%s' is %dx%d; the world model needs multiples of 8 pixels"
              .formatted(camera.name(), camera.width(), camera.height()));
    }
    if (spec.chunk().horizon() < WorldModel.CONTEXT_FRAMES) {
      throw new TrainerException(
          "a chunk has %d actions; the world model needs %d or more"
              .formatted(spec.chunk().horizon(), WorldModel.CONTEXT_FRAMES));
    }
    return camera;
  }

  /** Where each joint of the policy stands in the episode. */
  private int[] jointOrder(Episode episode) {
    int[] order = new int[spec.jointNames().size()];
    for (int j = 0; j < order.length; j++) {
      order[j] = episode.jointNames().indexOf(spec.jointNames().get(j));
      if (order[j] < 0) {
        throw new IllegalArgumentException(
            "it has the joints %s, and the policy needs %s"
                .formatted(episode.jointNames(), spec.jointNames()));
      }
    }
    return order;
  }

  private void copyAction(Step step, float[] actions, int t) {
    int dimensions = spec.actionSpace().dimensions();
    if (step.held()) {
      if (spec.actionSpace() instanceof ActionSpace.JointPositions) {
        throw new IllegalArgumentException(
            "the arm was held still at step %d, which joint positions cannot say".formatted(t));
      }
      return; // a delta of zero
    }
    if (step.action().length != dimensions) {
      throw new IllegalArgumentException(
          "its actions have %d dimensions, the policy's %d"
              .formatted(step.action().length, dimensions));
    }
    System.arraycopy(step.action(), 0, actions, t * dimensions, dimensions);
  }

  private Folder folder(List<Usable> episodes, List<String> texts) {
    int chunk = spec.chunk().horizon();
    int longest = episodes.stream().mapToInt(e -> e.episode.steps()).max().orElseThrow();
    int horizon = Math.ceilDiv(longest, chunk) * chunk;
    int count = episodes.size();
    try (var _ = new PointerScope()) {
      Sequence first = episodes.getFirst().episode;
      Tensor frames =
          Torch.zeros(
              ScalarType.Byte, count, horizon + 1L, 3, first.frames.size(2), first.frames.size(3));
      Tensor actions = Torch.zeros(ScalarType.Float, count, horizon, first.actions.size(1));
      Tensor joints = Torch.zeros(ScalarType.Float, count, horizon + 1L, first.joints.size(1));
      long[] steps = new long[count];
      byte[] success = new byte[count];
      long[] instruction = new long[count];
      for (int n = 0; n < count; n++) {
        try (var _ = new PointerScope()) {
          Sequence episode = episodes.get(n).episode;
          steps[n] = episode.steps();
          success[n] = (byte) (episode.success ? 1 : 0);
          instruction[n] = texts.indexOf(episode.instruction);
          fill(frames.select(0, n), episode.frames);
          fill(actions.select(0, n), episode.actions);
          fill(joints.select(0, n), episode.joints);
        }
      }
      Dataset data =
          new Dataset(
              episodes.stream().map(e -> e.episode.id).toList(),
              texts,
              tokens(texts),
              frames,
              actions,
              joints,
              Torch.of(steps, count),
              Torch.of(success, count).to(ScalarType.Bool),
              Torch.of(instruction, count));
      return new Folder(data, episodes.stream().map(Usable::hash).toList());
    }
  }

  /** Copies a sequence in, its last entry repeated to the end, and frees it. */
  private static void fill(Tensor target, Tensor sequence) {
    target.copy_(Dataset.extended(sequence.unsqueeze(0), target.size(0)).squeeze(0));
    sequence.close();
  }

  private Tensor tokens(List<String> texts) {
    long[] tokens = texts.stream().map(tokenizer::encode).flatMapToLong(Arrays::stream).toArray();
    return Torch.of(tokens, texts.size(), spec.vocabulary().length());
  }

  /** SHA-256 of the bag's recordings. */
  private static String hash(Path bag) {
    try (Stream<Path> files = Files.list(bag)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path file : files.filter(f -> f.toString().endsWith(".mcap")).sorted().toList()) {
        digest.update(Files.readAllBytes(file));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + bag, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
