package dev.reverie.doctor;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.policy.Preprocess;
import dev.reverie.rollout.CameraImage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Gathers the images of one camera. */
final class CameraGathering {
  private static final int PICTURES = 8;

  /** Every so many images one is decoded. */
  private static final int EVERY = 4;

  private final List<Long> arrivals = new ArrayList<>();
  private final List<Long> stamps = new ArrayList<>();
  private final Set<String> encodings = new LinkedHashSet<>();
  private final Set<String> sizes = new LinkedHashSet<>();
  private final Set<Long> pixels = new HashSet<>();
  private final List<CameraImage> pictures = new ArrayList<>();
  private String fault = "";
  private @Nullable CameraInfo info;

  synchronized void add(Image image, long nowNanos) {
    encodings.add(image.encoding());
    sizes.add(image.width() + "x" + image.height());
    add(Stamps.nanos(image.header().stamp()), image.data(), () -> CameraImage.of(image), nowNanos);
  }

  synchronized void add(CompressedImage image, long nowNanos) {
    encodings.add("compressed");
    add(
        Stamps.nanos(image.header().stamp()),
        image.data(),
        () -> {
          CameraImage decoded = Preprocess.decode(image.data());
          sizes.add(decoded.width() + "x" + decoded.height());
          return decoded;
        },
        nowNanos);
  }

  private void add(long stampNanos, byte[] data, Supplier<CameraImage> decode, long nowNanos) {
    var sum = new CRC32C();
    sum.update(data);
    pixels.add(sum.getValue());
    if (arrivals.size() % EVERY == 0 && pictures.size() < PICTURES) {
      try {
        pictures.add(decode.get());
      } catch (IllegalArgumentException e) {
        fault = String.valueOf(e.getMessage());
      }
    }
    arrivals.add(nowNanos);
    stamps.add(stampNanos);
  }

  synchronized void info(CameraInfo message) {
    info = message;
  }

  synchronized Seen.Camera seen() {
    return new Seen.Camera(
        new Arrivals(arrivals, stamps),
        new LinkedHashSet<>(encodings),
        new LinkedHashSet<>(sizes),
        pixels.size(),
        fault,
        List.copyOf(pictures),
        Optional.ofNullable(info));
  }
}
