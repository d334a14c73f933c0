package dev.reverie.calibrate;

import java.util.ArrayList;
import java.util.List;

/**
 * Takes the views that differ from those before, and tells what is still to be shown. Measures and
 * limits are those of camera_calibration (calibrator.py: get_parameters, is_good_sample,
 * compute_goodenough).
 */
final class ViewChoice {
  /** Least sum of the differences of all measures to a view that was taken. */
  private static final double LEAST_DIFFERENCE = 0.2;

  /** Columns and rows of the parts of the picture in which corners are counted. */
  static final int PARTS = 6;

  private final List<BoardView> views = new ArrayList<>();
  private final List<Measures> measures = new ArrayList<>();
  private final int[] corners = new int[PARTS * PARTS];
  private int seen;

  /**
   * Place and size of the board in the picture, 0 to 1 each.
   *
   * @param x of its middle; 0 with its left edge at the picture's, 1 with its right one
   * @param y likewise
   * @param size root of its share of the picture
   * @param skew of its angle from a right one; 1 at 45 degrees
   */
  record Measures(double x, double y, double size, double skew) {
    static Measures of(BoardView view) {
      double[] p = view.outlineInPicture();
      double area = 0;
      double x = 0;
      double y = 0;
      for (int i = 0; i < 8; i += 2) {
        int next = (i + 2) % 8;
        area += p[i] * p[next + 1] - p[next] * p[i + 1];
        x += p[i] / 4;
        y += p[i + 1] / 4;
      }
      double side = Math.sqrt(Math.abs(area) / 2);
      double angle = angle(p);
      return new Measures(
          Math.clamp((x - side / 2) / Math.max(1, view.width() - side), 0, 1),
          Math.clamp((y - side / 2) / Math.max(1, view.height() - side), 0, 1),
          Math.min(1, side / Math.sqrt((double) view.width() * view.height())),
          Math.min(1, 2 * Math.abs(Math.PI / 2 - angle)));
    }

    /** The angle at the second of the outer corners. */
    private static double angle(double[] p) {
      double ax = p[0] - p[2];
      double ay = p[1] - p[3];
      double bx = p[4] - p[2];
      double by = p[5] - p[3];
      double cos = (ax * bx + ay * by) / (Math.hypot(ax, ay) * Math.hypot(bx, by));
      return Math.acos(Math.clamp(cos, -1, 1));
    }

    private double difference(Measures other) {
      return Math.abs(x - other.x)
          + Math.abs(y - other.y)
          + Math.abs(size - other.size)
          + Math.abs(skew - other.skew);
    }
  }

  /** Takes a view where it differs enough. */
  boolean offer(BoardView view) {
    seen++;
    if (!views.isEmpty()) {
      requireSameSize(view, views.getFirst());
    }
    Measures measured = Measures.of(view);
    if (measures.stream().anyMatch(taken -> taken.difference(measured) <= LEAST_DIFFERENCE)) {
      return false;
    }
    views.add(view);
    measures.add(measured);
    for (int i = 0; i < view.corners(); i++) {
      corners[part(view, view.image()[2 * i], view.image()[2 * i + 1])]++;
    }
    return true;
  }

  private static void requireSameSize(BoardView view, BoardView first) {
    if (view.width() != first.width() || view.height() != first.height()) {
      throw new CalibrateException(
          "a picture has %dx%d pixels, those before had %dx%d; calibrate with pictures of one size, the one that the policy will see"
              .formatted(view.width(), view.height(), first.width(), first.height()));
    }
  }

  /** The part of the picture, row by row, that a point lies in. */
  private static int part(BoardView view, double x, double y) {
    int column = Math.clamp((int) (x / view.width() * PARTS), 0, PARTS - 1);
    int row = Math.clamp((int) (y / view.height() * PARTS), 0, PARTS - 1);
    return row * PARTS + column;
  }

  List<BoardView> views() {
    return views;
  }

  /** The number of pictures in which the board was found. */
  int seen() {
    return seen;
  }

  /** The number of corners in each part of the picture, row by row. */
  int[] cornersOfParts() {
    return corners.clone();
  }

  /** Returns what is still to be shown, for a person; empty where all is. */
  List<String> missing() {
    List<String> missing = new ArrayList<>();
    addEdges(missing);
    double near = measures.stream().mapToDouble(Measures::size).max().orElse(0);
    double far = measures.stream().mapToDouble(Measures::size).min().orElse(1);
    if (near - Math.min(far, 0.4) < 0.25 || near < 0.45) {
      missing.add("the board nearer, till it fills the picture");
    } else if (far > 0.5) {
      missing.add("the board farther away");
    }
    long tilted = measures.stream().filter(m -> m.skew > 0.15).count();
    if (tilted < 4) {
      missing.add("the board tilted by 30 degrees and more, to the side and to the back");
    }
    return missing;
  }

  private void addEdges(List<String> missing) {
    String[] names = {"top left", "top", "top right", "left", "middle", "right"};
    String[] lower = {"bottom left", "bottom", "bottom right"};
    List<String> empty = new ArrayList<>();
    for (int block = 0; block < 9; block++) {
      int row = Math.floorDiv(block, 3);
      int column = block % 3;
      int count = 0;
      for (int part = 0; part < corners.length; part++) {
        if (Math.floorDiv(Math.floorDiv(part, PARTS) * 3, PARTS) == row
            && Math.floorDiv(part % PARTS * 3, PARTS) == column) {
          count += corners[part];
        }
      }
      if (count == 0) {
        empty.add(block < 6 ? names[block] : lower[block - 6]);
      }
    }
    if (!empty.isEmpty()) {
      missing.add("the board at the " + String.join(", ", empty) + " of the picture");
    }
  }
}
