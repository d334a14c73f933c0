package dev.reverie.doctor;

import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PictureStatistics;
import dev.reverie.rcljava.EndpointInfo;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.NearestNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Checks of cameras: topic, type, rate, stamps, encoding, size, pixels and camera_info. */
final class CameraChecks {
  private static final String IMAGE = "sensor_msgs/msg/Image";
  private static final String COMPRESSED = "sensor_msgs/msg/CompressedImage";

  /** Difference that the node allows between the shape of a picture and what the policy sees. */
  private static final double SHAPE_TOLERANCE = 0.02;

  private static final double DARK = 12;
  private static final double BLANK = 2;
  private static final int FROZEN_IMAGES = 5;

  /** Buffers that a driver has, and may send by turns. */
  private static final int BUFFERS = 4;

  /** Motion of a joint, rad or m, that a camera must see: as in the robot node. */
  private static final double MOVED = 0.05;

  private CameraChecks() {}

  static List<Finding> check(String name, Wanted.Camera wanted, Wanted all, Seen seen) {
    String about = "camera " + name;
    List<EndpointInfo> publishers = seen.publishersOf(wanted.topic());
    Optional<Finding> absent = absent(about, wanted, seen, publishers);
    if (absent.isPresent()) {
      return List.of(absent.get());
    }
    Seen.Camera camera = seen.cameras().get(name);
    if (camera == null || camera.arrivals().count() == 0) {
      return List.of(
          Finding.error(
              about,
              "look at the driver's log; try another USB port or a lower rate",
              "%s publishes %s, and no image came",
              Seen.nodes(publishers),
              wanted.topic()));
    }
    var findings = new ArrayList<Finding>();
    String from = Seen.nodes(publishers);
    findings.add(
        rate(
            about,
            camera,
            all,
            name.equals(wanted.topic()) ? from : from + " on " + wanted.topic()));
    if (publishers.size() > 1) {
      findings.add(
          Finding.warning(
              about,
              "stop one, or remap it",
              "%d publishers on %s: %s",
              publishers.size(),
              wanted.topic(),
              Seen.nodes(publishers)));
    }
    findings.addAll(StampChecks.check(about, camera.arrivals()));
    encoding(about, camera).ifPresent(findings::add);
    findings.addAll(size(about, camera, wanted.seen()));
    frozen(about, camera, wanted.frozenAfterS(), seen.moved(all.joints())).ifPresent(findings::add);
    dark(about, camera).ifPresent(findings::add);
    info(about, camera, wanted).ifPresent(findings::add);
    return findings;
  }

  private static Optional<Finding> absent(
      String about, Wanted.Camera wanted, Seen seen, List<EndpointInfo> publishers) {
    List<String> types = seen.topics().getOrDefault(wanted.topic(), List.of());
    String right = wanted.compressed() ? COMPRESSED : IMAGE;
    if (publishers.isEmpty()) {
      List<String> images = new ArrayList<>(seen.topicsOf(IMAGE));
      images.addAll(seen.topicsOf(COMPRESSED));
      images.removeIf(topic -> seen.publishersOf(topic).isEmpty());
      return Optional.of(
          Finding.error(
              about,
              images.isEmpty()
                  ? "start the camera's driver"
                  : "start its driver, or set its topic in the arm file or as camera.NAME.topic;"
                      + " nearest: "
                      + NearestNames.of(wanted.topic(), images),
              "nobody publishes %s",
              wanted.topic()));
    }
    if (publishers.stream().noneMatch(each -> each.type().equals(right))) {
      return Optional.of(
          Finding.error(
              about,
              wanted.compressed()
                  ? "name a topic of CompressedImage, or one that does not end in /compressed"
                  : "name a topic of Image; one of CompressedImage ends in /compressed",
              "%s has %s where %s is needed",
              wanted.topic(),
              types.isEmpty() ? publishers.getFirst().type() : String.join(", ", types),
              right));
    }
    return Optional.empty();
  }

  private static Finding rate(String about, Seen.Camera camera, Wanted all, String from) {
    double hz = camera.arrivals().rateHz().orElse(0);
    String value = "%s, %s, %s from %s";
    String sizes = String.join(" and ", camera.sizes());
    String encodings = String.join(" and ", camera.encodings());
    String rate = String.format(Locale.ROOT, "%.1f Hz", hz);
    double needed = all.periodS().isPresent() ? 1 / all.periodS().getAsDouble() : 0;
    return hz < 0.9 * needed
        ? Finding.warning(
            about,
            "raise the camera's rate (exposure, USB), or train a policy of a longer period",
            "%s; the policy ticks at %.1f Hz",
            value.formatted(rate, sizes, encodings, from),
            needed)
        : Finding.ok(about, value, rate, sizes, encodings, from);
  }

  private static Optional<Finding> encoding(String about, Seen.Camera camera) {
    if (!camera.fault().isEmpty()) {
      return Optional.of(
          Finding.error(
              about,
              "set the camera to rgb8, bgr8, or to JPEG",
              "its images cannot be read: %s",
              camera.fault()));
    }
    boolean byName =
        camera.encodings().stream()
            .anyMatch(name -> name.startsWith("mono") || name.matches("(8|16|32)[USF]C1"));
    boolean byPixels =
        !camera.pictures().isEmpty() && camera.pictures().stream().allMatch(CameraChecks::grey);
    return byName || byPixels
        ? Optional.of(
            Finding.error(
                about,
                "set the camera to colour: the policy was trained on it",
                "its pictures are grey"))
        : Optional.empty();
  }

