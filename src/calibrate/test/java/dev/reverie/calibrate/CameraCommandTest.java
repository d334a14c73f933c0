package dev.reverie.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverie.policy.OpenCv;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.CameraImage;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.joml.Matrix4d;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgcodecs.Imgcodecs;
import org.opencv.objdetect.CharucoBoard;
import org.opencv.objdetect.Objdetect;
import picocli.CommandLine;

class CameraCommandTest {
  static final CameraCalibration LENS =
      new CameraCalibration(
          640,
          480,
          "plumb_bob",
          new double[] {-0.28, 0.09, 0.0012, -0.0008, 0},
          new double[] {512.4, 0, 331.7, 0, 509.1, 228.3, 0, 0, 1});

  private static final double SQUARE = 0.025;
  private static SyntheticCamera camera;

  @TempDir Path folder;
  private final StringWriter err = new StringWriter();
  private final StringWriter out = new StringWriter();

  @BeforeAll
  static void load() {
    OpenCv.load();
    camera = new SyntheticCamera(LENS);
  }

  int run(String... args) {
    CommandLine line = CalibrateCommand.commandLine(List.of());
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return line.execute(args);
  }

  private int camera(String... more) {
    List<String> args =
        new ArrayList<>(List.of("camera", "--images", folder.toString(), "--out", folder + "/out"));
    args.addAll(List.of("--camera", "wrist"));
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  static void save(Path file, CameraImage image) {
    Mat mat = new Mat(image.height(), image.width(), CvType.CV_8UC3);
    mat.put(0, 0, image.rgb());
    Imgcodecs.imwrite(file.toString(), mat); // grey: the order of the colours does not matter
  }

  private void chessboards(int count) {
    var random = new Random(1);
    for (int i = 0; i < count; i++) {
      Matrix4d pose = camera.pose(random, 8 * SQUARE, 5 * SQUARE);
      save(
          folder.resolve("%03d.png".formatted(i)),
          camera.render(SyntheticCamera.chessboard(9, 6, SQUARE), pose, i));
    }
  }

  private void assertNear(CameraCalibration found) {
    double[] k = found.k();
    assertEquals(LENS.k()[0], k[0], 1.0);
    assertEquals(LENS.k()[4], k[4], 1.0);
    assertEquals(LENS.k()[2], k[2], 1.0);
    assertEquals(LENS.k()[5], k[5], 1.0);
    assertEquals(LENS.d()[0], found.d()[0], 0.01);
    assertEquals(LENS.d()[1], found.d()[1], 0.03);
    assertEquals(LENS.d()[2], found.d()[2], 0.001);
    assertEquals(LENS.d()[3], found.d()[3], 0.001);
    assertEquals(0, found.d()[4]);
  }

  @Test
  void picturesOfAChessboardGiveTheLensTheyWereMadeWith() throws IOException {
    chessboards(40);
    assertEquals(0, camera("--board", "9x6", "--square", "0.025"), err::toString);
    Path file = folder.resolve("out/wrist.yaml");
    assertNear(CameraFile.read(file));
    assertTrue(out.toString().contains("rms 0.1"), out::toString);
    assertTrue(Files.size(folder.resolve("out/wrist.png")) > 5000);
    // The keys are those that camera_info_manager reads.
    var yaml = new YAMLMapper();
    Path example =
        Path.of(System.getProperty("reverie.root"), "calibration/simulated_arm/camera.yaml");
    List<String> keys = new ArrayList<>();
    List<String> known = new ArrayList<>();
    yaml.readTree(file.toFile()).fieldNames().forEachRemaining(keys::add);
    yaml.readTree(example.toFile()).fieldNames().forEachRemaining(known::add);
    assertEquals(known, keys);

    assertEquals(1, camera("--board", "9x6", "--square", "0.025"));
    assertTrue(err.toString().contains("is there already"), err::toString);
  }

  @Test
  void picturesOfAPartOfACharucoBoardGiveTheLensToo() {
    int pixels = 24; // of a square
    var board =
        new CharucoBoard(
            new Size(7, 5),
            0.04f,
            0.03f,
            Objdetect.getPredefinedDictionary(Objdetect.DICT_5X5_100));
    Mat drawn = new Mat();
    board.generateImage(new Size(7 * pixels, 5 * pixels), drawn);
    byte[] grey = new byte[7 * pixels * 5 * pixels];
    drawn.get(0, 0, grey);
    SyntheticCamera.Paint paint =
        SyntheticCamera.printed(grey, 7 * pixels, 5 * pixels, 0.04 / pixels);
    var random = new Random(2);
    for (int i = 0; i < 40; i++) {
      // Every third is partly out of the picture.
      double shift = i % 3 == 0 ? 0.06 * (i % 2 == 0 ? 1 : -1) : 0;
      Matrix4d pose = new Matrix4d().translation(shift, 0, 0).mul(camera.pose(random, 0.28, 0.2));
      save(folder.resolve("%03d.png".formatted(i)), camera.render(paint, pose, i));
    }
    assertEquals(
        0,
        camera(
            "--charuco", "7x5", "--square", "0.04", "--marker", "0.03", "--dictionary", "5x5_100"),
        err::toString);
    assertNear(CameraFile.read(folder.resolve("out/wrist.yaml")));
  }

  @Test
  void viewsThatAreTooSimilarAreRefused() {
    var random = new Random(3);
    for (int i = 0; i < 12; i++) { // one place, hardly tilted
      Matrix4d pose =
          new Matrix4d()
              .translation(0.002 * random.nextGaussian(), 0, 0.35)
              .rotateX(0.01 * random.nextGaussian())
              .translate(-0.1, -0.0625, 0);
      save(
          folder.resolve("%03d.png".formatted(i)),
          camera.render(SyntheticCamera.chessboard(9, 6, SQUARE), pose, i));
    }
    assertEquals(1, camera("--board", "9x6", "--square", "0.025"));
    assertTrue(err.toString().contains("in 12 of 12 pictures, but only 1 views"), err::toString);
    assertFalse(Files.exists(folder.resolve("out/wrist.yaml")));
  }

  @Test
  void aBoardThatNeverIsTiltedDoesNotTellTheFocalLength() {
    int i = 0;
    for (double distance : new double[] {0.25, 0.35, 0.5}) {
      for (double side : new double[] {-1, 0, 1}) {
        double x = side * (distance * 640 / 512 - 0.2) * 0.45;
        Matrix4d pose = new Matrix4d().translation(x - 0.1, x / 3 - 0.0625, distance);
        save(
            folder.resolve("%03d.png".formatted(i)),
            camera.render(SyntheticCamera.chessboard(9, 6, SQUARE), pose, i++));
      }
    }
    assertEquals(1, camera("--board", "9x6", "--square", "0.025"));
    assertTrue(err.toString().contains("tilted"), err::toString);
    assertFalse(Files.exists(folder.resolve("out/wrist.yaml")));
  }

  @Test
  void picturesOfTwoSizesAreRefused() {
    chessboards(1);
    CameraImage small = new CameraImage(320, 240, new byte[3 * 320 * 240]);
    save(folder.resolve("zzz.png"), small);
    var half =
        new SyntheticCamera(LENS.scaledTo(320, 240))
            .render(
                SyntheticCamera.chessboard(9, 6, SQUARE),
                new Matrix4d().translation(-0.1, -0.06, 0.35),
                1);
    save(folder.resolve("zzzz.png"), half);
    assertEquals(1, camera("--board", "9x6", "--square", "0.025"));
    assertTrue(err.toString().contains("320x240"), err::toString);
  }

  @Test
  void boardsThatAreNoneAreRefusedWithWhatToGive() {
    chessboards(1);
    String[][] bad = {
      {"", "which board?"},
      {"--board 9x6 --charuco 7x5", "which board?"},
      {"--board 9", "columns x rows"},
      {"--board 2x6", "3 to 100"},
      {"--board 9x6 --square 25", "metres"},
      {"--board 9x6 --square 0", "metres"},
      {"--board 9x6 --square NaN", "metres"},
      {"--charuco 7x5", "--marker"},
      {"--charuco 7x5 --marker 0.03", "smaller than its square"},
      {"--charuco 7x5 --marker 0.01 --dictionary 9X9_1", "4X4_50"},
      {"--charuco 20x20 --marker 0.01 --dictionary 4X4_50", "has 200 markers"},
      {"--board 7x5", "in none of 1 pictures"},
    };
    for (String[] each : bad) {
      err.getBuffer().setLength(0);
      List<String> args = new ArrayList<>(List.of(each[0].split(" ")));
      args.remove("");
      if (!args.contains("--square")) {
        args.addAll(List.of("--square", "0.025"));
      }
      assertEquals(1, camera(args.toArray(String[]::new)), each[0]);
      assertTrue(err.toString().contains(each[1]), () -> each[0] + ": " + err);
    }
  }

  @Test
  void whatContradictsItselfIsRefusedBeforeAnyPictureIsRead() throws IOException {
    Path file = Files.writeString(folder.resolve("a.png"), "no picture");
    String[][] bad = {
      {"--bag bag", "--images and --bag are two sources of pictures; give one of them"},
      {"--topic wrist/image_raw", "--images and --topic are two sources"},
      {"--max-error 0", "--max-error is 0.0; give pixels above 0"},
      {"--max-error NaN", "--max-error is NaN"},
      {"--camera a/b", "--camera is 'a/b'; it names a file"},
      {"--out " + file, "'%s' is a file, no folder; give another".formatted(file)},
      {"--out " + file + "/deep", "'%s' is a file, no folder; give another".formatted(file)},
      {"--marker 0.01", "--marker is of a ChArUco board, and --board 9x6 is a chessboard"},
      {"--legacy", "--legacy is of a ChArUco board"},
    };
    for (String[] each : bad) {
      err.getBuffer().setLength(0);
      List<String> args =
          new ArrayList<>(List.of("camera", "--images", folder.toString(), "--board", "9x6"));
      args.addAll(List.of("--square", "0.025"));
      args.addAll(List.of(each[0].split(" ")));
      if (!each[0].contains("--camera")) {
        args.addAll(List.of("--camera", "wrist"));
      }
      if (!each[0].contains("--out")) {
        args.addAll(List.of("--out", folder + "/out"));
      }
      assertEquals(1, run(args.toArray(String[]::new)), each[0]);
      assertTrue(err.toString().contains(each[1]), () -> each[0] + ": " + err);
    }
    assertFalse(Files.exists(folder.resolve("out")));
  }

  @Test
  void aFileOfAnotherKindIsNamed() throws IOException {
    Files.writeString(folder.resolve("a.png"), "no picture");
    assertEquals(1, camera("--board", "9x6", "--square", "0.025"));
    assertTrue(err.toString().contains("a.png"), err::toString);
    for (String text : List.of("camera_matrix: 3\n", "a:\n\tb: 1\n", "a: !!binary ?\n", "", "3")) {
      Path yaml = Files.writeString(folder.resolve("lens.yaml"), text);
      Refusal.of(
          CalibrateException.class, () -> CameraFile.read(yaml), "lens.yaml", "calibrate camera");
    }
  }

  @Test
  void aLensOfAnotherSizeIsScaled() {
    CameraCalibration half = LENS.scaledTo(320, 240);
    assertArrayEquals(new double[] {256.2, 0, 165.6}, Arrays.copyOf(half.k(), 3), 1e-9);
  }
}
