package dev.reverie.policy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Describes what a policy expects and what its output means: the content of {@code bundle.json}.
 *
 * @param format version of this format, {@link #FORMAT}
 * @param cameras one graph input {@code image.<name>} each
 * @param jointNames order of the graph input {@code joint_positions}
 * @param frozen float initializers that training leaves alone, such as normalisation statistics
 * @param files SHA-256 of every other file of the bundle by name; filled in by {@link PolicyBundle}
 */
public record BundleSpec(
    int format,
    List<Camera> cameras,
    List<String> jointNames,
    ActionSpace actionSpace,
    Chunk chunk,
    HeadSpec head,
    Vocabulary vocabulary,
    List<String> frozen,
    Lineage lineage,
    SortedMap<String, String> files) {
  /** The version of the format that is written and read. */
  public static final int FORMAT = 1;

  /** Checks the format and that names differ, and copies the collections. */
  public BundleSpec {
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "format %d; this version reads format %d".formatted(format, FORMAT));
    }
    cameras = List.copyOf(cameras);
    jointNames = List.copyOf(jointNames);
    frozen = List.copyOf(frozen);
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    distinct("camera", cameras.stream().map(Camera::name).toList());
    distinct("joint", jointNames);
    head.check(actionSpace.dimensions());
  }

  /** A spec of a policy that is not saved yet. */
  public BundleSpec(
      List<Camera> cameras,
      List<String> jointNames,
      ActionSpace actionSpace,
      Chunk chunk,
      HeadSpec head,
      Vocabulary vocabulary,
      List<String> frozen,
      Lineage lineage) {
    this(
        FORMAT,
        cameras,
        jointNames,
        actionSpace,
        chunk,
        head,
        vocabulary,
        frozen,
        lineage,
        new TreeMap<>());
  }

  /** Returns what it says of the arm, whichever policy moves it. */
  public Task task() {
    return new Task(cameras, jointNames, actionSpace, chunk);
  }

  /** The same spec with another history. */
  public BundleSpec withLineage(Lineage value) {
    return new BundleSpec(
        format, cameras, jointNames, actionSpace, chunk, head, vocabulary, frozen, value, files);
  }

  /** The same spec with other initializers that training leaves alone. */
  public BundleSpec withFrozen(List<String> value) {
    return new BundleSpec(
        format, cameras, jointNames, actionSpace, chunk, head, vocabulary, value, lineage, files);
  }

  BundleSpec withFiles(Map<String, String> value) {
    return new BundleSpec(
        format,
        cameras,
        jointNames,
        actionSpace,
        chunk,
        head,
        vocabulary,
        frozen,
        lineage,
        new TreeMap<>(value));
  }

  /**
   * A camera view that the policy sees.
   *
   * @param width of the graph's input, pixels
   * @param height of the graph's input, pixels
   * @param rectify whether lens distortion is removed with the camera's calibration first
   * @param crop the part of the picture that is resized to width x height
   */
  public record Camera(String name, int width, int height, boolean rectify, Crop crop) {
    /** Checks the size. */
    public Camera {
      if (width < 1 || height < 1 || width > 16384 || height > 16384) {
        throw new IllegalArgumentException(
            "camera '%s' is %dx%d; give 1 to 16384 pixels a side".formatted(name, width, height));
      }
    }

    /** The whole picture, as it comes. */
    public Camera(String name, int width, int height) {
      this(name, width, height, false, Crop.NONE);
    }
  }

  /** A rectangle of a picture of any size: fractions of its width and height, from the top left. */
  public record Crop(double x, double y, double width, double height) {
    /** The whole picture. */
    public static final Crop NONE = new Crop(0, 0, 1, 1);

    /** Checks that it lies within the picture. */
    public Crop {
      if (!(x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 1 && y + height <= 1)) {
        throw new IllegalArgumentException(
            "crop x %s y %s width %s height %s; give fractions of the picture between 0 and 1"
                .formatted(x, y, width, height));
      }
    }
  }

  /** K actions from one inference, one every period. */
  public record Chunk(int horizon, double periodS) {
    /** Checks that there is an action and a period. */
    public Chunk {
      if (horizon < 1 || !(periodS > 0 && periodS <= 3600)) {
        throw new IllegalArgumentException(
            "chunk of %d actions every %s s; give at least 1 action and a period above 0 s"
                .formatted(horizon, periodS));
      }
    }
  }

  /**
   * The instruction's language: {@code "words"} are lower-case, token i + 1 is word i, 0 is
   * padding; {@code "none"}: the policy takes none.
   *
   * @param length L: tokens of an instruction, padding included
   */
  public record Vocabulary(String kind, List<String> words, int length) {
    /** Checks that the kind is known and the words differ. */
    public Vocabulary {
      if (!kind.equals("words") && !kind.equals("none")) {
        throw new IllegalArgumentException(
            "vocabulary '%s' is unknown; this version knows: words, none".formatted(kind));
      }
      words = List.copyOf(words);
      distinct("word", words);
      if (kind.equals("none")) {
        if (!words.isEmpty() || length != 0) {
          throw new IllegalArgumentException(
              "vocabulary of %d words, length %d; where there is none, give no words and length 0"
                  .formatted(words.size(), length));
        }
      } else if (words.isEmpty() || length < 1) {
        throw new IllegalArgumentException(
            "vocabulary of %d words, length %d; both must be at least 1"
                .formatted(words.size(), length));
      }
    }

    /** None: the policy takes no instruction, so that any will do. */
    public static Vocabulary none() {
      return new Vocabulary("none", List.of(), 0);
    }

    /** Returns an instruction that the policy understands. */
    public String example() {
      return words.isEmpty() ? "" : words.getFirst();
    }

    /** A vocabulary of words. */
    public static Vocabulary words(List<String> words, int length) {
      return new Vocabulary("words", words, length);
    }
  }

  /**
   * The history of a policy.
   *
   * @param parent id of the bundle that training started from; empty for none
   * @param rollouts SHA-256 of the bags that it was trained on
   * @param settings the trainer's settings, names to values
   * @param measured real success as whoever wrote the bundle knew it; 0 of 0 in what the trainer
   *     writes, which nobody has tried by then
   */
  public record Lineage(
      String parent, List<String> rollouts, SortedMap<String, String> settings, Measured measured) {
    /** The history of a policy that nobody has trained. */
    public static final Lineage NONE =
        new Lineage("", List.of(), new TreeMap<>(), new Measured(0, 0));

    /** Copies the collections. */
    public Lineage {
      rollouts = List.copyOf(rollouts);
      settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
    }
  }

  /** Successes n of N episodes. */
  public record Measured(int successes, int episodes) {
    /** Checks that there are no more successes than episodes. */
    public Measured {
      if (successes < 0 || successes > episodes) {
        throw new IllegalArgumentException(successes + " successes of " + episodes + " episodes");
      }
    }
  }

  private static void distinct(String what, List<String> names) {
    if (Set.copyOf(names).size() != names.size() || names.contains("")) {
      throw new IllegalArgumentException(
          "%s names %s; give each a name of its own".formatted(what, names));
    }
  }
}
