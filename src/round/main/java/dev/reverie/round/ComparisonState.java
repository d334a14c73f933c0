package dev.reverie.round;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.reverie.mcap.Durable;
import dev.reverie.policy.JsonWords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The content of {@code comparison.json}: what is compared, and the episodes that have ended. */
record ComparisonState(Setting setting, List<Trial> trials, List<LeftOut> leftOut) {
  ComparisonState {
    leftOut = leftOut == null ? List.of() : List.copyOf(leftOut); // a file of before has none
  }

  /**
   * The settings that must stay as they are from the first episode to the last.
   *
   * @param a id of policy A
   * @param b id of policy B
   * @param arm name of the robot node; empty: the simulated arm
   * @param instruction empty: the node's own, or the scene's
   */
  record Setting(
      String a, String b, String arm, String instruction, float temperature, long seed) {}

  /**
   * An episode that counts.
   *
   * @param pair number of the pair, from 0
   * @param policy which of the two acted
   * @param episode id of the episode
   * @param bag folder of its rollout, as the node told it
   * @param reason who said how it went, and why
   */
  record Trial(int pair, Side policy, boolean success, String episode, String bag, String reason) {}

  /**
   * An episode that does not count, and was run again.
   *
   * @param pair number of the pair, from 0
   */
  record LeftOut(
      int pair, Side policy, TrialArm.Why why, String episode, String bag, String reason) {}

  /** The two policies. */
  enum Side {
    A,
    B
  }

  /** The state in a file, new where there is none. */
  static ComparisonState open(Path file, Setting setting) {
    if (!Files.exists(file)) {
      return new ComparisonState(setting, List.of(), List.of());
    }
    ComparisonState state = read(file);
    if (!state.setting.equals(setting)) {
      throw new RoundException(
          "%s compares %s, and not %s; give the same, or another --out"
              .formatted(file, state.setting, setting));
    }
    return state;
  }

  private static ComparisonState read(Path file) {
    try {
      @Nullable ComparisonState state =
          RoundSummary.JSON.readValue(file.toFile(), ComparisonState.class);
      if (state != null && state.setting != null && state.trials != null) {
        return state;
      }
      throw new RoundException(
          "%s has no 'setting' or no 'trials'; restore it, or name another --out".formatted(file));
    } catch (JsonProcessingException e) {
      throw new RoundException(
          "%s is no comparison: %s; restore it, or name another --out"
              .formatted(file, JsonWords.reason(e)),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  ComparisonState and(Trial trial) {
    List<Trial> all = new ArrayList<>(trials);
    all.add(trial);
    return new ComparisonState(setting, all, leftOut);
  }

  ComparisonState and(LeftOut episode) {
    List<LeftOut> all = new ArrayList<>(leftOut);
    all.add(episode);
    return new ComparisonState(setting, trials, all);
  }

  void write(Path file) {
    try {
      Durable.write(
          file, RoundSummary.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /** The outcomes of a policy, in the order of the pairs. */
  List<Boolean> outcomes(Side side) {
    return trials.stream().filter(t -> t.policy() == side).map(Trial::success).toList();
  }

  /** The pairs of which both episodes have ended. */
  PairedTest test() {
    List<Boolean> a = outcomes(Side.A);
    List<Boolean> b = outcomes(Side.B);
    PairedTest test = PairedTest.BEGIN;
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      test = test.and(a.get(i), b.get(i));
    }
    return test;
  }
}
