package dev.reverie.console;

import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.ProgramArguments;
import dev.reverie.rcljava.RclException;
import dev.reverie.rollout.UserFolders;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code reverie console}: a person looks at the arm and steers it, in a browser. */
@Command(
    name = "console",
    description = "Shows the arm and what the policy sees in a browser, and asks the robot node.",
    footer = {
      "",
      "It prints the address to open, with the token of an operator and of a viewer. Elsewhere than"
          + " on",
      "this machine it needs --certificate and --key. ROS 2 arguments come after --ros-args."
    },
    mixinStandardHelpOptions = true)
public final class ConsoleCommand implements Callable<Integer> {
  @Mixin private final RobotOption robot = new RobotOption();

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "Address to serve on (${DEFAULT-VALUE}: this machine alone).")
  private String host = "";

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8440",
      description = "Port to serve on (${DEFAULT-VALUE}; 0: any that is free).")
  private int port;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name or address by which browsers call it, besides --host; may be repeated.")
  private List<String> names = new ArrayList<>();

  @Option(names = "--certificate", paramLabel = "FILE", description = "Certificates, PEM.")
  private @Nullable Path certificate;

  @Option(names = "--key", paramLabel = "FILE", description = "Key of the certificate, PEM.")
  private @Nullable Path key;

  @Option(
      names = "--tokens",
      paramLabel = "FILE",
      description = "Tokens (~/.config/reverie/console.json); made where the file is not there.")
  private @Nullable Path tokens;

  @Option(
      names = "--pictures",
      paramLabel = "HZ",
      defaultValue = "30",
      description = "Most pictures of each camera a second (${DEFAULT-VALUE}).")
  private double pictureHz;

  @Option(
      names = "--rollouts",
      paramLabel = "DIR",
      description = "Folder of rollouts (the one that the robot node records in).")
  private @Nullable Path rollouts;

  @Option(
      names = "--policies",
      paramLabel = "DIR",
      description =
          "Folder of policy bundles, beside those that the node and rounds know; may be repeated.")
  private List<Path> policies = new ArrayList<>();

  @Option(
      names = "--rounds",
      paramLabel = "DIR",
      defaultValue = "out",
      description = "Folder with the work folders of rounds and training (${DEFAULT-VALUE}).")
  private Path rounds = Path.of("out");

  @Spec private CommandSpec spec;

  private final String[] rosArguments;

  private ConsoleCommand(String... rosArguments) {
    this.rosArguments = rosArguments.clone();
  }

  static CommandLine commandLine(String... rosArguments) {
    return new CommandLine(new ConsoleCommand(rosArguments));
  }

  public static void main(String[] args) {
    System.exit(ProgramArguments.of(args).run(ros -> commandLine(ros)::execute));
  }

  @Override
  public Integer call() {
    try {
      Console.Settings settings = settings();
      try (Context context = Context.init(rosArguments);
          var console = new Console(context, settings)) {
        print(console.url(), settings.tokens());
        var ended = new CountDownLatch(1);
        context.onShutdown(ended::countDown);
        ended.await();
      }
      return CommandLine.ExitCode.OK;
    } catch (ConsoleException | RclException e) {
      spec.commandLine().getErr().println("reverie console: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private Console.Settings settings() {
    if (port < 0 || port > 65_535) {
      throw wrong("--port %d; give 0 to 65535", port);
    }
    if (!(pictureHz >= 0.1 && pictureHz <= 120)) {
      throw wrong("--pictures %s; give 0.1 to 120", pictureHz);
    }
    List<String> called = new ArrayList<>(names);
    called.add(host.contains(":") ? "[" + host + "]" : host);
    Tokens opened = Tokens.openOrCreate(tokens == null ? Tokens.usualFile() : tokens);
    return new Console.Settings(
        robot.name(),
        host,
        port,
        called,
        tls(),
        opened,
        pictureHz,
        Optional.ofNullable(rollouts),
        policies,
        rounds,
        UserFolders.caches(),
        Launcher.ofThis(),
        Play.IDLE);
  }

  private Optional<SslContextFactory.Server> tls() {
    if (certificate != null && key != null) {
      return Optional.of(Certificates.read(certificate, key));
    }
    if (certificate != null || key != null) {
      throw wrong("give both --certificate and --key, or none");
    }
    try {
      if (!InetAddress.getByName(host).isLoopbackAddress()) {
        throw wrong(
            "--host %s is seen by other machines, and without TLS whoever listens there gets the"
                + " token; give --certificate and --key, or use ssh -L %d:localhost:%d",
            host, port, port);
      }
    } catch (IOException e) {
      throw wrong("--host %s is no address of this machine: %s", host, e);
    }
    return Optional.empty();
  }

  private ParameterException wrong(String format, Object... values) {
    return new ParameterException(spec.commandLine(), format.formatted(values));
  }

  private void print(String url, Tokens opened) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("operator: %s#%s%n", url, opened.operator());
    out.printf("viewer:   %s#%s%n", url, opened.viewer());
    out.flush();
  }
}
