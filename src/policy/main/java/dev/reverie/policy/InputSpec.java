package dev.reverie.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The source that an input of the graph is bound to. Shapes: B the batch, T observations of a
 * history, L the instruction's tokens, J joints, and of the graph's chunk K' rows of D' values
 * ({@link GraphSpec.Actions}).
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "source")
@JsonSubTypes({
  @JsonSubTypes.Type(value = InputSpec.Camera.class, name = "camera"),
  @JsonSubTypes.Type(value = InputSpec.Joints.class, name = "joints"),
  @JsonSubTypes.Type(value = InputSpec.LanguageIds.class, name = "language_ids"),
  @JsonSubTypes.Type(value = InputSpec.LanguageMask.class, name = "language_mask"),
  @JsonSubTypes.Type(value = InputSpec.Noise.class, name = "noise"),
  @JsonSubTypes.Type(value = InputSpec.Chunk.class, name = "chunk"),
  @JsonSubTypes.Type(value = InputSpec.Time.class, name = "time"),
  @JsonSubTypes.Type(value = InputSpec.ActionTokens.class, name = "action_tokens"),
  @JsonSubTypes.Type(value = InputSpec.ActionPrefix.class, name = "action_prefix"),
  @JsonSubTypes.Type(value = InputSpec.ActionPrefixLength.class, name = "action_prefix_length"),
})
public sealed interface InputSpec {
  /** Types of numbers that are measured. */
  Set<DType> FLOATS = Set.of(DType.F32, DType.F16);

  /** Types of tokens and counts. */
  Set<DType> INTEGERS = Set.of(DType.I64, DType.I32);

  /** Name of the graph's input. */
  String name();

  /** Type of its elements. */
  DType dtype();

  /** Returns whether it is another in each run of the graph for one chunk. */
  default boolean comesLate() {
    return switch (this) {
      case Chunk _, Time _, ActionTokens _ -> true;
      default -> false;
    };
  }

  /** Observations that it sees; {@link History#PRESENT} where it sees none but the present one. */
  default History seen() {
    return switch (this) {
      case Camera camera -> camera.history();
      case Joints joints -> joints.history();
      default -> History.PRESENT;
    };
  }

  /**
   * The observations that an input sees, the present one last.
   *
   * @param observations T, the length of an axis behind the batch; 0: the present one alone,
   *     without that axis
   * @param stride periods of the chunk between two of them
   */
  record History(int observations, int stride) {
    /** The present observation, without an axis of time. */
    public static final History PRESENT = new History(0, 0);

    /** Checks that several observations have a distance. */
    public History {
      if (observations < 0 || observations > 1000 || stride < 0 || stride > 1000) {
        throw new IllegalArgumentException(
            "history of %d observations, stride %d; give 0 to 1000 of each"
                .formatted(observations, stride));
      }
      if (observations > 1 && stride < 1) {
        throw new IllegalArgumentException(
            "history of %d observations without a stride; say how many periods lie between two of them"
                .formatted(observations));
      }
    }

    /** Periods before the present of each observation, the oldest first. */
    public List<Integer> ages() {
      List<Integer> ages = new ArrayList<>();
      for (int i = Math.max(1, observations) - 1; i >= 0; i--) {
        ages.add(i * stride);
      }
      return ages;
    }
  }

  /** Order of a picture's axes. */
  enum Layout {
    /** Rows, columns, colours. */
    @JsonProperty("nhwc")
    NHWC,
    /** Colours, rows, columns. */
    @JsonProperty("nchw")
    NCHW
  }

  /** The values of black and white, before normalisation. */
  enum Range {
    /** 0 and 255. */
    @JsonProperty("0_255")
    BYTES,
    /** 0 and 1. */
    @JsonProperty("0_1")
    UNIT,
    /** -1 and 1. */
    @JsonProperty("-1_1")
    SIGNED;

    /** Value of a colour's byte. */
    double of(int value) {
      return switch (this) {
        case BYTES -> value;
        case UNIT -> value / 255.0;
        case SIGNED -> value / 127.5 - 1;
      };
    }
  }

