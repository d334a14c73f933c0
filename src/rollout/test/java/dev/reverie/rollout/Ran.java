package dev.reverie.rollout;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;

/**
 * An answer of {@code reverie rollouts}.
 *
 * @param out what it said, errors among it
 */
record Ran(int code, String out) {
  static Ran run(Object... args) {
    var out = new StringWriter();
    int code =
        RolloutsCommand.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(out, true))
            .execute(Arrays.stream(args).map(String::valueOf).toArray(String[]::new));
    return new Ran(code, out.toString());
  }
}
