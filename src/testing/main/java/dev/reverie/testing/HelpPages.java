package dev.reverie.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/**
 * Holds the pages in {@code setup/help}, which the launcher prints for {@code --help} without a
 * build, against the commands themselves. With {@code REVERIE_WRITE_HELP=1} in the environment it
 * writes them anew.
 */
public final class HelpPages {
  private HelpPages() {}

  /**
   * Passes where the pages of a command and of all its subcommands are what they print.
   *
   * @param page name of the command's page, such as {@code rollouts}; a subcommand's is {@code
   *     rollouts-list}
   */
  public static void check(CommandLine command, String page) throws IOException {
    String printed = command.getUsageMessage(Ansi.OFF);
    Path file = Path.of(System.getProperty("reverie.root"), "setup", "help", page + ".txt");
    if (System.getenv("REVERIE_WRITE_HELP") != null) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, printed);
    }
    assertEquals(
        printed,
        Files.exists(file) ? Files.readString(file) : "",
        () -> file + " is old; REVERIE_WRITE_HELP=1 ./reverie test writes it");
    checkSubcommands(command, page + "-");
  }

  /**
   * Passes as {@link #check} does, of the subcommands alone; the pages' names begin with the
   * prefix.
   */
  public static void checkSubcommands(CommandLine command, String prefix) throws IOException {
    for (Map.Entry<String, CommandLine> subcommand : command.getSubcommands().entrySet()) {
      check(subcommand.getValue(), prefix + subcommand.getKey());
    }
  }
}
