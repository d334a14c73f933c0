package dev.reverie.trainer.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.arm.ArmBodies;
import dev.reverie.arm.ArmException;
import dev.reverie.arm.ArmSilhouette.Eye;
import dev.reverie.arm.HandEye;
import dev.reverie.mcap.Durable;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.JsonWords;
import dev.reverie.policy.Preprocess;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.JointNames;
import dev.reverie.rollout.Sha256;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that has to be known to draw an arm as its cameras see it; a file beside the models that were
 * trained with it.
 *
 * @param urdf of the arm
 * @param names the arm's own names of joints, by those in the URDF
 * @param prefix before the own names of the others there
 * @param eyes where each camera stands, and its lens, by the camera's name
 */
public record ArmSight(
    String urdf, Map<String, String> names, String prefix, SortedMap<String, Eye> eyes) {
  /** The name of the file. */
  public static final String FILE = "silhouette.json";

  private static final String OFF = "or set worldModel.silhouette to false";

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads what a bag tells.
   *
   * @param spec whose cameras see the arm
   * @param handEye files of {@code calibrate hand-eye}, for cameras that the URDF does not have
   * @throws TrainerException where something is missing, with what to do
   */
  public static ArmSight of(Path bag, BundleSpec spec, List<String> handEye) {
    EpisodeReader reader = EpisodeReader.open(bag, Alignment.DEFAULT, Preprocess::decode);
    String urdf =
        reader
            .description()
            .orElseThrow(
                () ->
                    new TrainerException(
                        "%s has no robot_description, from which the arm is to be drawn; record with it, %s"
                            .formatted(bag, OFF)));
    JointNames names = reader.jointNames();
    try {
      ArmBodies bodies = ArmBodies.of(urdf, names, spec.jointNames());
      List<HandEye> stands = handEye.stream().map(file -> HandEye.read(Path.of(file))).toList();
      SortedMap<String, Eye> eyes = new TreeMap<>();
      for (BundleSpec.Camera camera : spec.cameras()) {
        eyes.put(camera.name(), eye(bag, reader, camera.name(), bodies, stands));
      }
      return new ArmSight(urdf, new TreeMap<>(names.own()), names.prefix(), eyes);
    } catch (ArmException e) {
      throw new TrainerException(
          "the arm of %s cannot be drawn: %s, %s".formatted(bag, e.getMessage(), OFF), e);
    }
  }

  private static Eye eye(
      Path bag, EpisodeReader reader, String camera, ArmBodies bodies, List<HandEye> stands) {
    CameraCalibration lens =
        reader
            .calibration(camera)
            .orElseThrow(
                () ->
                    new TrainerException(
                        "%s has no camera_info of the camera '%s', by which the arm is to be drawn; calibrate the camera (./reverie calibrate camera) and record with it, %s"
                            .formatted(bag, camera, OFF)));
    for (HandEye stand : stands) {
      if (stand.camera().equals(camera)) {
        bodies.requireLink(stand.parentFrame());
        return Eye.of(stand, lens);
      }
    }
    String frame = reader.opticalFrame(camera).orElse("");
    if (!bodies.hasLink(frame)) {
      throw new TrainerException(
          "nobody says where the camera '%s' of %s stands: its frame '%s' is no link of the URDF; name its file of ./reverie calibrate hand-eye in worldModel.handEye, %s"
              .formatted(camera, bag, frame, OFF));
    }
    return Eye.in(frame, lens);
  }

  /**
   * Reads the file of a folder of models.
   *
   * @throws TrainerException where there is none, with what to do
   */
  public static ArmSight read(Path models) {
    Path file = models.resolve(FILE);
    try {
      return JSON.readValue(file.toFile(), ArmSight.class);
    } catch (JsonProcessingException e) {
      throw new TrainerException(
          "%s is damaged: %s; pretrain anew".formatted(file, JsonWords.reason(e)), e);
    } catch (IOException e) {
      throw new TrainerException(
          "%s cannot be read: %s; give models that were pretrained with worldModel.silhouette, %s"
              .formatted(file, FileErrors.reason(e), OFF),
          e);
    }
  }

  /**
   * Leaves it in a folder of models.
   *
   * @throws TrainerException where another one is there
   */
  public void write(Path models) {
    Path file = models.resolve(FILE);
    if (Files.exists(file)) {
      requireSame(read(models), file.toString());
      return;
    }
    try {
      Durable.writeUnforced(file, json());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /**
   * Refuses an arm that looks otherwise, or cameras that stand elsewhere.
   *
   * @param where the other one is from
   */
  public void requireSame(ArmSight other, String where) {
    if (!json().equals(other.json())) {
      throw new TrainerException(
          "the URDF, a camera's lens or where it stands is not as in %s, with which the world model learned what the arm looks like; pretrain anew, %s"
              .formatted(where, OFF));
    }
  }

  /** First 16 hexadecimal digits of the SHA-256: enough to tell two apart. */
  public String sha256() {
    return Sha256.of(json().getBytes(StandardCharsets.UTF_8)).substring(0, 16);
  }

  private String json() {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