  /**
   * Returns whether red, green and blue are the same everywhere; a black picture is no grey one.
   */
  private static boolean grey(CameraImage image) {
    byte[] rgb = image.rgb();
    boolean dark = true;
    for (int i = 0; i < rgb.length; i += 3) {
      if (rgb[i] != rgb[i + 1] || rgb[i] != rgb[i + 2]) {
        return false;
      }
      dark &= Byte.toUnsignedInt(rgb[i]) < DARK;
    }
    return !dark && !uniform(rgb);
  }

  private static boolean uniform(byte[] rgb) {
    for (byte value : rgb) {
      if (value != rgb[0]) {
        return false;
      }
    }
    return true;
  }

  private static List<Finding> size(
      String about, Seen.Camera camera, Optional<BundleSpec.Camera> seen) {
    if (camera.sizes().size() > 1) {
      return List.of(
          Finding.error(
              about,
              "let one driver publish one size",
              "its size changes: %s",
              String.join(", ", camera.sizes())));
    }
    if (seen.isEmpty() || camera.pictures().isEmpty()) {
      return List.of();
    }
    BundleSpec.Camera policy = seen.get();
    CameraImage image = camera.pictures().getFirst();
    double width = image.width() * policy.crop().width();
    double height = image.height() * policy.crop().height();
    double shape = width / height * policy.height() / policy.width();
    boolean small = width < policy.width() - 1 || height < policy.height() - 1;
    if (!small && Math.abs(shape - 1) <= SHAPE_TOLERANCE) {
      return List.of();
    }
    return List.of(
        Finding.error(
            about,
            small
                ? "set the camera to a larger picture"
                : "set the camera to that shape, or crop it in the arm file and train with it",
            "%dx%d, of which the policy looks at %.0fx%.0f as %dx%d",
            image.width(),
            image.height(),
            width,
            height,
            policy.width(),
            policy.height()));
  }

  /**
   * Says what pixels that stand still are: an error where the arm moved, since a camera that lives
   * would differ in its noise at least, and no more than a warning where nothing moved.
   */
  private static Optional<Finding> frozen(
      String about, Seen.Camera camera, double frozenAfterS, double moved) {
    int count = camera.arrivals().count();
    boolean still = camera.different() == 1;
    if (camera.different() > BUFFERS
        || count < FROZEN_IMAGES * camera.different()
        || camera.arrivals().sameStamp()
        || (frozenAfterS == 0 && still && moved <= MOVED)) {
      return Optional.empty();
    }
    String pictures =
        still
            ? "%d images have the very same pixels".formatted(count)
            : "%d images are the same %d by turns".formatted(count, camera.different());
    if (moved > MOVED) {
      String value = "%s while the arm moved %.3f rad: it is frozen";
      String remedy = "restart its driver; of a camera that may stand still set frozen_after_s: 0";
      return Optional.of(
          frozenAfterS > 0
              ? Finding.error(about, remedy, value, pictures, moved)
              : Finding.warning(about, "restart its driver", value, pictures, moved));
    }
    return Optional.of(
        Finding.warning(
            about,
            "move the arm, or something before the camera, and look again with --seconds 10; one"
                + " that is simulated without noise is as it should be",
            "%s; whether it is frozen cannot be told while nothing moves",
            pictures));
  }

  private static Optional<Finding> dark(String about, Seen.Camera camera) {
    if (camera.pictures().isEmpty()) {
      return Optional.empty();
    }
    CameraImage image = camera.pictures().getLast();
    var look = PictureStatistics.of(List.of(image.rgb()), image.width(), image.height());
    if (look.brightness() < DARK) {
      return Optional.of(
          Finding.warning(
              about,
              "take the cap off, switch the light on, set the exposure",
              "its picture is black (%.0f of 255)",
              look.brightness()));
    }
    return look.contrast() < BLANK
        ? Optional.of(
            Finding.warning(
                about,
                "look at the picture: is something before the lens?",
                "its picture shows one colour only"))
        : Optional.empty();
  }

  private static Optional<Finding> info(String about, Seen.Camera camera, Wanted.Camera wanted) {
    boolean needed = wanted.seen().filter(BundleSpec.Camera::rectify).isPresent();
    String topic = CameraCalibration.topic(wanted.topic());
    if (camera.info().isEmpty()) {
      String value = "no camera_info on %s, and the policy sees rectified pictures";
      return needed
          ? Optional.of(
              Finding.error(about, "calibrate it: ./reverie calibrate camera --help", value, topic))
          : Optional.empty();
    }
    CameraInfo info = camera.info().get();
    boolean zero = Arrays.stream(info.k()).allMatch(value -> value == 0);
    if (zero) {
      String remedy = "calibrate it: ./reverie calibrate camera --help";
      return Optional.of(
          needed
              ? Finding.error(about, remedy, "its camera_info is all zeros")
              : Finding.warning(
                  about, remedy, "its camera_info is all zeros: nobody can calibrate by the bags"));
    }
    String size = info.width() + "x" + info.height();
    return camera.sizes().contains(size) || info.width() == 0
        ? Optional.empty()
        : Optional.of(
            new Finding(
                needed ? Finding.Severity.ERROR : Finding.Severity.WARNING,
                about,
                "its camera_info is of %s, its pictures are %s"
                    .formatted(size, String.join(", ", camera.sizes())),
                "calibrate it at the size that it has"));
  }
}
