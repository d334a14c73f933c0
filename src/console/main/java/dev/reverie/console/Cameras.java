package dev.reverie.console;

import dev.reverie.console.CameraFeed.Picture;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.RclException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The cameras of the arm. They are listened to only while somebody looks; a thread of its own
 * encodes the newest pictures at a bounded rate, once for all who look.
 */
final class Cameras implements AutoCloseable {
  private static final long LOOK_MILLIS = 200;

  private final Node node;
  private final RobotWatch watch;
  private final Consumer<Picture> show;
  private final long leastNanos;
  private final Semaphore arrived = new Semaphore(0);
  private final Map<String, CameraFeed> feeds = new LinkedHashMap<>();
  private final Thread encoder;
  private @Nullable Frames frames; // heard while somebody looks
  private boolean looked;
  private volatile boolean closing;

  /**
   * Creates the cameras; none is listened to yet.
   *
   * @param mostHz pictures of each camera a second
   * @param show is given each picture on the encoding thread
   */
  Cameras(Node node, RobotWatch watch, double mostHz, Consumer<Picture> show) {
    this.node = node;
    this.watch = watch;
    this.show = show;
    leastNanos = (long) (1e9 / mostHz);
    encoder = Thread.ofPlatform().name("console-pictures").daemon().start(this::encode);
  }

  /** Listens to the cameras, or to none of them where nobody looks. */
  synchronized void look(boolean somebody) {
    if (somebody != looked) {
      looked = somebody;
      if (frames != null) {
        frames.close();
      }
      frames = looked ? new Frames(node) : null;
      follow();
    }
  }

  /** Takes the cameras that the node has now. */
  synchronized void follow() {
    RobotSetup setup = watch.setup();
    Map<String, String> wanted = looked ? setup.cameras() : Map.of();
    feeds.entrySet().removeIf(each -> isGone(each.getKey(), each.getValue(), wanted, setup));
    wanted.forEach(
        (name, topic) ->
            feeds.computeIfAbsent(
                name,
                _ ->
                    new CameraFeed(
                        node, name, watch.inNamespace(topic), setup.view(name), arrived::release)));
  }

  private boolean isGone(
      String name, CameraFeed feed, Map<String, String> wanted, RobotSetup setup) {
    Optional<BundleSpec.Camera> view = setup.view(name);
    String topic = wanted.get(name);
    if (topic != null && feed.is(watch.inNamespace(topic), view)) {
      return false;
    }
    feed.close();
    return true;
  }

  /** Returns what a page shows of the cameras, with the way of the tip in their pictures. */
  List<Snapshot.Camera> states() {
    synchronized (this) {
      if (frames == null) {
        return List.of(); // nobody looks
      }
    }
    ChunkDrawing drawing = watch.drawing(); // which takes longer than pictures may wait
    synchronized (this) {
      Frames heard = frames;
      return heard == null
          ? List.of()
          : feeds.values().stream().map(feed -> feed.state(drawing, heard::eye)).toList();
    }
  }

  synchronized List<Snapshot.Stream> streams() {
    return feeds.values().stream().map(CameraFeed::stream).toList();
  }

  private synchronized List<CameraFeed> feeds() {
    return List.copyOf(feeds.values());
  }

  private void encode() {
    try {
      while (!closing) {
        if (arrived.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
          long began = System.nanoTime();
          arrived.drainPermits();
          for (CameraFeed feed : feeds()) {
            feed.take().forEach(show);
          }
          long left = leastNanos - (System.nanoTime() - began);
          if (left > 0) {
            Thread.sleep(Duration.ofNanos(left));
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RclException e) {
      // The console ends.
    }
  }

  @Override
  public void close() {
    closing = true;
    try {
      encoder.join(Duration.ofSeconds(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      looked = false;
      follow();
      if (frames != null) {
        frames.close();
        frames = null;
      }
    }
  }
}
