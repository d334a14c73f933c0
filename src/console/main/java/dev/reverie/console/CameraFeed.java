package dev.reverie.console;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Preprocess;
import dev.reverie.rcljava.Clock;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.Subscription;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.CameraImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The pictures of one camera, raw and as the policy sees them. Messages come on the executor's
 * thread and only replace the one before; who shows them decodes the newest, and frames between are
 * dropped.
 */
final class CameraFeed implements AutoCloseable {
  /**
   * A picture ready to be sent.
   *
   * @param kind raw, or view: as the policy sees it
   * @param stampNanos of the message
   * @param type of its bytes, such as image/jpeg
   */
  record Picture(
      String camera,
      String kind,
      long stampNanos,
      int width,
      int height,
      String type,
      byte[] bytes) {}

  private record Frame(long stampNanos, Supplier<CameraImage> decode) {}

  private final String name;
  private final String topic;
  private final Optional<BundleSpec.Camera> view;
  private final Node node;
  private final List<Subscription<?>> subscriptions = new ArrayList<>();
  private final AtomicReference<@Nullable Frame> newest = new AtomicReference<>();
  private volatile Optional<CameraCalibration> lens = Optional.empty();
  private volatile String noLens;
  private volatile String frame = ""; // that pictures name, or else camera_info
  private final Arrivals arrivals = new Arrivals();
  private @Nullable Preprocess preprocess; // of the thread that encodes
  private int width;
  private int height;
  private String fault = "";

  /**
   * Begins to listen to a camera.
   *
   * @param topic full name; one that ends in /compressed has CompressedImage
   * @param view what the policy sees of it; empty where that is not known
   */
  CameraFeed(
      Node node, String name, String topic, Optional<BundleSpec.Camera> view, Runnable arrived) {
    this.node = node;
    this.name = name;
    this.topic = topic;
    this.view = view;
    noLens = "no camera_info on " + CameraCalibration.topic(topic);
    if (topic.endsWith("/compressed")) {
      subscriptions.add(
          node.createSubscription(
              CompressedImage.TYPE,
              topic,
              Qos.SENSOR_DATA,
              image -> {
                took(image.header(), () -> Preprocess.decode(image.data()));
                arrived.run();
              }));
    } else {
      subscriptions.add(
          node.createSubscription(
              Image.TYPE,
              topic,
              Qos.SENSOR_DATA,
              image -> {
                took(image.header(), () -> CameraImage.of(image));
                arrived.run();
              }));
    }
    subscriptions.add(
        node.createSubscription(
            CameraInfo.TYPE, CameraCalibration.topic(topic), Qos.SENSOR_DATA, this::calibrated));
  }

  private void took(Header header, Supplier<CameraImage> decode) {
    long nanos = Stamps.nanos(header.stamp());
    named(header);
    newest.set(new Frame(nanos, decode));
    synchronized (arrivals) {
      arrivals.add(System.nanoTime(), (Clock.SYSTEM.nowNanos() - nanos) / 1e9);
    }
  }

  private void named(Header header) {
    if (!header.frameId().isEmpty()) {
      frame = header.frameId();
    }
  }

  private void calibrated(CameraInfo info) {
    if (frame.isEmpty()) {
      named(info.header());
    }
    try {
      lens = Optional.of(CameraCalibration.of(info));
    } catch (IllegalArgumentException e) {
      noLens = String.valueOf(e.getMessage());
      if (view.filter(BundleSpec.Camera::rectify).isPresent()) {
        told(e);
      }
    }
  }

  /** Returns the pictures of the newest frame; empty where none came since the last call. */
  List<Picture> take() {
    Frame frame = newest.getAndSet(null);
    if (frame == null) {
      return List.of();
    }
    try {
      CameraImage image = frame.decode.get();
      List<Picture> pictures = new ArrayList<>();
      pictures.add(PictureCoder.raw(name, frame.stampNanos, image));
      view.flatMap(this::preprocess)
          .ifPresent(
              seen ->
                  pictures.add(
                      PictureCoder.view(
                          name,
                          frame.stampNanos,
                          new CameraImage(
                              view.get().width(), view.get().height(), seen.apply(image)))));
      synchronized (this) {
        width = image.width();
        height = image.height();
        fault = "";
      }
      return pictures;
    } catch (IllegalArgumentException e) {
      told(e);
      return List.of();
    }
  }

  private Optional<Preprocess> preprocess(BundleSpec.Camera seen) {
    if (preprocess == null && (!seen.rectify() || lens.isPresent())) {
      preprocess = new Preprocess(seen, lens);
    }
    return Optional.ofNullable(preprocess);
  }

  private synchronized void told(IllegalArgumentException e) {
    fault = String.valueOf(e.getMessage());
  }

  /** Returns whether it listens to this topic for this view. */
  boolean is(String otherTopic, Optional<BundleSpec.Camera> otherView) {
    return topic.equals(otherTopic) && view.equals(otherView);
  }

  /**
   * Returns what a page shows of it, beside its pictures.
   *
   * @param places tells where cameras stand
   */
  synchronized Snapshot.Camera state(ChunkDrawing drawing, ChunkDrawing.Places places) {
    Snapshot.View seen =
        view.map(
                of ->
                    new Snapshot.View(
                        of.width(),
                        of.height(),
                        of.rectify(),
                        of.crop().x(),
                        of.crop().y(),
                        of.crop().width(),
                        of.crop().height()))
            .orElse(null);
    return new Snapshot.Camera(name, topic, width, height, seen, fault, drawn(drawing, places));
  }

  private Snapshot.Drawn drawn(ChunkDrawing drawing, ChunkDrawing.Places places) {
    if (width == 0) {
      return Snapshot.Drawn.not("");
    }
    if (lens.isEmpty()) {
      return Snapshot.Drawn.not(noLens);
    }
    try {
      return drawing.in(frame, lens.get().scaledTo(width, height), view, places);
    } catch (IllegalArgumentException e) {
      return Snapshot.Drawn.not(String.valueOf(e.getMessage()));
    }
  }

  Snapshot.Stream stream() {
    synchronized (arrivals) {
      long now = System.nanoTime();
      return new Snapshot.Stream(name, arrivals.hz(now), arrivals.ageS(now), arrivals.lateS());
    }
  }

  @Override
  public void close() {
    node.closeParts(subscriptions);
  }
}
