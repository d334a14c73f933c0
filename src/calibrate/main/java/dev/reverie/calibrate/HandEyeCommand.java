package dev.reverie.calibrate;

import dev.reverie.arm.HandEye;
import dev.reverie.arm.HandEye.Mounting;
import dev.reverie.arm.LinkPose;
import dev.reverie.arm.Urdf;
import dev.reverie.arm.UrdfFile;
import dev.reverie.calibrate.Source.Sensed;
import dev.reverie.rollout.CameraCalibration;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.joml.Quaterniond;
import org.joml.Vector3d;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reverie calibrate hand-eye}: where a camera stands, from views of a board by the arm. */
@Command(
    name = "hand-eye",
    description = "Where a camera stands, on the arm or beside it.",
    footer = {
      "",
      "Move the arm from pose to pose, turned otherwise each time, and let it stand",
      "still for a second at each. Writes OUT/NAME.hand_eye.yaml.",
      "ROS 2 arguments may follow: --ros-args ..."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class HandEyeCommand implements Callable<Integer> {
  private final List<String> rosArguments;

  @Spec private CommandSpec spec;

  @Option(
      names = "--mounting",
      required = true,
      paramLabel = "MOUNTING",
      description =
          "EYE_IN_HAND: the camera is on the arm, the board stands still; EYE_TO_HAND: the board is"
              + " on the arm, the camera stands still.")
  private Mounting mounting = Mounting.EYE_IN_HAND;

  @Option(
      names = "--tip",
      required = true,
      paramLabel = "LINK",
      description = "Link of the URDF that the camera or the board is fixed to.")
  private String tip = "";

  @Option(
      names = "--base",
      defaultValue = "",
      paramLabel = "LINK",
      description = "Link that stands still (default: the root of the URDF).")
  private String base = "";

  @Mixin private BoardOptions boards = new BoardOptions();
  @Mixin private SourceOptions sources = new SourceOptions();

  @Option(
      names = "--urdf",
      paramLabel = "FILE",
      description = "The arm's URDF (default: from robot_description).")
  private @Nullable Path urdf;

  @Option(
      names = "--joint-states",
      defaultValue = "joint_states",
      paramLabel = "TOPIC",
      description = "Repeat for several (default: ${DEFAULT-VALUE}).")
  private List<String> jointStates = List.of();

  @Option(
      names = "--lens",
      paramLabel = "FILE",
      description =
          "The camera's calibration (default: OUT/NAME.yaml; without it, the camera's"
              + " camera_info).")
  private @Nullable Path lens;

  @Option(
      names = "--frame",
      defaultValue = "",
      paramLabel = "FRAME",
      description = "The camera's optical frame (default: as its images say).")
  private String frame = "";

  @Option(
      names = "--pairs",
      defaultValue = "20",
      paramLabel = "N",
      description = "Live, ends with so many poses that differ (default: ${DEFAULT-VALUE}).")
  private int pairs;

  @Option(
      names = "--still",
      defaultValue = "0.005",
      paramLabel = "RAD",
      description = "A joint that moves by no more stands still (default: ${DEFAULT-VALUE}).")
  private double still;

  @Option(
      names = "--max-residual",
      defaultValue = "10",
      paramLabel = "MM",
      description = "Refuses a greater root mean square residual (default: ${DEFAULT-VALUE}).")
  private double maxResidual;

  HandEyeCommand(List<String> rosArguments) {
    this.rosArguments = rosArguments;
    spec = CommandSpec.create();
  }

  @Override
  public Integer call() {
    requireOptions();
    sources.requireResult(HandEye.ENDING);
    Optional<CameraCalibration> known = Optional.ofNullable(lens).map(CameraFile::read);
    Optional<LinkPose> arm = Optional.ofNullable(urdf).map(UrdfFile::readSound).map(this::pose);
    Board board = boards.read();
    if (board.looksTheSameTurned()) {
      throw new CalibrateException(
          "turned by half a turn a board of %s corners looks the same, so that its pose cannot be told; use one with an odd and an even number, such as 9x6, or a ChArUco board"
              .formatted(boards.board));
    }
    try (Source source = sources.open(rosArguments, jointStates)) {
      boolean live = source instanceof LiveSource;
      if (live) {
        say(
            "looking at %s; move the arm from pose to pose. Ctrl-C ends"
                .formatted(source.images()));
      }
      String camera = sources.name(source.images());
      Path file = sources.file(camera + HandEye.ENDING);
      var collected = new PosePairs(board, still, this::say);
      known.or(() -> usualLens(camera)).ifPresent(collected::lens);
      arm.ifPresent(collected::pose);
      look(source, camera, file, collected, live ? pairs : Integer.MAX_VALUE);
    }
    return CommandLine.ExitCode.OK;
  }

  /** Refuses options that no source could make right. */
  private void requireOptions() {
    if (tip.isBlank()) {
      throw new CalibrateException(
          "--tip is '%s'; name the link that the camera or the board is fixed to".formatted(tip));
    }
    if (pairs < HandEyeFit.FEWEST) {
      throw new CalibrateException(
          "--pairs is %d; give at least %d".formatted(pairs, HandEyeFit.FEWEST));
    }
    if (!(still > 0 && maxResidual > 0)) {
      throw new CalibrateException(
          "--still is %s and --max-residual %s; both are above 0".formatted(still, maxResidual));
    }
  }

  private void look(Source source, String camera, Path file, PosePairs collected, int enough) {
    source.forEach(
        sensed -> {
          if (sensed instanceof Sensed.Picture picture) {
            requireFrame(picture.frame());
          }
          collected.take(sensed, this::pose);
          return collected.pairs().size() < enough;
        });
    collected.require();
    HandEyeFit fit = HandEyeFit.of(collected.pairs(), mounting);
    tell(fit);
    requireFit(fit, collected.pairs());
    HandEye result = result(camera, fit, collected);
    SourceOptions.write(file, result.yaml().getBytes(StandardCharsets.UTF_8));
    say("written: " + file);
  }

  private LinkPose pose(String description) {
    return LinkPose.of(Urdf.parse(description), base, tip);
  }

  private Optional<CameraCalibration> usualLens(String camera) {
    Path usual = sources.out.resolve(camera + ".yaml");
    return Files.exists(usual) ? Optional.of(CameraFile.read(usual)) : Optional.empty();
  }

  /** Refuses pictures without a frame before a person has moved the arm about for them. */
  private void requireFrame(String told) {
    if (frame.isEmpty() && told.isEmpty()) {
      throw new CalibrateException(
          "the images say no frame; name the camera's optical frame: --frame camera_optical_frame");
    }
  }

  private void tell(HandEyeFit fit) {
    for (int i = 0; i < fit.rotationDeg().length; i++) {
      say(
          "pair %2d: rotation %.3f deg, translation %.2f mm"
              .formatted(i + 1, fit.rotationDeg()[i], fit.translationMm()[i]));
    }
    say(
        "rms: rotation %.3f deg, translation %.2f mm (%s)"
            .formatted(fit.rotationRms(), fit.translationRms(), fit.method()));
  }

  private void requireFit(HandEyeFit fit, List<HandEyeFit.Pair> collected) {
    if (fit.translationRms() <= maxResidual) {
      return;
    }
    Mounting other = mounting == Mounting.EYE_IN_HAND ? Mounting.EYE_TO_HAND : Mounting.EYE_IN_HAND;
    double otherwise = HandEyeFit.of(collected, other).translationRms();
    throw new CalibrateException(
        "the residual of %.1f mm is above --max-residual %s; %s"
            .formatted(
                fit.translationRms(),
                maxResidual,
                otherwise < maxResidual
                    ? "with --mounting %s it is %.1f mm".formatted(other, otherwise)
                    : "did the board or the camera slip, is --square right, is --tip the link that it is fixed to, are the arm's zero positions right?"));
  }

  private HandEye result(String camera, HandEyeFit fit, PosePairs collected) {
    Vector3d t = fit.camera().getTranslation(new Vector3d());
    Quaterniond q = fit.camera().getNormalizedRotation(new Quaterniond());
    return new HandEye(
        camera,
        mounting,
        mounting == Mounting.EYE_IN_HAND ? tip : collected.base(),
        frame.isEmpty() ? collected.frame() : frame,
        List.of(t.x, t.y, t.z),
        List.of(q.x, q.y, q.z, q.w),
        new HandEye.Residuals(fit.rotationRms(), fit.translationRms(), collected.pairs().size()),
        fit.method());
  }

  private void say(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(text);
    out.flush();
  }
}
