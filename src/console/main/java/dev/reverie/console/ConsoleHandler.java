package dev.reverie.console;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpCookie;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/**
 * Answers the requests of pages. Whatever changes something is a POST of the console's own page by
 * an operator, and names the page that is open.
 */
final class ConsoleHandler extends Handler.Abstract {
  private static final int LONGEST_REQUEST = 16_384;
  private static final String PAGE_KEY = "X-Reverie-Page";

  /** Nothing but what comes from here runs, is shown or is talked to; no other page embeds it. */
  private static final HttpFields HEADERS =
      HttpFields.build()
          .add(
              "Content-Security-Policy",
              "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
                  + " connect-src 'self'; base-uri 'none'; form-action 'none';"
                  + " frame-ancestors 'none'; require-trusted-types-for 'script'")
          .add("X-Content-Type-Options", "nosniff")
          .add("Referrer-Policy", "no-referrer")
          .add("Cross-Origin-Opener-Policy", "same-origin")
          .add("Cross-Origin-Resource-Policy", "same-origin")
          .add("Cache-Control", "no-cache")
          .asImmutable();

  /** A page of a command: it has a style of its own, and does nothing. */
  private static final String PAGE_OF_ITS_OWN =
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
          + " form-action 'none'; frame-ancestors 'none'; sandbox";

  private final Tokens tokens;
  private final Passes passes;
  private final Attempts attempts = new Attempts();
  private final Origins origins;
  private final PageFiles files = new PageFiles();
  private final LivePages pages;
  private final BiFunction<Ask, String, RobotClients.Answer> robot;
  private final String robotName;
  private final Supplier<RolloutIndex> rollouts;
  private final Films films = new Films();
  private final PolicyIndex policies;
  private final RunIndex runs;
  private final Play play;
  private final Replays replays;

  /** A person who signs in. */
  private record SignIn(String token, String person) {}

  /** The person who is signed in; empty where nobody is. */
  private record Me(String role, String person) {
    static final Me NOBODY = new Me("", "");

    static Me of(Visitor visitor) {
      return new Me(visitor.role().name(), visitor.person());
    }
  }

  /**
   * A change of a recorded episode.
   *
   * @param name of its bag in the list
   * @param outcome of a label; empty: what is damaged is recovered
   * @param atMs when a success came, in the time of its {@link Film}; negative where nobody says
   * @param stamp of the outcome, ns, where an earlier one is put back; empty otherwise
   */
  private record Change(String name, String outcome, String note, double atMs, String stamp) {}

  /** A bundle that is to be checked, by its policy's id. */
  private record Check(String id) {}

  /** The reason for a refusal. */
  private record Refused(String refused) {}

  /**
   * Creates the handler.
   *
   * @param robot asks the robot node, in the name of a person
   * @param rollouts of the folder that is shown now
   * @param policies that are known
   * @param runs of the trainer
   * @param play inside the world models of these
   * @param replays of recorded episodes
   */
  ConsoleHandler(
      Tokens tokens,
      Origins origins,
      LivePages pages,
      String robotName,
      BiFunction<Ask, String, RobotClients.Answer> robot,
      Supplier<RolloutIndex> rollouts,
      PolicyIndex policies,
      RunIndex runs,
      Play play,
      Replays replays) {
    this.play = play;
    this.replays = replays;
    this.rollouts = rollouts;
    this.policies = policies;
    this.runs = runs;
    this.tokens = tokens;
    passes = new Passes(tokens);
    this.origins = origins;
    this.pages = pages;
    this.robotName = robotName;
    this.robot = robot;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    HEADERS.forEach(response.getHeaders()::put);
    try {
      origins.requireHost(request);
      route(request, response, callback);
    } catch (Refusal e) {
      refuse(request, response, e.status(), e, callback);
    } catch (IllegalArgumentException e) {
      refuse(request, response, 400, e, callback);
    }
    return true;
  }

