package dev.reverie.report;

import java.util.List;
import java.util.Locale;

/**
 * Numbers with their intervals on one scale, which begins or ends at zero: a line a name, a colour
 * a number.
 *
 * @param most is on the scale whether a number reaches it or not, such as 1 for shares
 */
public record IntervalChart(String title, double most, List<Row> rows) {
  private static final int WIDTH = 500;
  private static final int LEFT = 190;
  private static final int RIGHT = 16;
  private static final int TOP = 26;
  private static final int LINE = 15;
  private static final int GAP = 9;
  private static final int TICKS = 4;

  /** Numbers that share a name. */
  public record Row(String name, List<Mark> marks) {}

  /**
   * A number in the chart.
   *
   * @param colour "blue", "gold", "green" or "grey"
   */
  public record Mark(String colour, Interval interval) {}

  public IntervalChart {
    rows = List.copyOf(rows);
  }

  /** The chart as SVG; it takes the width that it is given. */
  public String svg() {
    double low = bound(true);
    double high = bound(false);
    double span = high > low ? high - low : Math.max(1e-9, Math.abs(high));
    var body = new StringBuilder();
    int y = TOP;
    for (Row row : rows) {
      int begin = y;
      for (Mark mark : row.marks()) {
        y += LINE;
        Interval e = mark.interval();
        boolean interval = !Double.isNaN(e.low());
        double from = x(interval ? e.low() : e.value(), low, span);
        double to = x(interval ? e.high() : e.value(), low, span);
        body.append(
            String.format(
                Locale.ROOT,
                "<path d=\"M%.1f %dH%.1f\" class=\"interval %4$s\"/><circle cx=\"%5$.1f\" cy=\"%2$d\" r=\"4\" class=\"%4$s\"/>%n",
                from,
                y - 4,
                Math.max(to, from + 0.5),
                mark.colour(),
                x(e.value(), low, span)));
      }
      body.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
              LEFT - 12,
              (begin + LINE + y) / 2,
              Page.escape(row.name())));
      y += GAP;
    }
    return String.format(
        Locale.ROOT,
        "<svg viewBox=\"0 0 %d %d\" role=\"img\"><text x=\"4\" y=\"14\" class=\"title\">%s</text>%n%s%s</svg>%n",
        WIDTH,
        y + 20,
        Page.escape(title),
        scale(low, span, y),
        body);
  }

  /** Lines at round numbers. */
  private static String scale(double low, double span, int y) {
    double power = Math.pow(10, Math.floor(Math.log10(span / TICKS)));
    double wanted = span / TICKS / power; // 1 to 10
    double step = power * (wanted > 7 ? 10 : wanted > 3.5 ? 5 : wanted > 1.5 ? 2 : 1);
    int decimals = (int) Math.max(0, Math.ceil(-Math.log10(step)));
    var s = new StringBuilder();
    for (double value = Math.ceil(low / step) * step; value <= low + span; value += step) {
      s.append(
          String.format(
              Locale.ROOT,
              "<path d=\"M%.1f %dV%d\" class=\"grid\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
              x(value, low, span),
              TOP,
              y,
              x(value, low, span),
              y + 15,
              String.format(Locale.ROOT, "%." + decimals + "f", value + 0.0)));
    }
    return s.toString();
  }

  private static double x(double value, double low, double span) {
    return LEFT + (value - low) / span * (WIDTH - LEFT - RIGHT);
  }

  /** Shares and distances begin at zero; what may be negative ends there. */
  private double bound(boolean least) {
    double bound = least ? 0 : most;
    for (Row row : rows) {
      for (Mark mark : row.marks()) {
        Interval e = mark.interval();
        for (double value : new double[] {e.value(), e.low(), e.high()}) {
          if (!Double.isNaN(value)) {
            bound = least ? Math.min(bound, value) : Math.max(bound, value);
          }
        }
      }
    }
    return bound;
  }
}
