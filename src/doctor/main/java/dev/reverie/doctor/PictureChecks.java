package dev.reverie.doctor;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PictureStatistics;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Preprocess;
import dev.reverie.rollout.CameraImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Compares what cameras show with what they showed when a policy was trained. */
final class PictureChecks {
  private static final String ABOUT = "pictures";

  /** Two cameras count as swapped where that fits better by so many grey levels each. */
  private static final double SWAP_MARGIN = 6;

  /** Difference that a picture may have beyond the spread in training: light changes over a day. */
  private static final double TOLERANCE = 25;

  private static final double SPREADS = 3;

  private PictureChecks() {}

  static List<Finding> check(PolicyBundle bundle, Map<String, Seen.Camera> seen) {
    if (bundle.pictures().isEmpty()) {
      return List.of(
          Finding.ok(
              ABOUT, "the bundle does not say what its cameras saw in training: not compared"));
    }
    List<String> names = new ArrayList<>();
    for (BundleSpec.Camera camera : bundle.spec().cameras()) {
      Seen.Camera live = seen.get(camera.name());
      if (bundle.pictures().containsKey(camera.name())
          && live != null
          && !live.pictures().isEmpty()) {
        names.add(camera.name());
      }
    }
    return check(distances(bundle, seen, names), bundle.pictures());
  }

  /** Returns how far what each camera shows is from what each showed in training, grey levels. */
  private static Map<String, Map<String, Double>> distances(
      PolicyBundle bundle, Map<String, Seen.Camera> seen, List<String> names) {
    Map<String, Map<String, Double>> distances = new LinkedHashMap<>();
    for (String live : names) {
      Map<String, Double> row = new LinkedHashMap<>();
      for (BundleSpec.Camera trained : bundle.spec().cameras()) {
        PictureStatistics statistics = bundle.pictures().get(trained.name());
        Seen.Camera camera = seen.get(live);
        if (names.contains(trained.name()) && statistics != null && camera != null) {
          row.put(trained.name(), statistics.distance(look(camera.pictures(), trained)));
        }
      }
      distances.put(live, row);
    }
    return distances;
  }

  /** Returns what pictures look like to a policy that takes them for another camera's. */
  private static PictureStatistics look(List<CameraImage> pictures, BundleSpec.Camera as) {
    var preprocess =
        new Preprocess(new BundleSpec.Camera(as.name(), as.width(), as.height(), false, as.crop()));
    return PictureStatistics.of(
        pictures.stream().map(preprocess::apply).toList(), as.width(), as.height());
  }

  /**
   * Says which cameras are swapped, and which show something else.
   *
   * @param distances by the live camera, then by the trained one
   */
  static List<Finding> check(
      Map<String, Map<String, Double>> distances, Map<String, PictureStatistics> trained) {
    var findings = new ArrayList<Finding>();
    var swapped = new ArrayList<String>();
    List<String> names = List.copyOf(distances.keySet());
    for (int i = 0; i < names.size(); i++) {
      for (int j = i + 1; j < names.size(); j++) {
        String a = names.get(i);
        String b = names.get(j);
        double straight = of(distances, a, a) + of(distances, b, b);
        double crossed = of(distances, a, b) + of(distances, b, a);
        if (crossed + 2 * SWAP_MARGIN < straight) {
          swapped.add(a);
          swapped.add(b);
          findings.add(
              Finding.error(
                  "cameras " + a + " and " + b,
                  "swap their topics (or their plugs)",
                  "swapped: what they show fits the other's training pictures better"
                      + " (%.0f grey levels apart, as they are %.0f)",
                  crossed / 2,
                  straight / 2));
        }
      }
    }
    for (String name : names) {
      PictureStatistics statistics = trained.get(name);
      if (!swapped.contains(name) && statistics != null) {
        findings.add(alike(name, of(distances, name, name), statistics.spread()));
      }
    }
    return findings;
  }

  private static Finding alike(String name, double distance, double spread) {
    String value = "%.0f grey levels from its training pictures, which are %.0f apart themselves";
    return distance > TOLERANCE + SPREADS * spread
        ? Finding.warning(
            "camera " + name,
            "compare light, mounting and view with the demonstrations",
            "shows something else: " + value,
            distance,
            spread)
        : Finding.ok("camera " + name, value, distance, spread);
  }

  private static double of(Map<String, Map<String, Double>> distances, String live, String as) {
    return distances.getOrDefault(live, Map.of()).getOrDefault(as, 0.0);
  }
}
