package dev.reverie.calibrate;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.opencv.calib3d.Calib3d;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.objdetect.CharucoBoard;
import org.opencv.objdetect.CharucoDetector;
import org.opencv.objdetect.Objdetect;

/** A board of squares whose inner corners are found in pictures. Metres; z is 0 on it. */
sealed interface Board {
  /** Finds the board in a grey picture. */
  Optional<BoardView> find(Mat grey);

  /** Tells whether a board that is turned by half a turn looks the same. */
  boolean looksTheSameTurned();

  /**
   * A chessboard.
   *
   * @param columns of inner corners
   * @param rows of inner corners
   * @param squareM side of a square, metres
   */
  record Chessboard(int columns, int rows, double squareM) implements Board {
    /** Checks the size. */
    public Chessboard {
      requireSize("--board", columns, rows, "inner corners, such as 9x6: a board of 10x7 squares");
      requireSide("--square", squareM);
    }

    @Override
    public Optional<BoardView> find(Mat grey) {
      Mat corners = new Mat();
      try {
        int flags = Calib3d.CALIB_CB_NORMALIZE_IMAGE | Calib3d.CALIB_CB_ACCURACY;
        if (!Calib3d.findChessboardCornersSB(grey, new Size(columns, rows), corners, flags)) {
          return Optional.empty();
        }
        double[] image = points(corners);
        double[] object = new double[image.length];
        for (int i = 0; i < columns * rows; i++) {
          object[2 * i] = i % columns * squareM;
          object[2 * i + 1] = Math.floorDiv(i, columns) * squareM;
        }
        return Optional.of(new BoardView(grey.cols(), grey.rows(), object, image, outline()));
      } finally {
        corners.release();
      }
    }

    private double[] outline() {
      double right = (columns - 1) * squareM;
      double bottom = (rows - 1) * squareM;
      return new double[] {0, 0, right, 0, right, bottom, 0, bottom};
    }

    @Override
    public boolean looksTheSameTurned() {
      return (columns + rows) % 2 == 0;
    }
  }

  /**
   * A chessboard with a marker in each white square, of which a part may be out of the picture.
   *
   * @param columns of squares
   * @param rows of squares
   * @param squareM side of a square, metres
   * @param markerM side of a marker, metres
   */
  record Charuco(int columns, int rows, double squareM, double markerM, CharucoDetector detector)
      implements Board {
    /** Fewest corners that are a view; six are needed for the pose, more for its trust. */
    private static final int FEWEST = 8;

    /**
     * Returns a board.
     *
     * @param legacy whether the top left square of a board with even rows is white, as OpenCV
     *     before 4.6 had it
     */
    static Charuco of(
        int columns, int rows, double squareM, double markerM, String dictionary, boolean legacy) {
      requireSize("--charuco", columns, rows, "squares, such as 7x5");
      requireSide("--square", squareM);
      requireSide("--marker", markerM);
      if (markerM >= squareM) {
        throw new CalibrateException(
            "--marker is %s m and --square %s m; a marker is smaller than its square, measure both"
                .formatted(markerM, squareM));
      }
      Map<String, Integer> known = dictionaries();
      String name = dictionary.toUpperCase(Locale.ROOT).replaceFirst("^(CV2\\.ARUCO\\.)?DICT_", "");
      Integer id = known.get(name);
      if (id == null) {
        throw new CalibrateException(
            "--dictionary is '%s'; give one of %s".formatted(dictionary, known.keySet()));
      }
      var words = Objdetect.getPredefinedDictionary(id);
      int markers = Math.floorDiv(columns * rows, 2);
      if (words.get_bytesList().rows() < markers) {
        throw new CalibrateException(
            "a board of %dx%d squares has %d markers, but --dictionary %s has %d; give the one that it was printed with"
                .formatted(columns, rows, markers, name, words.get_bytesList().rows()));
      }
      var board =
          new CharucoBoard(new Size(columns, rows), (float) squareM, (float) markerM, words);
      board.setLegacyPattern(legacy);
      return new Charuco(columns, rows, squareM, markerM, new CharucoDetector(board));
    }

    /** Dictionaries of OpenCV by their names, without DICT_. */
    private static Map<String, Integer> dictionaries() {
      Map<String, Integer> ids = new TreeMap<>();
      int next = Objdetect.DICT_4X4_50;
      for (int side = 4; side <= 7; side++) {
        for (int size : List.of(50, 100, 250, 1000)) {
          ids.put("%dX%d_%d".formatted(side, side, size), next++);
        }
      }
      ids.put("ARUCO_ORIGINAL", Objdetect.DICT_ARUCO_ORIGINAL);
      ids.put("APRILTAG_16H5", Objdetect.DICT_APRILTAG_16h5);
      ids.put("APRILTAG_25H9", Objdetect.DICT_APRILTAG_25h9);
      ids.put("APRILTAG_36H10", Objdetect.DICT_APRILTAG_36h10);
      ids.put("APRILTAG_36H11", Objdetect.DICT_APRILTAG_36h11);
      return ids;
    }

    @Override
    public Optional<BoardView> find(Mat grey) {
      Mat corners = new Mat();
      Mat ids = new Mat();
      try {
        detector.detectBoard(grey, corners, ids);
        int found = (int) ids.total();
        if (found < FEWEST || detector.getBoard().checkCharucoCornersCollinear(ids)) {
          return Optional.empty();
        }
        int[] places = new int[found];
        ids.get(0, 0, places);
        double[] object = new double[2 * found];
        for (int i = 0; i < found; i++) {
          object[2 * i] = (places[i] % (columns - 1) + 1) * squareM;
          object[2 * i + 1] = (Math.floorDiv(places[i], columns - 1) + 1) * squareM;
        }
        return Optional.of(
            new BoardView(grey.cols(), grey.rows(), object, points(corners), outline()));
      } finally {
        corners.release();
        ids.release();
      }
    }

    private double[] outline() {
      double right = (columns - 1) * squareM;
      double bottom = (rows - 1) * squareM;
      return new double[] {squareM, squareM, right, squareM, right, bottom, squareM, bottom};
    }

    @Override
    public boolean looksTheSameTurned() {
      return false; // each marker is another
    }
  }

  private static double[] points(Mat corners) {
    float[] floats = new float[(int) corners.total() * 2];
    corners.get(0, 0, floats);
    double[] points = new double[floats.length];
    for (int i = 0; i < points.length; i++) {
      points[i] = floats[i];
    }
    return points;
  }

  private static void requireSize(String option, int columns, int rows, String remedy) {
    if (columns < 3 || rows < 3 || columns > 100 || rows > 100) {
      throw new CalibrateException(
          "%s is %dx%d; give 3 to 100 %s".formatted(option, columns, rows, remedy));
    }
  }

  private static void requireSide(String option, double metres) {
    if (!(metres > 0 && metres <= 1)) {
      throw new CalibrateException(
          "%s is %s; measure it on the board and give metres, such as 0.025"
              .formatted(option, metres));
    }
  }
}