  private static void refuse(
      Request request, Response response, int status, RuntimeException why, Callback callback) {
    if (HttpMethod.POST.is(request.getMethod())) {
      // What was not read of it ends the connection: who asks is told, and takes another one.
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
    json(response, status, new Refused(String.valueOf(why.getMessage())), callback);
  }

  private void route(Request request, Response response, Callback callback) {
    String path = Request.getPathInContext(request);
    if (!HttpMethod.POST.is(request.getMethod())) {
      get(path, request, response, callback);
      return;
    }
    origins.requireOwnPage(request);
    switch (path) {
      case "/api/sign-in" -> signIn(request, response, callback);
      case "/api/sign-out" -> {
        cookie(request, response, "", 0);
        json(response, 200, Me.NOBODY, callback);
      }
      case "/api/ask" -> ask(request, response, callback);
      case "/api/rollouts" -> change(request, response, callback);
      case "/api/policies" -> check(request, response, callback);
      case "/api/play" -> play(request, response, callback);
      case "/api/replay" -> replay(request, response, callback);
      default -> throw new Refusal(404, "there is nothing at %s", path);
    }
  }

  private void get(String path, Request request, Response response, Callback callback) {
    if (!HttpMethod.GET.is(request.getMethod())) {
      throw new Refusal(405, "%s is not answered", request.getMethod());
    }
    switch (path) {
      case "/api/me" -> {
        Me me = signedIn(request).map(Me::of).orElse(Me.NOBODY);
        json(response, 200, me, callback);
      }
      case "/api/live" -> live(request, response, callback);
      case "/api/rollouts" -> {
        var _ = visitor(request);
        json(response, 200, rollouts.get().list(), callback);
      }
      case "/api/rollouts/film" -> {
        var _ = visitor(request);
        json(response, 200, films.film(bag(request)), callback);
      }
      case "/api/rollouts/picture" -> {
        var _ = visitor(request);
        picture(request, response, callback);
      }
      case "/api/policies" -> {
        var _ = visitor(request);
        json(response, 200, policies.list(), callback);
      }
      case "/api/policy" -> {
        var _ = visitor(request);
        json(response, 200, policies.about(asked(request, "id")), callback);
      }
      case "/api/runs" -> {
        var _ = visitor(request);
        json(response, 200, runs.list(), callback);
      }
      case "/api/run" -> {
        var _ = visitor(request);
        json(response, 200, runs.about(asked(request, "name")), callback);
      }
      case "/api/groups" -> {
        var _ = visitor(request);
        int from = (int) numberOr(request, "from", 0, Integer.MAX_VALUE);
        int step = (int) numberOr(request, "step", 0, Integer.MAX_VALUE);
        json(response, 200, runs.groups(asked(request, "name"), from, step), callback);
      }
      case "/api/replay" -> {
        var _ = visitor(request);
        json(response, 200, replays.told(), callback);
      }
      case "/api/replay/report" -> {
        var _ = visitor(request);
        send(response, 200, "application/json", replays.report(false), callback);
      }
      case "/api/replay/page" -> {
        var _ = visitor(request);
        response.getHeaders().put("Content-Security-Policy", PAGE_OF_ITS_OWN);
        send(response, 200, "text/html; charset=utf-8", replays.report(true), callback);
      }
      case "/api/play/rollouts" -> {
        var _ = visitor(request);
        json(response, 200, play.rollouts(asked(request, "run"), asked(request, "from")), callback);
      }
      case "/api/film" -> {
        var _ = visitor(request);
        PageFiles.File film = runs.film(asked(request, "name"), asked(request, "file"));
        send(response, 200, film.type(), film.bytes(), callback);
      }
      default -> {
        PageFiles.File file =
            files.get(path).orElseThrow(() -> new Refusal(404, "there is nothing at %s", path));
        send(response, 200, file.type(), file.bytes(), callback);
      }
    }
  }

  private RolloutIndex.Bag bag(Request request) {
    return rollouts.get().bag(asked(request, "name"));
  }

  private void picture(Request request, Response response, Callback callback) {
    CameraFeed.Picture picture =
        films.picture(
            bag(request),
            asked(request, "camera"),
            number(request, "time", 0, 1e12),
            (int) number(request, "width", 16, 4096));
    send(response, 200, picture.type(), picture.bytes(), callback);
  }

  /** Returns what an address asks for by name. */
  private static String asked(Request request, String name) {
    String value = Request.extractQueryParameters(request).getValue(name);
    if (value == null) {
      throw new Refusal(400, "the address has no '%s'", name);
    }
    return value;
  }

  private static double number(Request request, String name, double least, double most) {
    String text = asked(request, name);
    try {
      double value = Double.parseDouble(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new Refusal(400, "%s is '%s'; give %s to %s", name, text, least, most);
  }

  /** The same, or -1 where the address has none. */
  private static double numberOr(Request request, String name, double least, double most) {
    return Request.extractQueryParameters(request).getValue(name) == null
        ? -1
        : number(request, name, least, most);
  }

  private void signIn(Request request, Response response, Callback callback) {
    if (!attempts.mayTry(System.nanoTime())) {
      throw new Refusal(429, "too many wrong tokens; wait a minute");
    }
    SignIn given = Json.read(body(request), SignIn.class);
    Optional<Role> role = tokens.role(given.token());
    if (role.isEmpty()) {
      attempts.failed(System.nanoTime());
      throw new Refusal(401, "the token is wrong; the console printed the right one at its start");
    }
    var visitor = new Visitor(role.get(), given.person().strip());
    String pass = passes.issue(visitor, System.currentTimeMillis());
    cookie(request, response, pass, Passes.LIFETIME.toSeconds());
    json(response, 200, Me.of(visitor), callback);
  }

  /** Cookies do not tell ports apart, so the port is in the name. */
  private static String cookieName(Request request) {
    return "reverie-" + Request.getLocalPort(request);
  }

  private static void cookie(Request request, Response response, String value, long seconds) {
    Response.addCookie(
        response,
        HttpCookie.build(cookieName(request), value)
            .path("/")
            .httpOnly(true)
            .secure(request.isSecure())
            .sameSite(HttpCookie.SameSite.STRICT)
            .maxAge(seconds)
            .build());
  }

  private Visitor visitor(Request request) {
    return signedIn(request).orElseThrow(() -> new Refusal(401, "sign in first, with a token"));
  }

  private Optional<Visitor> signedIn(Request request) {
    long now = System.currentTimeMillis();
    return Request.getCookies(request).stream()
        .filter(cookie -> cookie.getName().equals(cookieName(request)))
        .flatMap(cookie -> passes.read(cookie.getValue(), now).stream())
        .findFirst();
  }

  private void live(Request request, Response response, Callback callback) {
    origins.requireOwnPage(request);
    Visitor visitor = visitor(request);
    LivePage page = pages.create(visitor, robotName);
    var sockets = ServerWebSocketContainer.ensure(getServer());
    if (!sockets.upgrade((_, _, _) -> page, request, response, callback)) {
      throw new Refusal(400, "/api/live is a WebSocket");
    }
  }

  private void ask(Request request, Response response, Callback callback) {
    LivePage page = page(request);
    Visitor visitor = page.visitor();
    Ask what = Json.read(body(request), Ask.class);
    // An old page must not begin anything, but whoever wants the arm to stop is right.
    if (!(what instanceof Ask.Stop)) {
      requireFresh(page);
    }
    json(response, 200, robot.apply(what, visitor.person()), callback);
  }

  /** Changes a recorded episode. */
  private void change(Request request, Response response, Callback callback) {
    LivePage page = page(request);
    requireFresh(page);
    Change what = Json.read(body(request), Change.class);
    RolloutIndex index = rollouts.get();
    RobotClients.Answer answer =
        what.outcome().isEmpty()
            ? index.recover(what.name())
            : index.label(
                what.name(),
                what.outcome(),
                page.visitor().person(),
                what.note(),
                RolloutIndex.Moment.of(what.atMs(), what.stamp()));
    json(response, 200, answer, callback);
  }

  /** Reads all files of a bundle. */
  private void check(Request request, Response response, Callback callback) {
    requireFresh(page(request));
    Check what = Json.read(body(request), Check.class);
    json(response, 200, policies.check(what.id()), callback);
  }

  /** Plays inside a world model; reading a long rollout may take a while. */
  private void play(Request request, Response response, Callback callback) {
    LivePage page = page(request);
    PlayAsk what = Json.read(body(request), PlayAsk.class);
    request.addIdleTimeoutListener(_ -> false);
    json(response, 200, play.ask(page, what), callback);
  }

  /** Begins a replay of recorded episodes, or ends it. */
  private void replay(Request request, Response response, Callback callback) {
    LivePage page = page(request);
    requireFresh(page);
    ReplayAsk what = Json.read(body(request), ReplayAsk.class);
    json(response, 200, replays.ask(page.visitor().person(), what), callback);
  }

  /** The page of an operator that a request is of. */
  private LivePage page(Request request) {
    Visitor visitor = visitor(request);
    if (visitor.role() != Role.OPERATOR) {
      throw new Refusal(403, "a viewer can ask for nothing; sign in as operator");
    }
    String key = request.getHeaders().get(PAGE_KEY);
    LivePage page = key == null ? null : pages.page(key);
    if (page == null || !page.visitor().equals(visitor)) {
      throw new Refusal(409, "the page is not known to this console; load it anew");
    }
    return page;
  }

  private static void requireFresh(LivePage page) {
    if (!page.isFresh()) {
      throw new Refusal(409, "the page does not show the arm as it is now; load it anew");
    }
  }

  private static String body(Request request) {
    String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
    if (type == null || !type.startsWith("application/json")) {
      throw new Refusal(415, "the request is '%s'; send application/json", type);
    }
    try (InputStream in = Content.Source.asInputStream(request)) {
      byte[] bytes = in.readNBytes(LONGEST_REQUEST + 1);
      if (bytes.length > LONGEST_REQUEST) {
        throw new Refusal(413, "the request is longer than %d bytes", LONGEST_REQUEST);
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new Refusal(400, "the request ended early: %s", String.valueOf(e.getMessage()));
    }
  }

  private static void json(Response response, int status, Object value, Callback callback) {
    byte[] bytes = Json.write(value).getBytes(StandardCharsets.UTF_8);
    send(response, status, "application/json", bytes, callback);
  }

  private static void send(
      Response response, int status, String type, byte[] bytes, Callback callback) {
    response.setStatus(status);
    response.getHeaders().put(new HttpField(HttpHeader.CONTENT_TYPE, type));
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
    response.write(true, ByteBuffer.wrap(bytes), callback);
  }
}
