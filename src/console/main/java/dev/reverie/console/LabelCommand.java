package dev.reverie.console;

import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.ProgramArguments;
import dev.reverie.rcljava.RclException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.terminal.impl.DumbTerminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reverie label}: a person says by one key how episodes go, in a terminal. */
@Command(
    name = "label",
    description = "Says how episodes go: each by one key, or one by its name.",
    footer = {
      "",
      "Without OUTCOME it waits for keys: " + LabelKeys.HELP + ".",
      "Each is about the episode that runs, which it ends, or about the last one.",
      "Bags of nodes that have ended: ./reverie rollouts label."
    },
    mixinStandardHelpOptions = true)
public final class LabelCommand implements Callable<Integer> {
  private static final Duration THERE = Duration.ofSeconds(8);

  /** At most for the last episode to be heard of. */
  private static final Duration LAST = Duration.ofSeconds(3);

  private static final Duration LOOK = Duration.ofMillis(200);

  @Mixin private final RobotOption robot = new RobotOption();

  @Option(
      names = "--person",
      paramLabel = "NAME",
      defaultValue = "${sys:user.name}",
      description = "Who says so (your name on this machine).",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private String person = "";

  @Option(
      names = "--episode",
      paramLabel = "ID",
      defaultValue = "",
      description = "Of which episode (the one that runs, else the last one).")
  private String episode = "";

  @Option(names = "--note", paramLabel = "TEXT", defaultValue = "", description = "Why.")
  private String note = "";

  @Parameters(
      arity = "0..1",
      paramLabel = "OUTCOME",
      defaultValue = "",
      description = "unlabelled, success, failure or aborted.")
  private String outcome = "";

  @Spec private CommandSpec spec;

  private final String[] rosArguments;

  private LabelCommand(String... rosArguments) {
    this.rosArguments = rosArguments.clone();
  }

  static CommandLine commandLine(String... rosArguments) {
    return new CommandLine(new LabelCommand(rosArguments));
  }

  public static void main(String[] args) {
    System.exit(ProgramArguments.of(args).run(ros -> commandLine(ros)::execute));
  }

  @Override
  public Integer call() {
    Visitor who;
    try {
      who = new Visitor(Role.OPERATOR, person);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--person: " + e.getMessage(), e);
    }
    try (Context context = Context.init(rosArguments);
        var link = new RobotLink(context, "label", robot.name(), () -> {})) {
      link.start();
      link.awaitRobot(THERE);
      var keys = new LabelKeys(link, who.person());
      return outcome.isEmpty() ? byKeys(context, link, keys) : once(link, keys);
    } catch (ConsoleException | RclException | Refusal e) {
      spec.commandLine().getErr().println("reverie label: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private int once(RobotLink link, LabelKeys keys) {
    if (episode.isEmpty()) { // the status may come before the last episode
      boolean _ = link.await(LAST, () -> keys.meant().isPresent());
    }
    Optional<String> named = episode.isEmpty() ? keys.meant() : Optional.of(episode);
    RobotClients.Answer answer =
        link.clients().ask(new Ask.Label(named.orElse(""), outcome, note), person);
    if (!answer.ok()) {
      throw new ConsoleException(answer.message() + (named.isEmpty() ? ": --episode ID" : ""));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(answer.episodeId() + " " + outcome);
    out.flush();
    return CommandLine.ExitCode.OK;
  }

  private int byKeys(Context context, RobotLink link, LabelKeys keys) {
    try (Terminal terminal =
        TerminalBuilder.builder().system(true).dumb(true).nativeSignals(false).build()) {
      if (terminal instanceof DumbTerminal) {
        throw new ConsoleException(
            "standard input is no terminal, so there are no keys; name the outcome, or use ssh -t");
      }
      Attributes before = terminal.enterRawMode();
      try {
        say(terminal, LabelKeys.HELP);
        String shown = "";
        while (context.isOk()) {
          String now = Headline.withoutTime(link.watch().snapshot());
          if (!now.equals(shown)) {
            say(terminal, now);
            shown = now;
          }
          int key = terminal.reader().read(LOOK.toMillis());
          if (key == 'q' || key == -1 || key == 3) { // 3: Ctrl-C
            break;
          }
          keys.press((char) Math.max(0, key)).ifPresent(told -> say(terminal, told));
        }
        return CommandLine.ExitCode.OK;
      } finally {
        terminal.setAttributes(before);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void say(Terminal terminal, String line) {
    terminal.writer().print(line + "\r\n");
    terminal.flush();
  }
}
