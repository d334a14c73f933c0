package dev.reverie.console;

import dev.reverie.console.CameraFeed.Picture;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.jspecify.annotations.Nullable;

/**
 * An open page, by its WebSocket. It gets the newest state and pictures, and never more than it
 * takes: while one is on its way the next ones are dropped. Thread-safe. Public because Jetty calls
 * it.
 */
public final class LivePage implements Session.Listener.AutoDemanding {
  /** After so long a picture that the page did not acknowledge is taken for lost. */
  private static final long LOST_NANOS = 3_000_000_000L;

  /** A page tells each second that it still shows what it gets. */
  private static final long FRESH_NANOS = 4_000_000_000L;

  /**
   * The first message to a page.
   *
   * @param page its key, which its requests have to name
   */
  private record Hello(String page, String role, String person, String robot) {}

  /**
   * A line of text that a page shows.
   *
   * @param shown what it has drawn, a camera's name and kind of picture, or "state"
   */
  private record Shown(String shown) {}

  /** The head before the bytes of a picture. */
  private record Head(
      String camera,
      String kind,
      double stampMs,
      double lateMs,
      int width,
      int height,
      String type) {}

  private final LivePages pages;
  private final Visitor visitor;
  private final String key;
  private final String robot;
  private final AtomicBoolean stateOnItsWay = new AtomicBoolean();
  private final Map<String, Long> picturesOnTheirWay = new HashMap<>();
  private volatile @Nullable Session session;
  private volatile long saidNanos = System.nanoTime();

  LivePage(LivePages pages, Visitor visitor, String key, String robot) {
    this.pages = pages;
    this.visitor = visitor;
    this.key = key;
    this.robot = robot;
  }

  Visitor visitor() {
    return visitor;
  }

  String key() {
    return key;
  }

  /** Returns whether the page is open. */
  boolean isOpen() {
    return session != null;
  }

  /** Returns whether the page is open and shows what it gets. */
  boolean isFresh() {
    return session != null && System.nanoTime() - saidNanos < FRESH_NANOS;
  }

  @Override
  public void onWebSocketOpen(Session opened) {
    session = opened;
    var hello = new Hello(key, visitor.role().name(), visitor.person(), robot);
    opened.sendText("{\"hello\":" + Json.write(hello) + "}", Callback.NOOP);
    pages.opened(this);
  }

  @Override
  public void onWebSocketText(String message) {
    try {
      String shown = Json.read(message, Shown.class).shown();
      saidNanos = System.nanoTime();
      synchronized (picturesOnTheirWay) {
        picturesOnTheirWay.remove(shown);
      }
    } catch (IllegalArgumentException e) {
      close("a page says what it has shown, not: " + e.getMessage());
    }
  }

  @Override
  public void onWebSocketClose(int status, String reason, Callback callback) {
    session = null;
    pages.closed(this);
    callback.succeed();
  }

  @Override
  public void onWebSocketError(Throwable cause) {
    session = null;
    pages.closed(this);
  }

  /** Sends the state, unless the one before is still on its way. */
  void state(String json) {
    Session to = session;
    if (to != null && stateOnItsWay.compareAndSet(false, true)) {
      to.sendText(
          json, Callback.from(() -> stateOnItsWay.set(false), _ -> stateOnItsWay.set(false)));
    }
  }

  /** Sends a picture, unless the page still has to draw the one before. */
  void picture(Picture picture, long nowSystemNanos) {
    Session to = session;
    if (to == null || !mayTake(picture.camera() + " " + picture.kind())) {
      return;
    }
    double lateMs = (nowSystemNanos - picture.stampNanos()) / 1e6;
    byte[] head =
        Json.write(
                new Head(
                    picture.camera(),
                    picture.kind(),
                    picture.stampNanos() / 1e6,
                    lateMs,
                    picture.width(),
                    picture.height(),
                    picture.type()))
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(2 + head.length + picture.bytes().length);
    bytes.putShort((short) head.length).put(head).put(picture.bytes()).flip();
    to.sendBinary(bytes, Callback.NOOP);
  }

  private boolean mayTake(String what) {
    long now = System.nanoTime();
    synchronized (picturesOnTheirWay) {
      Long sent = picturesOnTheirWay.get(what);
      if (sent != null && now - sent < LOST_NANOS) {
        return false;
      }
      picturesOnTheirWay.put(what, now);
      return true;
    }
  }

  void close(String why) {
    Session to = session;
    if (to != null) {
      to.close(1008, why.length() > 100 ? why.substring(0, 100) : why, Callback.NOOP);
    }
  }
}
