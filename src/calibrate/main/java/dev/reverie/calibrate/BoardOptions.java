package dev.reverie.calibrate;

import dev.reverie.policy.OpenCv;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Options that say which board is shown. */
final class BoardOptions {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,4})[xX](\\d{1,4})");

  @Option(
      names = "--board",
      defaultValue = "",
      paramLabel = "CxR",
      description = "Chessboard with so many inner corners, columns x rows, such as 9x6.")
  String board = "";

  @Option(
      names = "--charuco",
      defaultValue = "",
      paramLabel = "CxR",
      description = "ChArUco board of so many squares, columns x rows, such as 7x5.")
  String charuco = "";

  @Option(
      names = "--square",
      required = true,
      paramLabel = "METRES",
      description = "Side of a square, measured on the board.")
  double square;

  @Option(
      names = "--marker",
      defaultValue = "0",
      paramLabel = "METRES",
      description = "Side of a ChArUco board's markers.")
  double marker;

  @Option(
      names = "--dictionary",
      defaultValue = "4X4_50",
      paramLabel = "NAME",
      description =
          "Of a ChArUco board's markers: 4X4_50 (as it is by default), 5X5_100, ... APRILTAG_36H11.")
  String dictionary = "";

  @Option(
      names = "--legacy",
      description = "A ChArUco board as OpenCV before 4.6 drew it: top left square white.")
  boolean legacy;

  /**
   * The board.
   *
   * @throws CalibrateException where there is no such board
   */
  Board read() {
    if (board.isEmpty() == charuco.isEmpty()) {
      throw new CalibrateException(
          "which board? --board 9x6 for a chessboard of 9x6 inner corners, or --charuco 7x5 for one of 7x5 squares with markers; one of both");
    }
    if (charuco.isEmpty() && (marker != 0 || legacy)) {
      throw new CalibrateException(
          "%s is of a ChArUco board, and --board %s is a chessboard; leave it out, or give --charuco"
              .formatted(legacy ? "--legacy" : "--marker", board));
    }
    OpenCv.load();
    if (charuco.isEmpty()) {
      Matcher size = size("--board", board);
      return new Board.Chessboard(columns(size), rows(size), square);
    }
    Matcher size = size("--charuco", charuco);
    return Board.Charuco.of(columns(size), rows(size), square, marker, dictionary, legacy);
  }

  private static Matcher size(String option, String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      throw new CalibrateException(
          "%s is '%s'; give columns x rows, such as 9x6".formatted(option, text));
    }
    return size;
  }

  private static int columns(Matcher size) {
    return Integer.parseInt(size.group(1));
  }

  private static int rows(Matcher size) {
    return Integer.parseInt(size.group(2));
  }
}