  /**
   * Pictures of a camera, [B, (T,) H, W, 3] or [B, (T,) 3, H, W]; of several cameras with an axis
   * of them before the picture's, [B, (T,) N, ..].
   *
   * @param cameras names of the spec's cameras; several are stacked, and of one size
   * @param normalise each colour, after {@code range}
   */
  record Camera(
      String name,
      List<String> cameras,
      DType dtype,
      Layout layout,
      Range range,
      Normalisation normalise,
      History history)
      implements InputSpec {
    /** Checks that bytes stay bytes. */
    public Camera {
      cameras = List.copyOf(cameras);
      if (cameras.isEmpty() || Set.copyOf(cameras).size() != cameras.size()) {
        throw new IllegalArgumentException(
            "input '%s' sees the cameras %s; name at least one, and each once"
                .formatted(name, cameras));
      }
      if (dtype == DType.U8) {
        if (range != Range.BYTES || normalise.kind() != Normalisation.Kind.NONE) {
          throw new IllegalArgumentException(
              "input '%s' is uint8 with range %s and normalise %s; give 0_255 and none, or a float type"
                  .formatted(name, EnumWords.of(range), EnumWords.of(normalise.kind())));
        }
      } else {
        requireType(name, dtype, FLOATS);
      }
      requireNoUnits(name, normalise);
    }

    /** Raw pixels of one camera, as format 1 has them. */
    static Camera raw(String name, String camera) {
      return new Camera(
          name,
          List.of(camera),
          DType.U8,
          Layout.NHWC,
          Range.BYTES,
          Normalisation.NONE,
          History.PRESENT);
    }
  }

  /**
   * Joints as measured, rad, in the order of the spec's joint names: [B, (T,) J], or [B, (T,) P].
   *
   * @param padTo P, zeros behind the joints after normalisation; 0: none
   */
  record Joints(String name, DType dtype, int padTo, Normalisation normalise, History history)
      implements InputSpec {
    /** Checks type and padding. */
    public Joints {
      requireType(name, dtype, FLOATS);
      requireNoUnits(name, normalise);
      if (padTo < 0 || padTo > 65_536) {
        throw new IllegalArgumentException(
            "input '%s' is padded to %d; give 0 to 65536".formatted(name, padTo));
      }
    }
  }

  /** Tokens of the instruction, [B, L]. */
  record LanguageIds(String name, DType dtype) implements InputSpec {
    /** Checks the type. */
    public LanguageIds {
      requireType(name, dtype, INTEGERS);
    }
  }

  /** A mask of the tokens that are no padding, [B, L]: 1 or true. */
  record LanguageMask(String name, DType dtype) implements InputSpec {
    /** Checks the type. */
    public LanguageMask {
      requireType(name, dtype, Set.of(DType.BOOL, DType.I64, DType.I32, DType.F32, DType.F16));
    }
  }

  /**
   * Standard normal noise, [B, K', D'], drawn for each chunk as the head's own is; 0 at temperature
   * 0. For graphs that make their chunks out of noise by themselves.
   */
  record Noise(String name, DType dtype) implements InputSpec {
    /** Checks the type. */
    public Noise {
      requireType(name, dtype, FLOATS);
    }
  }

  /** The noisy chunk of heads that denoise: the chunk before a step, x_t, [B, K', D']. */
  record Chunk(String name, DType dtype) implements InputSpec {
    /** Checks the type. */
    public Chunk {
      requireType(name, dtype, FLOATS);
    }
  }

  /** The time of heads that denoise: the step's time, [B]. */
  record Time(String name, DType dtype) implements InputSpec {
    /** Checks the type. */
    public Time {
      requireType(name, dtype, Set.of(DType.F32, DType.F16, DType.I64, DType.I32));
    }
  }

  /**
   * The tokens that an autoregressive head has drawn: tokens of the chunk that are drawn so far,
   * [B, K' * D'].
   */
  record ActionTokens(String name, DType dtype) implements InputSpec {
    /** Checks the type. */
    public ActionTokens {
      requireType(name, dtype, INTEGERS);
    }
  }

  /**
   * Actions that will be carried out while the chunk is made, from its first on, as the graph has
   * actions; 0 behind them: [B, K', D'] (real-time chunking, arXiv 2506.07339).
   */
  record ActionPrefix(String name, DType dtype) implements InputSpec {
    /** Checks the type. */
    public ActionPrefix {
      requireType(name, dtype, FLOATS);
    }
  }

  /**
   * The number of rows of {@link ActionPrefix} that count, [B]; 0 where nothing goes on meanwhile.
   */
  record ActionPrefixLength(String name, DType dtype) implements InputSpec {
    /** Checks the type. */
    public ActionPrefixLength {
      requireType(name, dtype, Set.of(DType.I64, DType.I32, DType.F32));
    }
  }

  private static void requireType(String name, DType dtype, Set<DType> known) {
    if (!known.contains(dtype)) {
      throw new IllegalArgumentException(
          "input '%s' is %s; its source gives %s: cast it inside of the graph"
              .formatted(
                  name, EnumWords.of(dtype), known.stream().map(EnumWords::of).sorted().toList()));
    }
  }

  private static void requireNoUnits(String name, Normalisation normalise) {
    if (normalise.kind() == Normalisation.Kind.UNITS) {
      throw new IllegalArgumentException(
          "input '%s' has normalise units, which is for actions; give none".formatted(name));
    }
  }
}
