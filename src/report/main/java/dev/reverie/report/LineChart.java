package dev.reverie.report;

import java.util.List;
import java.util.Locale;

/** One curve over a horizontal axis. */
public record LineChart(String title, String horizontal, List<Point> points) {
  /** A point of the curve. */
  public record Point(double x, double y) {}

  private static final int WIDTH = 320;
  private static final int HEIGHT = 170;
  private static final int LEFT = 52;
  private static final int BOTTOM = 30;
  private static final int TOP = 24;
  private static final int RIGHT = 10;

  /** The chart as SVG; it takes the width that it is given. */
  public String svg() {
    double xLow = points.stream().mapToDouble(Point::x).min().orElse(0);
    double xHigh = points.stream().mapToDouble(Point::x).max().orElse(1);
    double yLow = points.stream().mapToDouble(Point::y).min().orElse(0);
    double yHigh = points.stream().mapToDouble(Point::y).max().orElse(1);
    double xSpan = xHigh > xLow ? xHigh - xLow : 1;
    double ySpan = yHigh > yLow ? yHigh - yLow : 1;
    var line = new StringBuilder();
    for (Point p : points) {
      double x = LEFT + (p.x() - xLow) / xSpan * (WIDTH - LEFT - RIGHT);
      double y = HEIGHT - BOTTOM - (p.y() - yLow) / ySpan * (HEIGHT - BOTTOM - TOP);
      line.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
    }
    return String.format(
        Locale.ROOT,
        """
        <svg viewBox="0 0 %d %d" role="img">
        <text x="%d" y="14" class="title">%s</text>
        <path d="M%d %dV%dH%d" class="axis"/>
        <text x="%d" y="%d" text-anchor="end">%s</text><text x="%d" y="%d" text-anchor="end">%s</text>
        <text x="%d" y="%d">%s</text><text x="%d" y="%d" text-anchor="end">%s %s</text>
        <polyline points="%s" class="curve"/>
        </svg>
        """,
        WIDTH,
        HEIGHT,
        LEFT,
        Page.escape(title),
        LEFT,
        TOP,
        HEIGHT - BOTTOM,
        WIDTH - RIGHT,
        LEFT - 4,
        HEIGHT - BOTTOM,
        number(yLow),
        LEFT - 4,
        TOP + 8,
        number(yHigh),
        LEFT,
        HEIGHT - BOTTOM + 14,
        number(xLow),
        WIDTH - RIGHT,
        HEIGHT - BOTTOM + 14,
        Page.escape(horizontal),
        number(xHigh),
        line);
  }

  private static String number(double v) {
    if (v == Math.rint(v) && Math.abs(v) < 1e6) {
      return Long.toString((long) v);
    }
    return String.format(Locale.ROOT, Math.abs(v) < 0.01 ? "%.1e" : "%.3g", v);
  }
}
