package dev.reverie.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Runs Python scripts of the tests with the prepared environment's interpreter. */
public final class Python {
  private Python() {}

  /** Returns the interpreter, which {@link Prepared} tests have. */
  public static String interpreter() {
    return Objects.requireNonNull(System.getenv("REVERIE_PYTHON"), Prepared.REASON);
  }

  /**
   * Returns the command that runs a script.
   *
   * @param script below src
   */
  public static List<String> command(String script, Object... arguments) {
    Path folder = Path.of(System.getProperty("reverie.root"), "src");
    List<String> command = new ArrayList<>();
    command.add(interpreter());
    command.add(folder.resolve(script).toString());
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return command;
  }

  /**
   * Runs a script and returns the lines that it prints.
   *
   * @param script below src
   */
  public static List<String> run(String script, Object... arguments) throws Exception {
    return Commands.run(60, command(script, arguments));
  }
}
