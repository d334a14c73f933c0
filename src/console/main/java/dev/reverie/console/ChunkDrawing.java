package dev.reverie.console;

import dev.reverie.arm.ArmException;
import dev.reverie.arm.ArmLinks;
import dev.reverie.arm.ArmSilhouette.Eye;
import dev.reverie.arm.TipSight;
import dev.reverie.arm.TipSight.Picture;
import dev.reverie.console.Snapshot.Drawn;
import dev.reverie.console.Snapshot.Lines;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rollout.CameraCalibration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Draws where the chunks lead the tip into the pictures of cameras whose lens and place are known.
 *
 * @param arm empty where its URDF or its policy is not known
 * @param measured positions of all joints by their names in messages
 */
record ChunkDrawing(Optional<KnownArm> arm, KnownArm.Paths paths, Map<String, Double> measured) {
  /** Shares of a picture are told to a tenth of a thousandth. */
  private static final double FINE = 1e4;

  /** Finds where a camera stands. */
  interface Places {
    Optional<Eye> eye(ArmLinks links, String frame, CameraCalibration lens);
  }

  /**
   * Draws into the pictures of one camera.
   *
   * @param frame that its pictures name
   * @param lens for pictures of their size
   * @param view what the policy sees of it; empty where that is not known
   */
  Drawn in(String frame, CameraCalibration lens, Optional<BundleSpec.Camera> view, Places places) {
    if (arm.isEmpty()) {
      return Drawn.not("the arm's URDF, or its policy, is not known");
    }
    KnownArm known = arm.get();
    if (known.tip().isEmpty()) {
      return Drawn.not("the policy moves no joint but grippers");
    }
    String tip = known.tip().get();
    try {
      Optional<Eye> eye = places.eye(known.links(), frame, lens);
      if (eye.isEmpty()) {
        return Drawn.not(
            "nobody says where the camera stands (frame '%s'); see calibrate hand-eye"
                .formatted(frame));
      }
      var sight = new TipSight(known.links(), tip, eye.get());
      for (String joint : sight.joints()) {
        if (!measured.containsKey(joint)) {
          return Drawn.not("joint '%s' is not measured".formatted(joint));
        }
      }
      return new Drawn(
          "",
          tip,
          lines(sight, Picture.raw(lens)),
          view.map(seen -> lines(sight, Picture.view(seen, lens))).orElse(null));
    } catch (ArmException e) {
      return Drawn.not(String.valueOf(e.getMessage()));
    }
  }

  private Lines lines(TipSight sight, Picture picture) {
    return new Lines(
        lines(sight, paths.done(), picture),
        lines(sight, paths.ahead(), picture),
        lines(sight, paths.next(), picture));
  }

  private List<List<double[]>> lines(
      TipSight sight, List<Map<String, Double>> path, Picture picture) {
    List<List<double[]>> lines = sight.lines(measured, path, picture);
    for (List<double[]> line : lines) {
      for (double[] point : line) {
        point[0] = Math.rint(point[0] * FINE) / FINE;
        point[1] = Math.rint(point[1] * FINE) / FINE;
      }
    }
    return lines;
  }
}
