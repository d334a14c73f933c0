package dev.reverie.console;

import dev.reverie.console.CameraFeed.Picture;
import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.policy.Preprocess;
import dev.reverie.rollout.BagMessages;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.EpisodeException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Plays recorded episodes: what is to be shown over time, and the picture of a time, read from the
 * bag when it is asked for. Holds few films and no pictures. Thread-safe.
 */
final class Films {
  private static final int KEPT = 4;

  /** Pictures that are decoded at a time. */
  private static final int AT_ONCE = 3;

  private static final long PATIENCE_S = 10;

  private final Map<String, Film> films =
      new LinkedHashMap<>(KEPT, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Film> eldest) {
          return size() > KEPT;
        }
      };
  private final Semaphore turns = new Semaphore(AT_ONCE, true);

  /**
   * Returns what a recorded episode shows over time; one bag at a time is read.
   *
   * @throws Refusal where it cannot be read, with the reason
   */
  synchronized Film film(RolloutIndex.Bag bag) {
    String key = bag.path() + " " + bag.stamp();
    Film known = films.get(key);
    if (known != null) {
      return known;
    }
    try {
      Film read = FilmReader.read(bag.path(), bag.name(), bag.stamp());
      films.put(key, read);
      return read;
    } catch (EpisodeException e) {
      throw new Refusal(409, "%s", String.valueOf(e.getMessage()));
    }
  }

  /**
   * The picture that a camera shows at a time.
   *
   * @param ms since the first message
   * @param widest of its pixels; wider ones are made smaller
   * @throws Refusal where there is none, or it cannot be read or decoded, with the reason
   */
  Picture picture(RolloutIndex.Bag bag, String camera, double ms, int widest) {
    Film film = film(bag);
    Film.Camera of =
        film.camera(camera)
            .orElseThrow(() -> new Refusal(404, "%s has no camera '%s'", bag.name(), camera));
    long at =
        of.shownAt(ms)
            .orElseThrow(() -> new Refusal(404, "camera '%s' has no picture in it", camera));
    takeTurn();
    try {
      return PictureCoder.recorded(camera, at, decoded(bag.path(), of.topic(), at), widest);
    } catch (EpisodeException e) {
      throw new Refusal(409, "%s", String.valueOf(e.getMessage()));
    } catch (CdrException | IllegalArgumentException e) {
      throw new Refusal(
          422, "this picture of '%s' cannot be shown: %s", camera, String.valueOf(e.getMessage()));
    } finally {
      turns.release();
    }
  }

  private void takeTurn() {
    try {
      if (!turns.tryAcquire(PATIENCE_S, TimeUnit.SECONDS)) {
        throw new Refusal(503, "too many pictures are asked for at once");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(503, "the console ends");
    }
  }

  private static CameraImage decoded(Path path, String topic, long logNanos) {
    BagMessages messages = BagMessages.open(path);
    var first = new First();
    messages.forEach(topic, logNanos, logNanos + 1, first::take);
    byte[] cdr =
        Optional.ofNullable(first.data)
            .orElseThrow(() -> new EpisodeException(path + " has changed; choose it anew"));
    MemorySegment data = MemorySegment.ofArray(cdr);
    return CompressedImage.TYPE.name().equals(messages.types().get(topic))
        ? Preprocess.decode(CompressedImage.TYPE.decode(data).data())
        : CameraImage.of(Image.TYPE.decode(data));
  }

  /** The first of the messages of one instant. */
  private static final class First {
    private byte @Nullable [] data;

    void take(BagMessages.Message message) {
      data = data == null ? message.data() : data;
    }
  }
}
