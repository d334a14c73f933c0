package dev.reverie.robot.sense;

import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.CdrReader;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Preprocess;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.PictureSize;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads what stands before the pixels of a camera's images, and says what is wrong with it. Pixels
 * are decoded only where the policy looks at them.
 */
public final class FrameReader {
  /** Share by which the shape of a picture may differ from what the policy sees. */
  private static final double SHAPE_TOLERANCE = 0.02;

  private final BundleSpec.Camera camera;
  private final boolean compressed;

  /**
   * Creates a reader of the messages of one camera.
   *
   * @param compressed whether the topic carries JPEG or PNG
   */
  public FrameReader(BundleSpec.Camera camera, boolean compressed) {
    this.camera = camera;
    this.compressed = compressed;
  }

  /** Returns whether a topic of this name carries JPEG or PNG. */
  public static boolean compressed(String topic) {
    return topic.endsWith("/compressed");
  }

  /** Type of the images on a topic of this name. */
  public static MessageType<?> type(String topic) {
    return type(compressed(topic));
  }

  public MessageType<?> type() {
    return type(compressed);
  }

  private static MessageType<?> type(boolean compressed) {
    return compressed ? CompressedImage.TYPE : Image.TYPE;
  }

  /**
   * Reads an image; one that cannot be used has a fault that says why.
   *
   * @param message CDR; must not be changed any more
   */
  public CameraFrame read(byte[] message, long arrivalNanos) {
    try {
      var in = new CdrReader(MemorySegment.ofArray(message));
      long stamp = Stamps.nanos(Time.TYPE.read(in));
      in.readString(); // frame_id
      return compressed
          ? compressed(in, stamp, message, arrivalNanos)
          : raw(in, stamp, message, arrivalNanos);
    } catch (CdrException e) {
      HoldReason fault =
          fault(
              "image of camera '%s' cannot be read: %s",
              camera.name(), String.valueOf(e.getMessage()));
      return new CameraFrame(
          0, FrameReader::unreadable, Optional.of(fault), message, message.length, arrivalNanos);
    }
  }

  private static CameraImage unreadable() {
    throw new IllegalStateException("a picture with a fault was looked at");
  }

  private CameraFrame raw(CdrReader in, long stamp, byte[] message, long arrivalNanos) {
    int height = in.readInt();
    int width = in.readInt();
    String encoding = in.readString();
    in.readByte(); // is_bigendian: one byte a channel
    int step = in.readInt();
    int length = in.readLength(1);
    int offset = message.length - (int) in.remaining();
    var picture = new Picture(message, offset, encoding, width, height, step);
    return new CameraFrame(
        stamp, picture::decode, fault(picture, length), message, offset, arrivalNanos);
  }

  private CameraFrame compressed(CdrReader in, long stamp, byte[] message, long arrivalNanos) {
    in.readString(); // format: what the picture says of itself counts
    in.readLength(1);
    int offset = message.length - (int) in.remaining();
    byte[] picture = Arrays.copyOfRange(message, offset, message.length);
    return new CameraFrame(
        stamp, () -> decoded(picture), fault(picture), message, offset, arrivalNanos);
  }

  /** Decodes a picture; what its EXIF says may have turned it. */
  private CameraImage decoded(byte[] compressed) {
    CameraImage image = Preprocess.decode(compressed);
    wrongSize(image.width(), image.height())
        .ifPresent(
            fault -> {
              throw new IllegalArgumentException(fault.text());
            });
    return image;
  }

  private Optional<HoldReason> fault(byte[] compressed) {
    try {
      PictureSize size = PictureSize.read(compressed);
      return size.grey()
          ? Optional.of(
              fault(
                  "image of camera '%s' is grey, and the policy looks at colours; set the camera to"
                      + " a JPEG or PNG in colour",
                  camera.name()))
          : wrongSize(size.width(), size.height());
    } catch (IllegalArgumentException e) {
      return Optional.of(
          fault(
              "image of camera '%s': %s; repair its driver",
              camera.name(), String.valueOf(e.getMessage())));
    }
  }

  /** The picture in a sensor_msgs/Image: the message, and where its pixels begin. */
  private record Picture(
      byte[] message, int offset, String encoding, int width, int height, int step) {
    CameraImage decode() {
      return CameraImage.decode(
          encoding, width, height, step, Arrays.copyOfRange(message, offset, message.length));
    }
  }

  private Optional<HoldReason> fault(Picture p, int length) {
    if (!CameraImage.ENCODINGS.contains(p.encoding)) {
      return Optional.of(
          fault("image of camera '%s' %s", camera.name(), CameraImage.unseen(p.encoding)));
    }
    if (!CameraImage.holds(p.encoding, p.width, p.height, p.step, length)) {
      return Optional.of(
          fault(
              "image of camera '%s' is %dx%d %s with %d bytes a row but has %d bytes; repair its driver",
              camera.name(), p.width, p.height, p.encoding, p.step, length));
    }
    return wrongSize(p.width, p.height);
  }

  private Optional<HoldReason> wrongSize(int width, int height) {
    double seenWidth = width * camera.crop().width();
    double seenHeight = height * camera.crop().height();
    double shape = seenWidth / seenHeight * camera.height() / camera.width();
    boolean small = seenWidth < camera.width() - 1 || seenHeight < camera.height() - 1;
    if (!small && Math.abs(shape - 1) <= SHAPE_TOLERANCE) {
      return Optional.empty();
    }
    return Optional.of(
        fault(
            "image of camera '%s' is %dx%d, of which the policy looks at %.0fx%.0f as %dx%d; set the"
                + " camera to at least that size and to that shape, or use a bundle with another crop",
            camera.name(), width, height, seenWidth, seenHeight, camera.width(), camera.height()));
  }

  private HoldReason fault(String format, Object... values) {
    return HoldReason.about(HoldReason.Kind.BAD_IMAGE, camera.name(), format, values);
  }
}
