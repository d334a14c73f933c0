package dev.reverie.importer;

import dev.reverie.arm.ArmFile;
import dev.reverie.rollout.EpisodeOutcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Says what a bag's topics are: the content of a mapping file, docs/import.md.
 *
 * @param file that it was read from
 * @param cameras topics by the cameras' names
 * @param joints where the measured positions are
 * @param commands where the arm was sent, at least one topic
 * @param description where the arm's URDF is
 * @param received whether every message counts from when the bag received it
 * @param units of the arm file's joints, where the bag measures them
 */
public record Mapping(
    Path file,
    ArmFile arm,
    SequencedMap<String, Camera> cameras,
    Joints joints,
    List<Commands> commands,
    Text description,
    Text instruction,
    Outcome outcome,
    Cut cut,
    boolean received,
    List<JointUnit> units) {
  /**
   * Reads a mapping file; names of files in it count from its folder.
   *
   * @throws ImportException where it says something that no bag can be imported by
   */
  public static Mapping read(Path file) {
    return MappingYaml.read(file);
  }

  /**
   * A camera.
   *
   * @param info topic of its calibration; empty: the one beside its pictures, if there is one
   */
  record Camera(String topic, String info) {}

  /**
   * Measured positions.
   *
   * @param topics whose messages are merged by name
   * @param names from the names in messages to those of the arm file, where they differ
   */
  record Joints(List<String> topics, Map<String, String> names) {}

  /**
   * The commands by which the arm was sent somewhere.
   *
   * @param names from the names in messages to those of the arm file, where they differ
   * @param entries joints of a row of numbers, in its order
   * @param afterNanos a command that comes so long after an observation still answers it
   * @param units of the arm file's joints
   */
  record Commands(
      String topic,
      Map<String, String> names,
      List<String> entries,
      long afterNanos,
      List<JointUnit> units) {}

  /** A text: itself, that of a topic, or that of a file. */
  sealed interface Text {
    record Given(String text) implements Text {}

    record OfTopic(String topic) implements Text {}

    record OfFile(Path file) implements Text {}
  }

  /** The way in which outcomes of episodes are told. */
  sealed interface Outcome {
    record Given(EpisodeOutcome.Kind kind) implements Outcome {}

    /**
     * The last value of a topic before the next episode.
     *
     * @param success the value that means success; empty: true, a number above zero, or "success"
     */
    record OfTopic(String topic, Optional<String> success) implements Outcome {}
  }

  /** The way in which a bag is cut into episodes. */
  sealed interface Cut {
    record Whole() implements Cut {}

    /** While a topic says true. */
    record WhileTrue(String topic) implements Cut {}

    /** A cut where no command comes for so long. */
    record Gap(long nanos) implements Cut {}

    /** Spans that a file names: begin and end in seconds, a line each. */
    record Times(Path file) implements Cut {}
  }
}
