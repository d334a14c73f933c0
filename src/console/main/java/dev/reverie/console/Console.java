package dev.reverie.console;

import dev.reverie.rcljava.Context;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/** The console: a ROS 2 node that hears and asks the robot node, and a web server for its pages. */
final class Console implements AutoCloseable {
  /** Period at which pages get the state. */
  private static final Duration STATE = Duration.ofMillis(100);

  private final RobotLink link;
  private final ScheduledExecutorService clock;
  private final LivePages pages;
  private final Cameras cameras;
  private final ConsoleServer server;
  private final String host;
  private final Optional<Path> rolloutsDir;
  private final PolicyIndex policies;
  private final Path caches;
  private final Play play;
  private final Replays replays;
  private @Nullable RolloutIndex index;

  /**
   * Settings of a console.
   *
   * @param robot full name of the robot node
   * @param host address that pages are served on
   * @param port 0: any that is free
   * @param names by which pages may call it, besides those of this machine for itself
   * @param tls empty: plain HTTP
   * @param pictureHz most pictures of a camera a second
   * @param rollouts folder that is listed; empty: the one that the robot node records in
   * @param policies folders that bundles are looked for in, beside those that the node knows
   * @param rounds folder that the work folders of rounds lie in
   * @param caches folder for what was read of rollouts
   * @param commands that play inside world models and replay
   * @param playIdle after so long without a step its process ends
   */
  record Settings(
      String robot,
      String host,
      int port,
      List<String> names,
      Optional<SslContextFactory.Server> tls,
      Tokens tokens,
      double pictureHz,
      Optional<Path> rollouts,
      List<Path> policies,
      Path rounds,
      Path caches,
      Launcher commands,
      Duration playIdle) {}

  /**
   * Starts a console.
   *
   * @throws ConsoleException where its address cannot be had
   */
  Console(Context context, Settings settings) {
    host = settings.host();
    rolloutsDir = settings.rollouts();
    caches = settings.caches();
    link = new RobotLink(context, "console", settings.robot(), this::follow);
    policies =
        new PolicyIndex(settings.policies(), settings.rounds(), link.watch(), this::triedRollouts);
    clock =
        Executors.newSingleThreadScheduledExecutor(
            work -> Thread.ofPlatform().name("console-clock").daemon().unstarted(work));
    pages = new LivePages(somebody -> link.later(() -> look(somebody)));
    cameras = new Cameras(link.node(), link.watch(), settings.pictureHz(), pages::picture);
    var runs = new RunIndex(settings.rounds());
    play =
        new Play(
            runs,
            new PlayRollouts(runs, this::rollouts, caches),
            settings.commands(),
            caches.resolve("play"),
            settings.playIdle());
    replays = new Replays(policies, this::rollouts, settings.commands());
    link.start();
    var handler =
        new ConsoleHandler(
            settings.tokens(),
            new Origins(settings.names()),
            pages,
            settings.robot(),
            this::ask,
            this::rollouts,
            policies,
            runs,
            play,
            replays);
    server = new ConsoleServer(host, settings.port(), settings.tls(), handler);
    try {
      server.start();
    } catch (ConsoleException e) {
      close();
      throw e;
    }
    var _ = clock.scheduleAtFixedRate(this::tell, 0, STATE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The address of the page. */
  String url() {
    return server.url(host);
  }

  private void look(boolean somebody) {
    cameras.look(somebody);
  }

  /** The rollouts of the folder that was named, else of the one that the robot node records in. */
  private synchronized RolloutIndex rollouts() {
    String ofRobot = link.watch().setup().rolloutsDir();
    Path folder =
        rolloutsDir.orElseGet(() -> Path.of(ofRobot.isEmpty() ? "out/rollouts" : ofRobot));
    if (index == null || !index.folder().equals(folder.toAbsolutePath().normalize())) {
      index = new RolloutIndex(folder, caches);
    }
    return index;
  }

  /** The rollouts by which policies are measured; none where their folder is not there. */
  private List<RolloutRow> triedRollouts() {
    try {
      return rollouts().list().rows();
    } catch (Refusal e) {
      return List.of();
    }
  }

  private void follow() {
    cameras.follow();
  }

  private RobotClients.Answer ask(Ask what, String person) {
    RobotClients.Answer answer = link.clients().ask(what, person);
    if (!answer.ok()) {
      link.watch()
          .happenings()
          .add(System.currentTimeMillis(), "REFUSED", person, answer.message());
    }
    return answer;
  }

  private void tell() {
    if (pages.isEmpty()) {
      return;
    }
    try {
      Snapshot now = link.watch().snapshot(cameras.states(), cameras.streams(), pages.people());
      pages.state("{\"state\":" + Json.write(now) + "}");
    } catch (RuntimeException e) { // the next one may do
      link.node().logger().log(Level.ERROR, "the state cannot be told: " + e);
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
    pages.closeAll();
    server.close();
    play.close();
    replays.close();
    cameras.close();
    link.close();
  }
}
