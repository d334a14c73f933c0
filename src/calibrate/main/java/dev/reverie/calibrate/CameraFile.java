package dev.reverie.calibrate;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverie.arm.YamlKeys;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.FileErrors;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/** The YAML of camera_calibration, as camera_info_manager and image_proc read it. */
final class CameraFile {
  private static final ObjectMapper YAML =
      YAMLMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  private CameraFile() {}

  /** Returns the text of the file. */
  static String write(String camera, CameraFit fit) {
    CameraCalibration lens = fit.lens();
    return """
        image_width: %d
        image_height: %d
        camera_name: %s
        camera_matrix:
          rows: 3
          cols: 3
          data: %s
        distortion_model: %s
        distortion_coefficients:
          rows: 1
          cols: %d
          data: %s
        rectification_matrix:
          rows: 3
          cols: 3
          data: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
        projection_matrix:
          rows: 3
          cols: 4
          data: %s
        """
        .formatted(
            lens.width(),
            lens.height(),
            camera,
            Arrays.toString(lens.k()),
            lens.distortionModel(),
            lens.d().length,
            Arrays.toString(lens.d()),
            Arrays.toString(fit.projection()));
  }

  /**
   * Reads a file.
   *
   * @throws CalibrateException where it is no calibration, with what to do
   */
  static CameraCalibration read(Path file) {
    try {
      JsonNode root = YamlKeys.read(YAML, YamlKeys.text(file));
      return new CameraCalibration(
          root.path("image_width").asInt(),
          root.path("image_height").asInt(),
          root.path("distortion_model").asText(),
          numbers(root, "distortion_coefficients"),
          numbers(root, "camera_matrix"));
    } catch (NoSuchFileException e) {
      throw new CalibrateException(
          "there is no '%s'; make it: ./reverie calibrate camera".formatted(file), e);
    } catch (IllegalArgumentException e) {
      throw new CalibrateException(
          "'%s' is no calibration of a camera: %s; make it anew: ./reverie calibrate camera"
              .formatted(file, e.getMessage()),
          e);
    } catch (IOException e) {
      throw new CalibrateException(
          "'%s' cannot be read: %s".formatted(file, FileErrors.reason(e)), e);
    }
  }

  private static double[] numbers(JsonNode root, String key) {
    JsonNode data = root.path(key).path("data");
    double[] numbers = new double[data.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!data.path(i).isNumber()) {
        throw new IllegalArgumentException(
            "%s has '%s' for a number".formatted(key, data.path(i).asText()));
      }
      numbers[i] = data.path(i).asDouble();
    }
    return numbers;
  }
}
