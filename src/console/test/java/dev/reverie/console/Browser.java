package dev.reverie.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Acts as a browser does, over real sockets: signs in, opens a page, asks. */
final class Browser implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final long TIMEOUT_S = 120;

  /** Trusts the usual certificates. */
  static final SSLContext USUAL = usual();

  /** A picture as it came. */
  record Picture(JsonNode head, byte[] bytes) {}

  /** An answer. */
  record Answer(int status, JsonNode body, HttpResponse<String> whole) {}

  final String url;
  String origin;
  String cookie = "";
  String page = "";
  final BlockingQueue<JsonNode> states = new LinkedBlockingQueue<>();
  final BlockingQueue<Picture> pictures = new LinkedBlockingQueue<>();
  final BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();
  boolean tells = true; // what it has shown
  private final HttpClient client;
  private @Nullable WebSocket socket;

  Browser(String url) {
    this(url, USUAL);
  }

  /** A browser that trusts other certificates than the usual ones. */
  Browser(String url, SSLContext trusting) {
    client = HttpClient.newBuilder().sslContext(trusting).build();
    this.url = url;
    origin = url.substring(0, url.length() - 1);
  }

  private static SSLContext usual() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** Signs in and opens the page. */
  static Browser open(String url, String token, String person) throws Exception {
    var browser = new Browser(url);
    Answer answer = browser.signIn(token, person);
    if (answer.status != 200) {
      throw new AssertionError(answer.body.toString());
    }
    browser.openPage();
    return browser;
  }

  Answer signIn(String token, String person) throws Exception {
    String body = MAPPER.writeValueAsString(new String[] {token, person});
    JsonNode both = MAPPER.readTree(body);
    Answer answer =
        post("api/sign-in", "{\"token\":%s,\"person\":%s}".formatted(both.get(0), both.get(1)));
    answer
        .whole
        .headers()
        .firstValue("Set-Cookie")
        .ifPresent(set -> cookie = set.substring(0, set.indexOf(';')));
    return answer;
  }

  Answer get(String path, String... headers) throws Exception {
    return send(request(path, headers).GET());
  }

  /** The bytes that are at a path, with their type. */
  HttpResponse<byte[]> bytes(String path) throws Exception {
    return client.send(request(path).GET().build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  Answer post(String path, String json, String... headers) throws Exception {
    return send(
        request(path, headers)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  /** Asks the robot, as the open page. */
  Answer ask(String json) throws Exception {
    return post("api/ask", json, "X-Reverie-Page", page);
  }

  HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(Duration.ofSeconds(TIMEOUT_S))
            .header("Origin", origin);
    if (!cookie.isEmpty()) {
      builder.header("Cookie", cookie);
    }
    for (int i = 0; i < headers.length; i += 2) {
      builder.header(headers[i], headers[i + 1]);
    }
    return builder;
  }

  Answer send(HttpRequest.Builder builder) throws Exception {
    HttpResponse<String> whole = client.send(builder.build(), HttpResponse.BodyHandlers.ofString());
    boolean json =
        whole.headers().firstValue("Content-Type").orElse("").startsWith("application/json");
    return new Answer(whole.statusCode(), MAPPER.readTree(json ? whole.body() : "{}"), whole);
  }

  /** Opens the WebSocket of a page, and waits for its key. */
  void openPage() throws Exception {
    var hello = new LinkedBlockingQueue<JsonNode>();
    socket =
        client
            .newWebSocketBuilder()
            .header("Origin", origin)
            .header("Cookie", cookie)
            .buildAsync(URI.create(url.replace("http", "ws") + "api/live"), new Listener(hello))
            .get(TIMEOUT_S, TimeUnit.SECONDS);
    JsonNode said = hello.poll(TIMEOUT_S, TimeUnit.SECONDS);
    if (said == null) {
      throw new AssertionError("the page was told nothing");
    }
    page = said.get("page").asText();
  }

  /** Waits for a state. */
  JsonNode await(String what, Predicate<JsonNode> wanted) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_S);
    JsonNode last = null;
    while (System.nanoTime() < end) {
      JsonNode state = states.poll(1, TimeUnit.SECONDS);
      last = state == null ? last : state;
      if (state != null && wanted.test(state)) {
        return state;
      }
    }
    throw new AssertionError("never " + what + "; the last state: " + last);
  }

  Picture picture(String kind) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_S);
    while (System.nanoTime() < end) {
      Picture picture = pictures.poll(1, TimeUnit.SECONDS);
      if (picture != null && picture.head.get("kind").asText().equals(kind)) {
        return picture;
      }
    }
    throw new AssertionError("no picture came");
  }

  void say(String text) {
    WebSocket to = socket;
    if (to != null) {
      to.sendText(text, true).join();
    }
  }

  private final class Listener implements WebSocket.Listener {
    private final BlockingQueue<JsonNode> hello;
    private final StringBuilder text = new StringBuilder();
    private final List<ByteBuffer> parts = new ArrayList<>();

    Listener(BlockingQueue<JsonNode> hello) {
      this.hello = hello;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        JsonNode message = json(text.toString());
        text.setLength(0);
        if (message.has("hello")) {
          hello.add(message.get("hello"));
        } else {
          states.add(message.get("state"));
          if (tells) {
            var _ = from.sendText("{\"shown\":\"state\"}", true);
          }
        }
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
      ByteBuffer copy = ByteBuffer.allocate(data.remaining());
      parts.add(copy.put(data).flip());
      if (last) {
        ByteBuffer all = ByteBuffer.allocate(parts.stream().mapToInt(ByteBuffer::remaining).sum());
        parts.forEach(all::put);
        parts.clear();
        all.flip();
        byte[] head = new byte[all.getShort()];
        all.get(head);
        byte[] bytes = new byte[all.remaining()];
        all.get(bytes);
        JsonNode read = json(new String(head, StandardCharsets.UTF_8));
        pictures.add(new Picture(read, bytes));
        if (tells) {
          String shown = read.get("camera").asText() + " " + read.get("kind").asText();
          var _ = from.sendText("{\"shown\":\"" + shown + "\"}", true);
        }
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
      closed.add(status);
      return null;
    }
  }

  private static JsonNode json(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(text, e);
    }
  }

  @Override
  public void close() {
    WebSocket to = socket;
    if (to != null) {
      to.abort();
    }
    client.shutdownNow();
    client.close();
  }
}
