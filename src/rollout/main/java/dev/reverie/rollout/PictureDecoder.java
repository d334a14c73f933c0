package dev.reverie.rollout;

/**
 * Decodes what sensor_msgs/CompressedImage carries. A policy is trained on what it will see, so the
 * trainer passes the decoder that the robot uses: {@code Preprocess::decode}.
 */
@FunctionalInterface
public interface PictureDecoder {
  /** Refuses every compressed picture. */
  PictureDecoder NONE =
      compressed -> {
        throw new IllegalArgumentException(
            "its pictures are compressed; read it with a decoder, such as Preprocess::decode");
      };

  /**
   * The JDK's own, to show, check and convert where OpenCV is not at hand. Its JPEG may differ from
   * OpenCV's in the last bit, so nothing should be trained on it that OpenCV feeds on the robot.
   */
  static PictureDecoder ofJdk() {
    return JdkPictures::decode;
  }

  /**
   * Decodes a picture.
   *
   * @param compressed JPEG or PNG
   * @throws IllegalArgumentException where it is no such picture
   */
  CameraImage decode(byte[] compressed);
}
