package dev.reverie.round;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.mcap.Durable;
import dev.reverie.policy.JsonChange;
import dev.reverie.policy.JsonWords;
import dev.reverie.report.Interval;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The content of {@code state.json}: what a run of rounds is, and the rounds that have ended. What
 * a round under way has done stands in its folder alone.
 */
record LifelongState(int format, Run run, List<Ended> rounds) {
  private static final int FORMAT = 1;

  /**
   * The settings that must stay as they are from the first round to the last.
   *
   * @param arm folder of a real arm's bags; empty: the simulated one
   * @param task of the simulated arm; empty: the usual one, as in states from before
   * @param base id of the first base policy
   * @param demonstrations folder; empty: of the scripted expert
   * @param expert how many of these
   * @param preset of the trainer's settings; empty: none is named, as in states from before
   * @param settings of the trainer that are changed
   */
  record Run(
      String arm,
      @JsonSetter(nulls = Nulls.AS_EMPTY) String task,
      long seed,
      String base,
      String demonstrations,
      int expert,
      @JsonSetter(nulls = Nulls.AS_EMPTY) String preset,
      JsonNode settings) {
    Run {
      requireThere("run", "arm", arm);
      requireThere("run", "base", base);
      requireThere("run", "demonstrations", demonstrations);
      requireThere("run", "settings", settings);
    }
  }

  /**
   * A round that has ended.
   *
   * @param base id of the policy that it began with
   * @param improved id of the policy that it trained
   * @param taken whether that one is the next base
   * @param real success of the base policy
   * @param improvedReal of the other; absent where imagination was not to be believed
   * @param gain in real success
   * @param drift imagined less real success of the policy that the next round begins with
   * @param drifted whether that is surely too far, so that the next round asks for new rollouts
   * @param episodes that were run on the arm for this round, evaluation included
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Ended(
      int number,
      String base,
      String improved,
      boolean taken,
      Success real,
      @Nullable Success improvedReal,
      @Nullable Interval gain,
      boolean believed,
      Interval drift,
      boolean drifted,
      int episodes) {
    Ended {
      requireThere("rounds", "base", base);
      requireThere("rounds", "improved", improved);
      requireThere("rounds", "real", real);
      requireThere("rounds", "drift", drift);
    }

    /** Id of the policy that the next round begins with. */
    String next() {
      return taken ? improved : base;
    }
  }

  static LifelongState begin(Run run) {
    return new LifelongState(FORMAT, run, List.of());
  }

  /** The state in a folder; empty where there is none. */
  static Optional<LifelongState> read(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode root = RoundSummary.JSON.readTree(file.toFile());
      if (!root.isObject()) {
        throw none(file, root.isMissingNode() ? "it is empty" : "it is no group of keys", null);
      }
      if (root.path("format").asInt() != FORMAT) {
        throw new RoundException(
            "%s has the format %s, and this version knows %d"
                .formatted(file, root.path("format"), FORMAT));
      }
      if (!root.path("run").isObject() || !root.path("rounds").isArray()) {
        throw none(file, "it has no 'run' or no 'rounds'", null);
      }
      for (JsonNode round : root.path("rounds")) {
        if (!round.isObject()) {
          throw none(file, "one of its 'rounds' is no group of keys", null);
        }
      }
      return Optional.of(RoundSummary.JSON.treeToValue(root, LifelongState.class));
    } catch (JsonProcessingException e) {
      boolean garbled = e instanceof JsonParseException && !(e instanceof JsonEOFException);
      throw none(file, garbled ? "it is cut off, or no JSON" : JsonWords.reason(e), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static RoundException none(Path file, String why, @Nullable Exception e) {
    String told =
        "%s is not the state of a run: %s; restore it or name another --out".formatted(file, why);
    return e == null ? new RoundException(told) : new RoundException(told, e);
  }

  /**
   * Refuses what a file leaves out.
   *
   * @throws IllegalArgumentException with the key
   */
  private static void requireThere(String group, String key, @Nullable Object value) {
    if (value == null) {
      throw new IllegalArgumentException("'%s' has no '%s'".formatted(group, key));
    }
  }

  /** Refuses to go on as another run. */
  void require(Run now, Path folder) {
    requireSame(folder, "arm", run.arm(), now.arm());
    requireSame(folder, "--seed", run.seed(), now.seed());
    requireSame(folder, "base policy in --models", run.base(), now.base());
    requireSame(folder, "--demonstrations", run.demonstrations(), now.demonstrations());
    requireSame(folder, "--expert", run.expert(), now.expert());
    requireSame(folder, "--preset", run.preset(), now.preset());
    List<JsonChange> changes = JsonChange.between(run.settings(), now.settings());
    if (!changes.isEmpty()) {
      throw new RoundException(
          "the run in %s has other --settings: %s; all of its rounds are trained alike, so give the same, or another --out"
              .formatted(
                  folder,
                  changes.stream().map(JsonChange::toString).collect(Collectors.joining("; "))));
    }
  }

  private static void requireSame(Path folder, String what, Object then, Object now) {
    if (!then.equals(now)) {
      throw new RoundException(
          "the run in %s has '%s' as its %s, and not '%s'; give the same, or another --out"
              .formatted(folder, then, what, now));
    }
  }

  LifelongState with(Ended round) {
    List<Ended> all = new ArrayList<>(rounds);
    all.add(round);
    return new LifelongState(format, run, all);
  }

  void write(Path file) {
    try {
      Durable.write(
          file, RoundSummary.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
