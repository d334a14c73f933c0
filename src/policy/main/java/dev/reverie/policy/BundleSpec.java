package dev.reverie.policy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Describes what a policy expects and what its output means: the content of {@code bundle.json}.
 * Both formats are read into this; what format 1 cannot say is as its graphs have it.
 *
 * @param format version of the format that it is written in, 1 or {@link #FORMAT}
 * @param cameras that the policy sees
 * @param jointNames that are measured and commanded, in their order
 * @param graph how the graph is bound to all that
 * @param execution what of a chunk is carried out, where the node's parameters say nothing
 * @param files SHA-256 of every other file of the bundle by name; filled in by {@link PolicyBundle}
 */
public record BundleSpec(
    int format,
    List<Camera> cameras,
    List<String> jointNames,
    ActionSpace actionSpace,
    Chunk chunk,
    GraphSpec graph,
    HeadSpec head,
    Language language,
    ParameterSpec parameters,
    Execution execution,
    Limits limits,
    Probe probe,
    Lineage lineage,
    SortedMap<String, String> files) {
  /** The newest version of the format. */
  public static final int FORMAT = 2;

  /** Checks the format and that names differ, and copies the collections. */
  public BundleSpec {
    requireFormat(format);
    cameras = List.copyOf(cameras);
    jointNames = List.copyOf(jointNames);
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    distinct("camera", cameras.stream().map(Camera::name).toList());
    distinct("joint", jointNames);
    head.check(actionSpace.dimensions());
    if (format == 1 && head instanceof HeadSpec.Autoregressive) {
      throw new IllegalArgumentException(
          "head autoregressive in format 1, which cannot say where tokens go in; write format 2");
    }
    if (format == FORMAT) {
      SpecCheck.check(cameras, actionSpace, chunk, graph, head, language, execution);
    }
  }

  static void requireFormat(int format) {
    if (format != 1 && format != FORMAT) {
      throw new IllegalArgumentException(
          "format %d; this version reads format 1 and format %d".formatted(format, FORMAT));
    }
  }

  /**
   * A spec of format 1 of a policy that is not saved yet.
   *
   * @param frozen float initializers that training leaves alone, such as normalisation statistics
   */
  public BundleSpec(
      List<Camera> cameras,
      List<String> jointNames,
      ActionSpace actionSpace,
      Chunk chunk,
      HeadSpec head,
      Language language,
      List<String> frozen,
      Lineage lineage) {
    this(
        1,
        cameras,
        jointNames,
        actionSpace,
        chunk,
        GraphSpec.FORMAT_1,
        head,
        language,
        ParameterSpec.allBut(frozen),
        Execution.WHOLE,
        Limits.NONE,
        Probe.DEFAULT,
        lineage,
        new TreeMap<>());
  }

  /** Returns what it says of the arm, whichever policy moves it. */
  public Task task() {
    return new Task(cameras, jointNames, actionSpace, chunk);
  }

  /** The same spec with another history. */
  public BundleSpec withLineage(Lineage value) {
    return with(parameters, value, files);
  }

  /** The same spec with other initializers that training leaves alone. */
  public BundleSpec withFrozen(List<String> value) {
    return with(
        new ParameterSpec(parameters.trained(), value, parameters.adapters()), lineage, files);
  }

  /** The same spec that trains other weights. */
  public BundleSpec withParameters(ParameterSpec value) {
    return with(value, lineage, files);
  }

  BundleSpec withFiles(Map<String, String> value) {
    return with(parameters, lineage, new TreeMap<>(value));
  }

  private BundleSpec with(
      ParameterSpec trained, Lineage history, SortedMap<String, String> hashes) {
    return new BundleSpec(
        format,
        cameras,
        jointNames,
        actionSpace,
        chunk,
        graph,
        head,
        language,
        trained,
        execution,
        limits,
        probe,
        history,
        hashes);
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

    /** The same for pictures that are rectified already. */
    Camera straight() {
      return new Camera(name, width, height, false, crop);
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

    /** Whole pixels of a picture. */
    public record Part(int left, int top, int width, int height) {}

    /** The pixels that it is in a picture of some size; at least one. */
    public Part of(int pictureWidth, int pictureHeight) {
      int left = (int) Math.rint(x * pictureWidth);
      int top = (int) Math.rint(y * pictureHeight);
      int right = Math.max(left + 1, (int) Math.rint((x + width) * pictureWidth));
      int bottom = Math.max(top + 1, (int) Math.rint((y + height) * pictureHeight));
      return new Part(
          left, top, Math.min(right, pictureWidth) - left, Math.min(bottom, pictureHeight) - top);
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
   * The part of a chunk that is carried out.
   *
   * @param actions of a chunk before the next one goes on; 0: all
   * @param ensemble m of ACT's temporal ensemble; below 0: none
   */
  public record Execution(int actions, double ensemble) {
    /** All actions of a chunk, then the next. */
    public static final Execution WHOLE = new Execution(0, -1);

    /** Checks the numbers. */
    public Execution {
      if (actions < 0 || actions > 1000 || !(ensemble >= -1 && ensemble <= 100)) {
        throw new IllegalArgumentException(
            "execution of %d actions, ensemble %s; give 0 to 1000 actions and -1 to 100"
                .formatted(actions, ensemble));
      }
    }
  }

  /**
   * Bounds of what the policy may take on the robot; 0: it is not limited.
   *
   * @param loadS seconds until it is loaded and warm
   * @param inferenceS seconds of an inference
   * @param memoryMb MiB of the process that it may add
   */
  public record Limits(double loadS, double inferenceS, int memoryMb) {
    /** No limits. */
    public static final Limits NONE = new Limits(0, 0, 0);

    /** Checks the numbers. */
    public Limits {
      if (!(loadS >= 0 && loadS <= 86_400 && inferenceS >= 0 && inferenceS <= 3600)
          || memoryMb < 0) {
        throw new IllegalArgumentException(
            "limits load_s %s, inference_s %s, memory_mb %d; give seconds and MiB from 0 on, 86400 s and 3600 s at most"
                .formatted(loadS, inferenceS, memoryMb));
      }
    }
  }

  /**
   * A tolerance: how far the graph's outputs may be from those in {@code probe.safetensors}, if it
   * is there.
   *
   * @param tolerance of the largest value of an output
   */
  public record Probe(double tolerance) {
    /** Bounds of the difference that summing in another order makes, and more. */
    public static final Probe DEFAULT = new Probe(1e-3);

    /** Checks the number. */
    public Probe {
      if (!(tolerance > 0 && tolerance <= 1)) {
        throw new IllegalArgumentException(
            "probe with tolerance %s; give more than 0 and at most 1".formatted(tolerance));
      }
    }
  }

  /**
   * The history of a policy.
   *
   * @param parent id of the bundle that training started from; empty for none
   * @param rollouts SHA-256 of the bags that it was trained on
   * @param settings the trainer's settings, names to values
   * @param measured real success as whoever wrote the bundle knew it: of the parent where there is
   *     one, in those of the bags that are its own, since nobody has tried the child by then; else
   *     of the policy itself; 0 of 0 where nothing is known
   */
  public record Lineage(
      String parent, List<String> rollouts, SortedMap<String, String> settings, Measured measured) {
    /** The history of a policy that nobody has trained. */
    public static final Lineage NONE =
        new Lineage("", List.of(), new TreeMap<>(), new Measured(0, 0));

    /** Before the name of a network, in the settings: SHA-256 of its weights. */
    private static final String NETWORK = "weights.";

    /** Copies the collections. */
    public Lineage {
      rollouts = List.copyOf(rollouts);
      settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
    }

    /** Key of the settings under which the SHA-256 of a network's weights stands. */
    public static String network(String name) {
      return NETWORK + name;
    }

    /** SHA-256 of the weights of the networks that it practised with, as far as it tells. */
    public SortedMap<String, String> networks() {
      SortedMap<String, String> networks = new TreeMap<>();
      settings.forEach(
          (key, value) -> {
            if (key.startsWith(NETWORK)) {
              networks.put(key.substring(NETWORK.length()), value);
            }
          });
      return networks;
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

  /** Refuses what is no plain name of a file of the bundle. */
  static void requireFileName(String what, String file) {
    if (!file.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      throw new IllegalArgumentException(
          "%s is '%s'; give the plain name of a file in the bundle".formatted(what, file));
    }
  }

  static void distinct(String what, List<String> names) {
    if (Set.copyOf(names).size() != names.size() || names.contains("")) {
      throw new IllegalArgumentException(
          "%s names %s; give each a name of its own".formatted(what, names));
    }
  }
}
