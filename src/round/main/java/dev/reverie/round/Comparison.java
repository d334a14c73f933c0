package dev.reverie.round;

import dev.reverie.report.Interval;
import dev.reverie.round.ComparisonState.Side;
import dev.reverie.round.ComparisonState.Trial;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Compares two policies on an arm, by pairs of episodes from the same start in an order drawn for
 * each pair, until one is surely better, or can no longer come out so. Who looks on is not told
 * which policy acts. It goes on where it was stopped.
 */
final class Comparison {
  /** The file in the folder of a comparison. */
  static final String FILE = "comparison.json";

  static final int MOST_PAIRS = 10_000;

  /** Episodes in a row that do not count: something is wrong that more of them will not mend. */
  private static final int MOST_IN_VAIN = 5;

  private final Console console;
  private final Recorder.Recorded a;
  private final Recorder.Recorded b;
  private final int pairs;
  private final Path file;
  private ComparisonState state;

  /**
   * Begins or goes on.
   *
   * @param pairs most that are run
   * @param out folder of the comparison
   */
  Comparison(
      Console console,
      Recorder.Recorded a,
      Recorder.Recorded b,
      ComparisonState.Setting setting,
      int pairs,
      Path out) {
    this.console = console;
    this.a = a;
    this.b = b;
    this.pairs = pairs;
    file = out.resolve(FILE);
    state = ComparisonState.open(file, setting);
  }

  /** Runs what is left; the policies are told at the end. */
  void run(TrialArm arm) {
    while (goesOn()) {
      int pair = state.trials().size() / 2;
      Side side = next(pair);
      int number = state.trials().size() + 1;
      EpisodeResult result = run(arm, number, pair, side);
      state =
          state.and(
              new Trial(
                  pair,
                  side,
                  result.success(),
                  result.episodeId(),
                  result.bag().toString(),
                  result.reason()));
      state.write(file);
      console.line(
          "   %d: %s (%s)"
              .formatted(number, result.success() ? "success" : "failure", result.reason()));
    }
  }

  /** Returns whether there is a pair to end, or one more that can tell. */
  boolean goesOn() {
    PairedTest test = state.test();
    return state.trials().size() % 2 == 1
        || (test.better() == PairedTest.Better.NEITHER
            && test.pairs() < pairs
            && test.open(pairs - test.pairs()));
  }

  /** Returns which policy acts next: of the first episode of a pair drawn, then the other one. */
  private Side next(int pair) {
    boolean first = new SplittableRandom(31 * state.setting().seed() + pair).nextBoolean();
    return first == (state.trials().size() % 2 == 0) ? Side.A : Side.B;
  }

  private EpisodeResult run(TrialArm arm, int number, int pair, Side side) {
    for (int i = 0; i < MOST_IN_VAIN; i++) {
      switch (arm.run(number, pair, side == Side.A ? a : b)) {
        case TrialArm.Counted counted -> {
          return counted.episode();
        }
        case TrialArm.LeftOut out -> {
          console.line("   it does not count: %s".formatted(out.reason()));
          state =
              state.and(
                  new ComparisonState.LeftOut(
                      pair, side, out.why(), out.episodeId(), out.bag().toString(), out.reason()));
          state.write(file);
        }
      }
    }
    throw new RoundException(
        "%d episodes in a row did not count; mend what ended them, the same command goes on"
            .formatted(MOST_IN_VAIN));
  }

  /** Returns what has been found, for a person. */
  List<String> told() {
    PairedTest test = state.test();
    List<Boolean> ofA = state.outcomes(Side.A).subList(0, test.pairs());
    List<Boolean> ofB = state.outcomes(Side.B).subList(0, test.pairs());
    List<String> lines = new ArrayList<>();
    lines.add("A %s  %s".formatted(Success.of(ofA), a.bundle()));
    lines.add("B %s  %s".formatted(Success.of(ofB), b.bundle()));
    if (test.pairs() >= 2) {
      Interval gain = Success.gain(ofA, ofB);
      lines.add(
          String.format(
              Locale.ROOT,
              "B above A %+.1f [%+.1f, %+.1f] points, by %d pairs: A alone %d, B alone %d",
              100 * gain.value(),
              100 * gain.low(),
              100 * gain.high(),
              test.pairs(),
              test.onlyA(),
              test.onlyB()));
    }
    leftOut().ifPresent(lines::add);
    lines.add(verdict(test));
    return lines;
  }

  private Optional<String> leftOut() {
    List<String> each = new ArrayList<>();
    for (TrialArm.Why why : TrialArm.Why.values()) {
      long count = state.leftOut().stream().filter(one -> one.why() == why).count();
      if (count > 0) {
        each.add("%d %s".formatted(count, why.words()));
      }
    }
    return each.isEmpty()
        ? Optional.empty()
        : Optional.of("left out and run again: %s".formatted(String.join(", ", each)));
  }

  private String verdict(PairedTest test) {
    String evidence = String.format(Locale.ROOT, "evidence %.3g of 20", test.evidence());
    return switch (test.better()) {
      case A -> "A is better (%s)".formatted(evidence);
      case B -> "B is better (%s)".formatted(evidence);
      case NEITHER ->
          test.open(pairs - test.pairs())
              ? "not decided yet (%s); the same command goes on".formatted(evidence)
              : "neither is surely better (%s), and %d pairs cannot tell any more; a larger --pairs goes on"
                  .formatted(evidence, pairs);
    };
  }
}
