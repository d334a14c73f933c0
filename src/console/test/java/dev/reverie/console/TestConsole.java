package dev.reverie.console;

import dev.reverie.rcljava.Context;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** A console in this process, and the tokens that open it. */
final class TestConsole implements AutoCloseable {
  static final Tokens TOKENS = new Tokens("operator-token-of-tests", "viewer-token-of-tests");

  private static final Path NO_ROUNDS = Path.of("/dev/null/rounds");

  private final Context context = Context.init();
  final Console console;

  /** Starts it for a robot node, which need not be there. */
  TestConsole(String robot) {
    this(robot, Optional.empty());
  }

  /** Starts it for a folder of rollouts; what is kept of it is beside it. */
  TestConsole(Path rollouts) {
    this("/nobody", Optional.of(rollouts));
  }

  /** Starts it for a robot node, with folders of policies and of rounds. */
  TestConsole(String robot, List<Path> policies, Path rounds) {
    this(robot, Optional.empty(), policies, rounds);
  }

  private TestConsole(String robot, Optional<Path> rollouts) {
    this(robot, rollouts, List.of(), NO_ROUNDS);
  }

  /** Starts it for all of these folders. */
  TestConsole(String robot, Optional<Path> rollouts, List<Path> policies, Path rounds) {
    this(robot, rollouts, policies, rounds, Play.IDLE);
  }

  /** Starts it for all of these folders, with another patience for who plays. */
  TestConsole(
      String robot, Optional<Path> rollouts, List<Path> policies, Path rounds, Duration playIdle) {
    this(robot, rollouts, policies, rounds, playIdle, Optional.empty());
  }

  /** Starts it with a certificate, for nothing. */
  TestConsole(Optional<SslContextFactory.Server> tls) {
    this("/nobody", Optional.empty(), List.of(), NO_ROUNDS, Play.IDLE, tls);
  }

  private TestConsole(
      String robot,
      Optional<Path> rollouts,
      List<Path> policies,
      Path rounds,
      Duration playIdle,
      Optional<SslContextFactory.Server> tls) {
    Path caches = rollouts.map(dir -> dir.resolveSibling("caches")).orElse(Path.of("/dev/null"));
    try {
      console =
          new Console(
              context,
              new Console.Settings(
                  robot,
                  "127.0.0.1",
                  0,
                  List.of("127.0.0.1"),
                  tls,
                  TOKENS,
                  30,
                  rollouts,
                  policies,
                  rounds,
                  caches,
                  new Launcher(Optional.of(Path.of(System.getProperty("reverie.root"))), true),
                  playIdle));
    } catch (RuntimeException e) {
      context.close();
      throw e;
    }
  }

  Browser operator(String person) throws Exception {
    return Browser.open(console.url(), TOKENS.operator(), person);
  }

  Browser viewer(String person) throws Exception {
    return Browser.open(console.url(), TOKENS.viewer(), person);
  }

  @Override
  public void close() {
    console.close();
    context.close();
  }
}
