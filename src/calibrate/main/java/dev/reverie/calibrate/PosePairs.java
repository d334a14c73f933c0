package dev.reverie.calibrate;

import dev.reverie.arm.LinkPose;
import dev.reverie.calibrate.HandEyeFit.Pair;
import dev.reverie.calibrate.Source.Sensed;
import dev.reverie.rollout.CameraCalibration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.joml.Matrix4d;
import org.joml.Quaterniond;
import org.joml.Vector3d;
import org.jspecify.annotations.Nullable;

/** Collects poses of the board beside those of the arm, taken while it stands still. */
final class PosePairs {
  /** A pose that differs less from one before tells nothing new. */
  private static final double LEAST_DEG = 5;

  private static final double LEAST_M = 0.03;

  private final Board board;
  private final StillArm arm;
  private final Consumer<String> say;
  private final List<Pair> pairs = new ArrayList<>();
  private @Nullable LinkPose pose;
  private @Nullable CameraCalibration lens;
  private String frame = "";
  private long lastStamp;
  private int pictures;
  private int stood;
  private int found;

  /**
   * Has nothing yet.
   *
   * @param stillRad see {@link StillArm}
   * @param say takes what a person is told
   */
  PosePairs(Board board, double stillRad, Consumer<String> say) {
    this.board = board;
    this.say = say;
    arm = new StillArm(stillRad);
  }

  /** Sets the arm, where it does not come with what is sensed. */
  void pose(LinkPose known) {
    pose = known;
  }

  /** Sets the camera's calibration, where it does not come with what is sensed. */
  void lens(CameraCalibration known) {
    lens = known;
  }

  /** Takes what is sensed. */
  void take(Sensed sensed, Function<String, LinkPose> describe) {
    switch (sensed) {
      case Sensed.Description(String urdf) when pose == null -> pose = describe.apply(urdf);
      case Sensed.Lens(var info) when lens == null -> lens = CameraCalibration.of(info);
      case Sensed.Joints(var state) -> arm.add(state);
      case Sensed.Picture picture -> look(picture);
      default -> {}
    }
  }

  private void look(Sensed.Picture picture) {
    pictures++;
    frame = picture.frame();
    lastStamp = picture.stampNanos();
    LinkPose chain = pose;
    CameraCalibration known = lens;
    if (chain == null || known == null) {
      return;
    }
    Optional<Map<String, Double>> still = arm.at(picture.stampNanos(), chain.joints());
    if (still.isEmpty()) {
      return;
    }
    stood++;
    Matrix4d tip = chain.at(still.get());
    if (pairs.stream().anyMatch(pair -> near(pair.tip(), tip))) {
      return;
    }
    Grey.find(board, picture.image().get())
        .flatMap(view -> view.pose(known.scaledTo(view.width(), view.height())))
        .ifPresent(
            seen -> {
              found++;
              pairs.add(new Pair(tip, seen));
              Vector3d t = seen.getTranslation(new Vector3d());
              say.accept(
                  "pair %d: the board is at %.3f %.3f %.3f m of the camera"
                      .formatted(pairs.size(), t.x, t.y, t.z));
            });
  }

  private static boolean near(Matrix4d one, Matrix4d other) {
    double apart =
        one.getTranslation(new Vector3d()).distance(other.getTranslation(new Vector3d()));
    double turned =
        one.getNormalizedRotation(new Quaterniond())
            .difference(other.getNormalizedRotation(new Quaterniond()))
            .angle();
    double degrees = Math.toDegrees(Math.min(turned, 2 * Math.PI - turned));
    return apart < LEAST_M && degrees < LEAST_DEG;
  }

  /** The pairs that were taken. */
  List<Pair> pairs() {
    return pairs;
  }

  /** The link in whose axes the arm's poses are; empty before the arm is known. */
  String base() {
    LinkPose chain = pose;
    return chain == null ? "" : chain.frame();
  }

  /** The camera's optical frame as its images say it; may be empty. */
  String frame() {
    return frame;
  }

  /**
   * Refuses too few pairs, with what was missing.
   *
   * @throws CalibrateException where there are
   */
  void require() {
    LinkPose chain = pose;
    if (pictures == 0) {
      throw new CalibrateException("there was no picture; name the camera's --topic");
    }
    if (chain == null) {
      throw new CalibrateException("no robot_description came; publish it, or give --urdf FILE");
    }
    if (lens == null) {
      throw new CalibrateException(
          "the camera has no calibration; make it: ./reverie calibrate camera, or name it: --lens FILE");
    }
    if (stood == 0) {
      throw new CalibrateException(
          "the arm did not stand still in any of %d pictures: %s"
              .formatted(pictures, arm.trouble(lastStamp, chain.joints())));
    }
    if (found == 0) {
      throw new CalibrateException(
          "the arm stood still in %d of %d pictures, but the board was in none of them; count its inner corners (--board) or squares (--charuco, --dictionary, --legacy), and keep it in sight"
              .formatted(stood, pictures));
    }
    if (pairs.size() < HandEyeFit.FEWEST) {
      throw new CalibrateException(
          "only %d poses differ by %.0f degrees or %.0f mm and show the board, %d are needed; move the arm to more"
              .formatted(pairs.size(), LEAST_DEG, 1000 * LEAST_M, HandEyeFit.FEWEST));
    }
  }
}
