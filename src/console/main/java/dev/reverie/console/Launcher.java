package dev.reverie.console;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Prepares commands of the checkout or package that this process is of.
 *
 * @param root of the checkout or package
 * @param prepared whether what they need is known to be built
 */
record Launcher(Optional<Path> root, boolean prepared) {
  /** The one that this process was started by. */
  static Launcher ofThis() {
    return new Launcher(Optional.ofNullable(System.getenv("REVERIE_ROOT")).map(Path::of), false);
  }

  /**
   * A command that is not started yet.
   *
   * @param before words that it is started by, such as {@code nice}; may be none
   * @throws Refusal where nobody knows where {@code reverie} is
   */
  ProcessBuilder reverie(List<String> before, List<String> arguments) {
    Path folder =
        root.orElseThrow(
            () ->
                new Refusal(
                    503,
                    "'reverie %s' is not known here: start the console by ./reverie",
                    String.join(" ", arguments.subList(0, 1))));
    List<String> command = new ArrayList<>(before);
    command.add(folder.resolve("reverie").toString());
    command.addAll(arguments);
    var builder = new ProcessBuilder(command);
    builder.environment().remove("REVERIE_PREPARED");
    if (prepared) {
      builder.environment().put("REVERIE_PREPARED", folder.toString());
    }
    return builder;
  }
}
