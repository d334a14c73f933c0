package dev.reverie.policy;

import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.CameraImage;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * An observation: what a policy sees at one instant, and what it saw before.
 *
 * @param images by camera name of the spec; of any size
 * @param jointPositions rad, in the order of the spec's joint names
 * @param earlier observations of the episode, by how many periods they lie before this one
 * @param ahead actions in [-1, 1] that will be carried out from now on whatever the policy says,
 *     [n, D] row-major
 */
public record Observation(
    Map<String, CameraImage> images,
    double[] jointPositions,
    String instruction,
    NavigableMap<Integer, Observation> earlier,
    float[] ahead) {
  /** Copies the maps and the arrays. */
  public Observation {
    images = Map.copyOf(images);
    jointPositions = jointPositions.clone();
    earlier = Collections.unmodifiableNavigableMap(new TreeMap<>(earlier));
    ahead = ahead.clone();
  }

  /** One with nothing before it and nothing decided. */
  public Observation(Map<String, CameraImage> images, double[] jointPositions, String instruction) {
    this(images, jointPositions, instruction, new TreeMap<>(), new float[0]);
  }

  /**
   * Returns one of black pictures and joints at 0, with an instruction that the policy knows.
   *
   * @param lenses of cameras that are rectified, by name: their pictures are as large as theirs
   */
  public static Observation black(BundleSpec spec, Map<String, CameraCalibration> lenses) {
    Map<String, CameraImage> black = new HashMap<>();
    for (BundleSpec.Camera camera : spec.cameras()) {
      // What is to be rectified has the shape of what was calibrated.
      CameraCalibration lens = camera.rectify() ? lenses.get(camera.name()) : null;
      int width = lens == null ? camera.width() : lens.width();
      int height = lens == null ? camera.height() : lens.height();
      byte[] pixels = new byte[width * height * 3];
      black.put(camera.name(), new CameraImage(width, height, pixels));
    }
    double[] joints = new double[spec.jointNames().size()];
    return new Observation(black, joints, spec.language().example());
  }

  /** The same after others. */
  public Observation after(NavigableMap<Integer, Observation> others) {
    return new Observation(images, jointPositions, instruction, others, ahead);
  }

  /** The same with actions that are decided. */
  public Observation deciding(float[] actions) {
    return new Observation(images, jointPositions, instruction, earlier, actions);
  }

  /**
   * The observation of so many periods before; the episode's first one for what lies before that.
   */
  Observation before(int periods) {
    Map.Entry<Integer, Observation> found = earlier.floorEntry(periods);
    return periods == 0 || found == null ? this : found.getValue();
  }
}
