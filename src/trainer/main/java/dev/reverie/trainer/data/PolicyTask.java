package dev.reverie.trainer.data;

import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleJson;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.Language;
import dev.reverie.policy.Task;
import dev.reverie.rollout.FileErrors;
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
    HeadSpec head) {
  /** Bins of a policy whose task comes from an arm file or from bags. */
  private static final int USUAL_BINS = 21;

  /** Refuses a head that does not fit the actions. */
  public PolicyTask {
    head.check(actionSpace.dimensions());
  }

  /**
   * Reads a task file.
   *
   * @throws TrainerException where it is none, with the key
   */
  public static PolicyTask read(Path file) {
    try {
      return BundleJson.parse(
          Files.readAllBytes(file), "task file " + file.toAbsolutePath(), PolicyTask.class);
    } catch (BundleException e) {
      throw new TrainerException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new TrainerException(
          "the task file %s cannot be read: %s; give a task file, docs/training.md has one"
              .formatted(file.toAbsolutePath(), FileErrors.reason(e)),
          e);
    }
  }

  /** Returns the task of a new policy of an arm. */
  public static PolicyTask of(Task arm) {
    return new PolicyTask(
        arm.cameras(),
        arm.jointNames(),
        arm.actionSpace(),
        arm.chunk(),
        HeadSpec.tokens(USUAL_BINS));
  }

  /** Returns what it says of the arm, whichever policy moves it. */
  Task arm() {
    return new Task(cameras, jointNames, actionSpace, chunk);
  }

  /**
   * Returns the same with some of its cameras.
   *
   * @param wanted names of them; none: all
   */
  public PolicyTask seeing(List<String> wanted) {
    List<String> names = cameras.stream().map(BundleSpec.Camera::name).toList();
    for (String camera : wanted) {
      if (!names.contains(camera)) {
        throw new TrainerException(
            "there is no camera '%s' for a policy; there are %s".formatted(camera, names));
      }
    }
    List<BundleSpec.Camera> seen =
        cameras.stream().filter(c -> wanted.isEmpty() || wanted.contains(c.name())).toList();
    return new PolicyTask(seen, jointNames, actionSpace, chunk, head);
  }

  /** The simulated arm's. */
  public static PolicyTask simulatedArm() {
    try (InputStream in =
        Objects.requireNonNull(PolicyTask.class.getResourceAsStream("simulated-arm.json"))) {
      return BundleJson.parse(in.readAllBytes(), "simulated-arm.json", PolicyTask.class);
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
        Language.words(List.copyOf(words), longest),
        List.of(),
        BundleSpec.Lineage.NONE);
  }

  private static List<String> words(String instruction) {
    return List.of(instruction.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")).stream()
        .filter(word -> !word.isEmpty())
        .toList();
  }
}
