package dev.reverie.calibrate;

import dev.reverie.calibrate.Source.Sensed;
import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.policy.Preprocess;
import dev.reverie.rollout.CameraImage;

/** Makes of messages as they came over the wire what was sensed. */
final class CameraMessages {
  private CameraMessages() {}

  /** Tells whether messages of a type are pictures. */
  static boolean isPicture(String type) {
    return type.equals(Image.TYPE.name()) || type.equals(CompressedImage.TYPE.name());
  }

  /**
   * Reads a message of one of the types that are sensed.
   *
   * @param type such as {@code sensor_msgs/msg/Image}
   */
  static Sensed read(String topic, String type, byte[] cdr) {
    try {
      if (type.equals(Image.TYPE.name())) {
        Image image = Image.TYPE.decode(cdr);
        return new Sensed.Picture(
            topic,
            image.header().frameId(),
            Stamps.nanos(image.header().stamp()),
            () -> CameraImage.of(image));
      }
      if (type.equals(CompressedImage.TYPE.name())) {
        CompressedImage image = CompressedImage.TYPE.decode(cdr);
        return new Sensed.Picture(
            topic,
            image.header().frameId(),
            Stamps.nanos(image.header().stamp()),
            () -> Preprocess.decode(image.data()));
      }
      if (type.equals(JointState.TYPE.name())) {
        return new Sensed.Joints(JointState.TYPE.decode(cdr));
      }
      if (type.equals(CameraInfo.TYPE.name())) {
        return new Sensed.Lens(CameraInfo.TYPE.decode(cdr));
      }
      return new Sensed.Description(dev.reverie.msgs.std_msgs.String.TYPE.decode(cdr).data());
    } catch (CdrException e) {
      throw new CalibrateException(
          "a message on %s is no %s: %s".formatted(topic, type, e.getMessage()), e);
    }
  }
}
