package dev.reverie.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a Python script of the tests with the prepared environment's interpreter. */
public final class Python {
  private Python() {}

  /**
   * The lines that the script prints.
   *
   * @param script below src
   */
  public static List<String> run(String script, Object... arguments) throws Exception {
    Path folder = Path.of(System.getProperty("reverie.root"), "src");
    List<String> command = new ArrayList<>();
    command.add(System.getenv("REVERIE_PYTHON"));
    command.add(folder.resolve(script).toString());
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return Commands.run(60, command);
  }
}
