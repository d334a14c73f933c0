package dev.reverie.console;

import dev.reverie.console.CameraFeed.Picture;
import dev.reverie.rcljava.Clock;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The open pages, and those that were open lately. All see the same. Thread-safe. */
final class LivePages {
  /** So many at once; one more is refused. */
  static final int MOST = 32;

  /** So many keys of pages that are closed are still known, for a stop. */
  private static final int REMEMBERED = 1000;

  private final SecureRandom random = new SecureRandom();
  private final Consumer<Boolean> somebodyLooks;
  private final Map<String, LivePage> byKey =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, LivePage> eldest) {
              return size() > REMEMBERED;
            }
          });

  private final Map<String, LivePage> open = Collections.synchronizedMap(new LinkedHashMap<>());

  /**
   * Creates the list, empty.
   *
   * @param somebodyLooks is told when the first page opens and the last one closes
   */
  LivePages(Consumer<Boolean> somebodyLooks) {
    this.somebodyLooks = somebodyLooks;
  }

  /** Makes the next page; refuses it where there are too many. */
  LivePage create(Visitor visitor, String robot) {
    if (open.size() >= MOST) {
      throw new Refusal(503, "%d pages are open, which is all; close one", MOST);
    }
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    var page = new LivePage(this, visitor, HexFormat.of().formatHex(bytes), robot);
    byKey.put(page.key(), page);
    return page;
  }

  void opened(LivePage page) {
    open.put(page.key(), page);
    somebodyLooks.accept(true);
  }

  void closed(LivePage page) {
    open.remove(page.key());
    somebodyLooks.accept(!open.isEmpty());
  }

  /** The page of a key; null where none has it. */
  @Nullable LivePage page(String key) {
    return byKey.get(key);
  }

  boolean isEmpty() {
    return open.isEmpty();
  }

  /** Returns who looks, each once. */
  List<String> people() {
    return list().stream().map(page -> page.visitor().person()).distinct().sorted().toList();
  }

  private List<LivePage> list() {
    synchronized (open) {
      return List.copyOf(open.values());
    }
  }

  void state(String json) {
    list().forEach(page -> page.state(json));
  }

  void picture(Picture picture) {
    long now = Clock.SYSTEM.nowNanos();
    list().forEach(page -> page.picture(picture, now));
  }

  void closeAll() {
    list().forEach(page -> page.close("the console ends"));
  }
}
