package dev.reverie.robot.swap;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.msgs.reverie.Replayed;
import dev.reverie.policy.Observation;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.CameraImage;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The question to the process that tries a policy bundle before the node touches it, and its
 * answer: a line of JSON each, the question followed by its pictures.
 */
final class Trial {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Trial() {}

  /**
   * A bundle that is to be tried.
   *
   * @param seen the last observations
   */
  record Question(Terms terms, List<Observation> seen) {}

  /**
   * The terms by which a bundle is tried.
   *
   * @param folder of the bundle
   * @param live id of the policy that is live; empty where none is
   * @param spec of that policy, as JSON; empty where none is
   * @param task what each policy of the arm sees and moves, as JSON
   * @param mayDiffer fields in which it may differ from the live one
   * @param keys folder of the public keys of whoever may sign; empty: nobody has to
   * @param runtime how the node runs its policies
   * @param lenses of the cameras whose pictures are rectified, by name
   * @param replay what it is replayed by, where that is asked for
   */
  record Terms(
      String folder,
      String live,
      String spec,
      String task,
      List<String> mayDiffer,
      String keys,
      PolicyRuntime runtime,
      Map<String, CameraCalibration> lenses,
      ReplayTerms replay) {
    /** Returns whether it is tried at recorded episodes, after all else. */
    boolean isReplayed() {
      return !replay.asked().isNone();
    }
  }

  /**
   * The state of a trial.
   *
   * @param id of the bundle; empty where it is not known yet
   * @param text why it is refused, or what a person may want to know
   * @param replayed at recorded episodes, where that was asked for
   */
  record Answer(PolicyState state, String id, String text, Replayed replayed) {
    /** The bundle stays out. */
    static Answer refused(String why) {
      return new Answer(PolicyState.REFUSED, "", why, new Replayed());
    }
  }

  /** A question without its pixels. */
  private record Header(Terms terms, List<Seen> seen) {}

  private record Seen(List<Picture> pictures, double[] joints, String instruction) {}

  private record Picture(String camera, int width, int height) {}

  static void write(Question asked, DataOutputStream out) throws IOException {
    List<Seen> seen = new ArrayList<>();
    List<byte[]> pixels = new ArrayList<>();
    for (Observation observation : asked.seen()) {
      List<Picture> pictures = new ArrayList<>();
      observation
          .images()
          .forEach(
              (camera, image) -> {
                pictures.add(new Picture(camera, image.width(), image.height()));
                pixels.add(image.rgb());
              });
      seen.add(new Seen(pictures, observation.jointPositions(), observation.instruction()));
    }
    byte[] header = JSON.writeValueAsBytes(new Header(asked.terms(), seen));
    out.writeInt(header.length);
    out.write(header);
    for (byte[] each : pixels) {
      out.write(each);
    }
    out.flush();
  }

  static Question read(DataInputStream in) throws IOException {
    Header header = JSON.readValue(in.readNBytes(in.readInt()), Header.class);
    List<Observation> observations = new ArrayList<>();
    for (Seen seen : header.seen()) {
      Map<String, CameraImage> images = new LinkedHashMap<>();
      for (Picture picture : seen.pictures()) {
        byte[] rgb = new byte[3 * picture.width() * picture.height()];
        in.readFully(rgb);
        images.put(picture.camera(), new CameraImage(picture.width(), picture.height(), rgb));
      }
      observations.add(new Observation(images, seen.joints(), seen.instruction()));
    }
    return new Question(header.terms(), observations);
  }

  static String line(Answer answer) throws JsonProcessingException {
    return JSON.writeValueAsString(answer);
  }

  static Answer answer(String line) throws JsonProcessingException {
    return JSON.readValue(line, Answer.class);
  }
}
