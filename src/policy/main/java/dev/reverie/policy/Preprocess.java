package dev.reverie.policy;

import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.PictureSize;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.opencv.calib3d.Calib3d;
import org.opencv.core.CvException;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.Rect;
import org.opencv.core.Size;
import org.opencv.imgcodecs.Imgcodecs;
import org.opencv.imgproc.Imgproc;

/**
 * Camera pictures to a policy's input: rectify, crop, resize by area. Robot and trainer both use
 * this class, so that the policy is trained on what it will see. One instance a thread.
 */
public final class Preprocess {
  private final BundleSpec.Camera camera;
  private final Optional<CameraCalibration> calibration;
  private final Mat[] maps = new Mat[2]; // where each pixel of the rectified picture comes from

  /**
   * Creates the preprocessing of one camera.
   *
   * @param calibration needed where the spec asks for rectified pictures
   */
  public Preprocess(BundleSpec.Camera camera, Optional<CameraCalibration> calibration) {
    if (camera.rectify() && calibration.isEmpty()) {
      throw new IllegalArgumentException(
          "camera '%s' must be rectified but has no calibration; publish its camera_info"
              .formatted(camera.name()));
    }
    this.camera = camera;
    this.calibration = camera.rectify() ? calibration : Optional.empty();
  }

  /** Creates the preprocessing of a camera whose pictures are not rectified. */
  public Preprocess(BundleSpec.Camera camera) {
    this(camera, Optional.empty());
  }

  /** The network's view of a picture, [height, width, 3] of the spec. */
  public byte[] apply(CameraImage image) {
    byte[] result = new byte[camera.height() * camera.width() * 3];
    apply(image, MemorySegment.ofArray(result));
    return result;
  }

  /** Writes the network's view of a picture, [height, width, 3] of the spec. */
  void apply(CameraImage image, MemorySegment target) {
    boolean asItIs = image.width() == camera.width() && image.height() == camera.height();
    if (asItIs && calibration.isEmpty() && camera.crop().equals(BundleSpec.Crop.NONE)) {
      target.copyFrom(MemorySegment.ofArray(image.rgb()));
      return;
    }
    OpenCv.load();
    Mat source = new Mat(image.height(), image.width(), CvType.CV_8UC3);
    Mat resized = new Mat();
    try {
      source.put(0, 0, image.rgb());
      calibration.ifPresent(lens -> rectify(source, lens));
      Mat part = source.submat(rectangle(image.width(), image.height()));
      Imgproc.resize(
          part, resized, new Size(camera.width(), camera.height()), 0, 0, Imgproc.INTER_AREA);
      part.release();
      target.copyFrom(memory(resized));
    } finally {
      source.release();
      resized.release();
    }
  }

  /** A picture from the data of sensor_msgs/CompressedImage: JPEG or PNG. */
  public static CameraImage decode(byte[] compressed) {
    if (compressed.length == 0) {
      throw new IllegalArgumentException("an empty message is no picture; send JPEG or PNG");
    }
    PictureSize.check(compressed);
    OpenCv.load();
    MatOfByte bytes = new MatOfByte(compressed);
    try {
      Mat picture = Imgcodecs.imdecode(bytes, Imgcodecs.IMREAD_COLOR_RGB);
      if (picture.empty()) {
        throw new IllegalArgumentException(
            "%d bytes are no picture; send JPEG or PNG".formatted(compressed.length));
      }
      byte[] rgb = memory(picture).toArray(ValueLayout.JAVA_BYTE);
      CameraImage image = new CameraImage(picture.cols(), picture.rows(), rgb);
      picture.release();
      return image;
    } catch (CvException e) {
      throw new IllegalArgumentException(
          "%d bytes are no picture that OpenCV decodes; send JPEG or PNG"
              .formatted(compressed.length),
          e);
    } finally {
      bytes.release();
    }
  }

  private void rectify(Mat picture, CameraCalibration calibrated) {
    if (maps[0] == null || maps[0].cols() != picture.cols() || maps[0].rows() != picture.rows()) {
      map(scaled(calibrated, picture.cols(), picture.rows()));
    }
    Mat straight = new Mat();
    Imgproc.remap(picture, straight, maps[0], maps[1], Imgproc.INTER_LINEAR);
    straight.copyTo(picture);
    straight.release();
  }

  private CameraCalibration scaled(CameraCalibration calibrated, int width, int height) {
    try {
      return calibrated.scaledTo(width, height);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "camera '%s' sends %s".formatted(camera.name(), e.getMessage()), e);
    }
  }

  private void map(CameraCalibration lens) {
    maps[0] = new Mat();
    maps[1] = new Mat();
    Mat matrix = new Mat(3, 3, CvType.CV_64F);
    matrix.put(0, 0, lens.k());
    Mat distortion = new Mat(1, lens.d().length, CvType.CV_64F);
    if (lens.d().length > 0) {
      distortion.put(0, 0, lens.d());
    }
    Size size = new Size(lens.width(), lens.height());
    Calib3d.initUndistortRectifyMap(
        matrix, distortion, new Mat(), matrix, size, CvType.CV_16SC2, maps[0], maps[1]);
  }

  private Rect rectangle(int width, int height) {
    BundleSpec.Crop.Part part = camera.crop().of(width, height);
    return new Rect(part.left(), part.top(), part.width(), part.height());
  }

  // Safe: a continuous picture holds its pixels in one piece, and outlives the segment's use.
  private static MemorySegment memory(Mat picture) {
    if (!picture.isContinuous()) {
      throw new IllegalStateException("OpenCV gave a picture with gaps between its rows");
    }
    return MemorySegment.ofAddress(picture.dataAddr())
        .reinterpret(picture.total() * picture.elemSize());
  }
}
