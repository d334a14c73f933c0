package dev.reverie.round;

import java.util.List;
import java.util.Locale;

/** Success rates on one scale from 0 to 1, those of real episodes with their intervals, as SVG. */
final class SuccessChart {

  /** One row; {@code low} and {@code high} equal {@code rate} where there is no interval. */
  record Row(String name, double rate, double low, double high, boolean real) {

    static Row real(String name, Success s) {
      return new Row(name, s.rate(), s.low(), s.high(), true);
    }

    static Row imagined(String name, double rate) {
      return new Row(name, rate, rate, rate, false);
    }
  }

  private static final int WIDTH = 640;
  private static final int ROW = 30;
  private static final int LEFT = 170;
  private static final int RIGHT = 60;

  private SuccessChart() {}

  static String svg(List<Row> rows) {
    int height = rows.size() * ROW + 26;
    var s = new StringBuilder();
    s.append(
        String.format(
            "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">%n",
            WIDTH, height, WIDTH, height));
    for (int tick = 0; tick <= 10; tick += 2) {
      double x = x(tick / 10.0);
      s.append(
          String.format(
              Locale.ROOT,
              "<path d=\"M%.1f 4V%d\" class=\"grid\"/><text x=\"%.1f\" y=\"%d\""
                  + " text-anchor=\"middle\">%.1f</text>%n",
              x,
              height - 20,
              x,
              height - 6,
              tick / 10.0));
    }
    for (int i = 0; i < rows.size(); i++) {
      Row r = rows.get(i);
      double y = i * ROW + 8;
      s.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text><rect x=\"%d\" y=\"%.1f\""
                  + " width=\"%.1f\" height=\"16\" class=\"%s\"/><path d=\"M%.1f %.1fH%.1f\""
                  + " class=\"interval\"/><text x=\"%.1f\" y=\"%.1f\">%.3f</text>%n",
              LEFT - 8,
              y + 12,
              Html.escape(r.name()),
              LEFT,
              y,
              x(r.rate()) - LEFT,
              r.real() ? "real" : "imagined",
              x(r.low()),
              y + 8,
              x(r.high()),
              x(r.high()) + 6,
              y + 12,
              r.rate()));
    }
    return s.append("</svg>\n").toString();
  }

  private static double x(double rate) {
    return LEFT + rate * (WIDTH - LEFT - RIGHT);
  }
}
