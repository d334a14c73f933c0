package dev.reverie.arm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import dev.reverie.policy.JsonWords;
import dev.reverie.rollout.FileErrors;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * Says where a camera stands: the content of {@code calibration/<camera>.hand_eye.yaml}.
 *
 * @param parentFrame link of the arm's URDF that the camera is fixed to
 * @param childFrame optical frame of the camera: z forward, x right, y down (REP 103)
 * @param xyz origin of the child in the parent's axes, metres
 * @param quaternionXyzw turn of the child in the parent, of length 1
 * @param method that fitted best, in the words of OpenCV
 */
public record HandEye(
    String camera,
    Mounting mounting,
    String parentFrame,
    String childFrame,
    List<Double> xyz,
    List<Double> quaternionXyzw,
    Residuals residuals,
    String method) {
  /** The end of the names of files. */
  public static final String ENDING = ".hand_eye.yaml";

  /** The place where a camera is fixed. */
  public enum Mounting {
    /** Fixed to a link that moves. */
    EYE_IN_HAND,
    /** Fixed to what stands still, and sees the arm. */
    EYE_TO_HAND
  }

  /**
   * Distances of the poses of the board that the pairs tell from their mean, root mean square.
   *
   * @param pairs of a pose of the arm and a pose of the board
   */
  public record Residuals(double rotationDeg, double translationMm, int pairs) {}

  /** Checks the numbers. */
  public HandEye {
    xyz = List.copyOf(xyz);
    quaternionXyzw = List.copyOf(quaternionXyzw);
    double square = quaternionXyzw.stream().mapToDouble(q -> q * q).sum();
    if (xyz.size() != 3 || !xyz.stream().allMatch(Double::isFinite)) {
      throw new IllegalArgumentException("xyz is %s; give three metres".formatted(xyz));
    }
    if (quaternionXyzw.size() != 4 || !(Math.abs(square - 1) < 1e-3)) {
      throw new IllegalArgumentException(
          "quaternion_xyzw is %s; give x, y, z, w of length 1".formatted(quaternionXyzw));
    }
    if (parentFrame.isEmpty() || childFrame.isEmpty() || parentFrame.equals(childFrame)) {
      throw new IllegalArgumentException(
          "parent_frame is '%s' and child_frame '%s'; give two frames"
              .formatted(parentFrame, childFrame));
    }
  }

  /**
   * Reads a file.
   *
   * @throws ArmException where it is none, with the file and what to do
   */
  public static HandEye read(Path file) {
    try {
      return ArmYaml.YAML.treeToValue(
          YamlKeys.read(ArmYaml.YAML, YamlKeys.text(file)), HandEye.class);
    } catch (IllegalArgumentException e) {
      throw new ArmException(
          "'%s' %s; make it anew: ./reverie calibrate hand-eye".formatted(file, e.getMessage()), e);
    } catch (NoSuchFileException e) {
      throw new ArmException(
          "there is no '%s'; make it: ./reverie calibrate hand-eye".formatted(file), e);
    } catch (ValueInstantiationException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new ArmException("'%s': %s".formatted(file, cause.getMessage()), e);
    } catch (JsonProcessingException e) {
      throw new ArmException(
          "'%s' is no hand-eye calibration%s: %s; make it anew: ./reverie calibrate hand-eye"
              .formatted(file, ArmWords.place(e), JsonWords.reason(e)),
          e);
    } catch (IOException e) {
      throw new ArmException("'%s' cannot be read: %s".formatted(file, FileErrors.reason(e)), e);
    }
  }

  /** Returns the text of the file. */
  public String yaml() {
    try {
      return ArmYaml.YAML.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
