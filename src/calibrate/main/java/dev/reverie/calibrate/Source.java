package dev.reverie.calibrate;

import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.rollout.CameraImage;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Gives what an arm and its camera say: live, from a bag, or pictures from files. */
interface Source extends AutoCloseable {
  /**
   * Gives one after the other until the taker has enough and returns false, or there is no more.
   */
  void forEach(Predicate<Sensed> taker);

  /** The topic of the camera's pictures; empty for files. */
  String images();

  @Override
  default void close() {}

  /** A message of a sensor. */
  sealed interface Sensed {
    /**
     * A picture.
     *
     * @param name of it, for messages
     * @param frame optical frame of the camera; empty where it is not told
     * @param image decodes it
     */
    record Picture(String name, String frame, long stampNanos, Supplier<CameraImage> image)
        implements Sensed {}

    /** Positions of joints. */
    record Joints(JointState state) implements Sensed {}

    /** The camera's own calibration. */
    record Lens(CameraInfo info) implements Sensed {}

    /** The arm's URDF. */
    record Description(String urdf) implements Sensed {}
  }

  /**
   * The topics that are heard.
   *
   * @param images of the camera; empty in a bag: its only one
   * @param joints topics of sensor_msgs/JointState
   * @param description topic of the URDF
   */
  record Topics(String images, List<String> joints, String description) {}
}
