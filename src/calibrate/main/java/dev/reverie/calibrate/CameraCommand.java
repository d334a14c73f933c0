package dev.reverie.calibrate;

import dev.reverie.calibrate.Source.Sensed;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reverie calibrate camera}: the lens of a camera, from views of a board. */
@Command(
    name = "camera",
    description = "The lens of a camera, from views of a chessboard or ChArUco board.",
    footer = {
      "",
      "Live, it says what is still to be shown; enough views or Ctrl-C end it. Writes",
      "OUT/NAME.yaml, as camera_info_manager reads it, and OUT/NAME.png to look at.",
      "ROS 2 arguments may follow: --ros-args ..."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class CameraCommand implements Callable<Integer> {
  private final List<String> rosArguments;
  private final ViewChoice choice = new ViewChoice();
  private int pictures;

  @Spec private CommandSpec spec;
  @Mixin private BoardOptions boards = new BoardOptions();
  @Mixin private SourceOptions sources = new SourceOptions();

  @Option(
      names = "--images",
      arity = "1..*",
      paramLabel = "FILE|DIR",
      description = "JPEG or PNG files instead of the live camera.")
  private @Nullable List<Path> images;

  @Option(
      names = "--views",
      defaultValue = "40",
      paramLabel = "N",
      description = "Live, ends with so many that differ (default: ${DEFAULT-VALUE}).")
  private int views;

  @Option(
      names = "--distortion",
      defaultValue = "PLUMB_BOB_2",
      paramLabel = "MODEL",
      description =
          "${COMPLETION-CANDIDATES}: two or three radial coefficients, or six (default:"
              + " ${DEFAULT-VALUE}).")
  private CameraFit.Distortion distortion = CameraFit.Distortion.PLUMB_BOB_2;

  @Option(
      names = "--max-error",
      defaultValue = "1",
      paramLabel = "PIXELS",
      description = "Refuses a greater root mean square residual (default: ${DEFAULT-VALUE}).")
  private double maxError;

  CameraCommand(List<String> rosArguments) {
    this.rosArguments = rosArguments;
    spec = CommandSpec.create();
  }

  @Override
  public Integer call() {
    if (images != null) {
      sources.requireNone("--images");
    }
    sources.requireResult(".yaml");
    if (!(maxError > 0)) {
      throw new CalibrateException(
          "--max-error is %s; give pixels above 0, such as 1".formatted(maxError));
    }
    if (views < CameraFit.FEWEST) {
      throw new CalibrateException(
          "--views is %d; give at least %d".formatted(views, CameraFit.FEWEST));
    }
    Board board = boards.read();
    if (board.looksTheSameTurned()) {
      say(
          "notice: turned by half a turn a board of %s corners looks the same. That does not matter here; hand-eye needs a board with an odd and an even number, such as 9x6"
              .formatted(boards.board));
    }
    try (Source source = source()) {
      boolean live = source instanceof LiveSource;
      if (live) {
        say("looking at %s; show the board. Ctrl-C ends".formatted(source.images()));
      }
      look(source, board, live ? views : Integer.MAX_VALUE);
    }
    return CommandLine.ExitCode.OK;
  }

  private Source source() {
    if (images == null) {
      return sources.open(rosArguments, List.of());
    }
    if (sources.camera.isEmpty()) {
      throw new CalibrateException("files do not say which camera; name it: --camera wrist");
    }
    return PictureFiles.of(images);
  }

  private void look(Source source, Board board, int enough) {
    String camera = sources.name(source.images());
    Path file = sources.file(camera + ".yaml");
    source.forEach(
        sensed -> {
          if (sensed instanceof Sensed.Picture picture) {
            show(picture, board);
          }
          return choice.views().size() < enough;
        });
    require();
    CameraFit fit = CameraFit.of(choice.views(), distortion);
    tell(camera, fit);
    if (!(fit.rms() <= maxError)) {
      throw new CalibrateException(
          "the residual of %.2f pixels is above --max-error %s; is --square right, the board flat, are the pictures sharp? The worst views are in the list above"
              .formatted(fit.rms(), maxError));
    }
    String yaml =
        "# %d views of %s, rms %.4f pixels\n"
                .formatted(
                    choice.views().size(),
                    boards.board.isEmpty()
                        ? "ChArUco board " + boards.charuco
                        : "chessboard " + boards.board,
                    fit.rms())
            + CameraFile.write(camera, fit);
    SourceOptions.write(file, yaml.getBytes(StandardCharsets.UTF_8));
    Path picture = file.resolveSibling(camera + ".png");
    SourceOptions.write(picture, CoveragePicture.png(camera, choice, fit));
    say("written: %s, and to look at %s".formatted(file, picture));
  }

  private void show(Sensed.Picture picture, Board board) {
    pictures++;
    boolean taken = Grey.find(board, picture.image().get()).map(choice::offer).orElse(false);
    if (taken) {
      List<String> missing = choice.missing();
      say(
          "view %d%s"
              .formatted(
                  choice.views().size(),
                  missing.isEmpty() ? "" : "; still to show: " + String.join("; ", missing)));
    }
  }

  private void require() {
    if (pictures == 0) {
      throw new CalibrateException("there was no picture; name the camera's --topic");
    }
    if (choice.seen() == 0) {
      throw new CalibrateException(
          "the board was in none of %d pictures; count its inner corners (--board) or squares (--charuco, --dictionary, --legacy), and show it whole, sharp and with a white edge"
              .formatted(pictures));
    }
    if (choice.views().size() < CameraFit.FEWEST) {
      throw new CalibrateException(
          "the board was in %d of %d pictures, but only %d views differ enough and %d are needed; %s"
              .formatted(
                  choice.seen(),
                  pictures,
                  choice.views().size(),
                  CameraFit.FEWEST,
                  String.join("; ", choice.missing())));
    }
    if (!choice.missing().isEmpty()) {
      say("notice: not shown was " + String.join("; ", choice.missing()));
    }
  }

  private void tell(String camera, CameraFit fit) {
    double[] k = fit.lens().k();
    say(
        "%s, %dx%d: fx %.2f fy %.2f cx %.2f cy %.2f pixels, +- %.2f %.2f %.2f %.2f"
            .formatted(
                camera,
                fit.lens().width(),
                fit.lens().height(),
                k[0],
                k[4],
                k[2],
                k[5],
                fit.deviations()[0],
                fit.deviations()[1],
                fit.deviations()[2],
                fit.deviations()[3]));
    var each = new StringBuilder("rms %.3f pixels; of each view".formatted(fit.rms()));
    for (double rms : fit.perView()) {
      each.append(String.format(Locale.ROOT, " %.2f", rms));
    }
    say(each.toString());
  }

  private void say(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(text);
    out.flush();
  }
}
