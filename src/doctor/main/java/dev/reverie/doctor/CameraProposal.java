package dev.reverie.doctor;

import dev.reverie.arm.ArmFile;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rollout.CameraNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Proposes the cameras of an arm file: all that show colours, one of which the policy sees. */
final class CameraProposal {
  /** Pixels that the shorter side of a picture for a policy has, at least. */
  private static final int LEAST = 40;

  private static final int MOST = 160;

  /** The world model takes multiples of it. */
  private static final int STEP = 8;

  /** Difference that may be between the shapes of a picture and of the camera's. */
  private static final double SHAPE = 0.015;

  private static final String COMPRESSED = "/compressed";

  private CameraProposal() {}

  static Map<String, ArmFile.Camera> of(
      Seen seen, ArmProposal.Said said, List<String> found, List<String> assumed) {
    Map<String, String> topics = said.cameras().isEmpty() ? named(seen, found) : said.cameras();
    Set<String> policy =
        said.policyCameras().isEmpty() ? first(topics, assumed) : said.policyCameras();
    for (String name : policy) {
      if (!topics.containsKey(name)) {
        throw new IllegalArgumentException(
            "there is no camera '%s' for the policy; there are %s"
                .formatted(name, topics.keySet()));
      }
    }
    Map<String, ArmFile.Camera> cameras = new LinkedHashMap<>();
    topics.forEach(
        (name, topic) -> {
          int[] size = size(seen.cameras().get(topic));
          int[] picture = picture(size);
          var crop = crop(size, picture);
          cameras.put(
              name,
              new ArmFile.Camera(
                  topic,
                  policy.contains(name),
                  picture[0],
                  picture[1],
                  false,
                  crop,
                  Wanted.FROZEN_AFTER_S));
          Seen.Camera told = seen.cameras().get(topic);
          found.add(
              told == null || told.arrivals().count() == 0
                  ? "camera '%s': nothing came on %s yet".formatted(name, topic)
                  : "camera '%s': %s, %s %s at %.0f Hz; a policy would see it as %dx%d"
                      .formatted(
                          name,
                          topic,
                          String.join(" ", told.sizes()),
                          String.join(" ", told.encodings()),
                          told.arrivals().rateHz().orElse(0),
                          picture[0],
                          picture[1]));
        });
    if (topics.isEmpty()) {
      assumed.add("no camera: start one and run this again, or give --camera NAME=TOPIC");
    }
    return cameras;
  }

  /** Topics by a short name; of a camera with raw and compressed pictures, the raw ones. */
  private static Map<String, String> named(Seen seen, List<String> found) {
    Map<String, List<String>> byName = new TreeMap<>();
    seen.cameras()
        .forEach(
            (topic, camera) -> {
              boolean doubled =
                  topic.endsWith(COMPRESSED)
                      && seen.cameras()
                          .containsKey(topic.substring(0, topic.length() - COMPRESSED.length()));
              if (camera.arrivals().count() > 0 && !camera.fault().isEmpty()) {
                found.add("not used: %s: %s".formatted(topic, camera.fault()));
              } else if (!doubled && !topic.contains("compressedDepth")) {
                byName.computeIfAbsent(name(topic), key -> new ArrayList<>()).add(topic);
              }
            });
    Map<String, String> topics = new LinkedHashMap<>();
    byName.forEach(
        (name, same) -> {
          for (String topic : same) {
            topics.put(same.size() == 1 ? name : plain(topic), topic);
          }
        });
    return topics;
  }

  private static String name(String topic) {
    return plain(CameraNames.name(topic));
  }

  private static String plain(String topic) {
    return topic.replaceAll("^/|[^A-Za-z0-9_/]", "").replace('/', '_');
  }

  /** The camera that most likely sees the whole scene. */
  private static Set<String> first(Map<String, String> topics, List<String> assumed) {
    String best =
        topics.keySet().stream()
            .min(
                (a, b) ->
                    Boolean.compare(
                        a.matches(".*(wrist|hand|gripper|tool).*"),
                        b.matches(".*(wrist|hand|gripper|tool).*")))
            .orElse("");
    if (best.isEmpty()) {
      return Set.of();
    }
    if (topics.size() > 1) {
      assumed.add(
          "a policy sees '%s' alone, all are recorded; choose by --policy-camera NAME"
              .formatted(best));
    }
    return Set.of(best);
  }

  private static int[] size(Seen.@Nullable Camera camera) {
    if (camera == null || camera.sizes().isEmpty()) {
      return new int[] {640, 480};
    }
    String[] sides = camera.sizes().iterator().next().split("x", -1);
    return new int[] {Integer.parseInt(sides[0]), Integer.parseInt(sides[1])};
  }

  /** The smallest picture of about the camera's shape; a square one where none has it. */
  private static int[] picture(int[] size) {
    double shape = (double) size[0] / size[1];
    for (int width = LEAST; width <= MOST; width += STEP) {
      int height = (int) Math.round(width / shape / STEP) * STEP;
      boolean fits = height >= LEAST && Math.abs((double) width / height / shape - 1) < SHAPE;
      if (fits && width >= 64 && width <= size[0] && height <= size[1]) {
        return new int[] {width, height};
      }
    }
    int side = Math.max(STEP, Math.min(64, Math.min(size[0], size[1]) / STEP * STEP));
    return new int[] {side, side};
  }

  /** The middle of the camera's picture, in the shape of the policy's. */
  private static BundleSpec.Crop crop(int[] size, int[] picture) {
    double shape = (double) size[0] / size[1];
    double wanted = (double) picture[0] / picture[1];
    if (Math.abs(wanted / shape - 1) < SHAPE) {
      return BundleSpec.Crop.NONE;
    }
    double width = Math.min(1, wanted / shape);
    double height = Math.min(1, shape / wanted);
    return new BundleSpec.Crop((1 - width) / 2, (1 - height) / 2, width, height);
  }
}
