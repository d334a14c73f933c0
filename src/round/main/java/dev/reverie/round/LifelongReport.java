package dev.reverie.round;

import dev.reverie.mcap.Durable;
import dev.reverie.report.Interval;
import dev.reverie.report.IntervalChart;
import dev.reverie.report.Page;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The page of a run of rounds: success over the rounds, what was decided, and what it took. */
final class LifelongReport {
  private LifelongReport() {}

  /** Writes {@code index.html} into the folder of a run. */
  static void write(Path folder, LifelongState state) {
    try {
      Durable.writeUnforced(folder.resolve("index.html"), html(state));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the overview of " + folder, e);
    }
  }

  private static String html(LifelongState state) {
    List<IntervalChart.Row> rows = new ArrayList<>();
    var table = new StringBuilder();
    int episodes = 0;
    for (LifelongState.Ended round : state.rounds()) {
      episodes += round.episodes();
      List<IntervalChart.Mark> marks = new ArrayList<>();
      marks.add(new IntervalChart.Mark("blue", round.real().interval()));
      Success improved = round.improvedReal();
      if (improved != null) {
        marks.add(new IntervalChart.Mark(round.taken() ? "green" : "grey", improved.interval()));
      }
      rows.add(new IntervalChart.Row("round " + round.number(), marks));
      table.append(row(round, episodes));
    }
    String body =
        """
        <h1>Round after round, seed %d</h1>
        <div class="charts" style="--least:460px;--most:620px">%s</div>
        <p>Real success with its 95 %% interval: blue the policy that a round began with, green the
        one that it trained and that the next round begins with, grey one that was not taken.
        A policy is taken where the interval of its gain lies above zero.</p>
        <div class="scroll"><table><tr><th>round</th><th>base</th><th>trained</th><th>gain, points</th>
        <th>next round begins with</th><th>imagined above real, points</th>
        <th>episodes on the arm, in all</th><th></th></tr>
        %s</table></div>
        """
            .formatted(state.run().seed(), new IntervalChart("Success", 1, rows).svg(), table);
    return Page.html("Reverie: round after round", body);
  }

  private static String row(LifelongState.Ended round, int episodes) {
    Success improved = round.improvedReal();
    Interval gain = round.gain();
    String decision =
        round.taken()
            ? "the trained policy"
            : round.believed() ? "its base, again" : "its base: imagination is not believed";
    return "<tr><td>%d</td><td>%s</td><td>%s</td><td>%s</td><td>%s <code>%s</code></td><td>%s%s</td><td class=\"n\">%d</td><td><a href=\"rounds/%04d/report.html\">page</a></td></tr>%n"
        .formatted(
            round.number(),
            round.real(),
            improved == null ? "not tried" : improved.toString(),
            gain == null ? "" : points(gain),
            decision,
            Page.escape(Page.shortId(round.next())),
            points(round.drift()),
            round.drifted() ? ": new rollouts" : "",
            episodes,
            round.number());
  }

  private static String points(Interval share) {
    return String.format(
        Locale.ROOT,
        "%+.1f [%+.1f, %+.1f]",
        100 * share.value(),
        100 * share.low(),
        100 * share.high());
  }
}
