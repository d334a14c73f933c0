package dev.reverie.round;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.terminal.impl.DumbTerminal;

/** The keys of a terminal, each as it is pressed. Ctrl-C still ends the process. */
final class Keyboard implements AutoCloseable {
  static final char ENTER = '\r';

  private final Terminal terminal;
  private final Attributes before;

  private Keyboard(Terminal terminal) {
    this.terminal = terminal;
    before = terminal.getAttributes();
    var raw = new Attributes(before);
    raw.setLocalFlag(Attributes.LocalFlag.ICANON, false);
    raw.setLocalFlag(Attributes.LocalFlag.ECHO, false);
    raw.setControlChar(Attributes.ControlChar.VMIN, 1);
    raw.setControlChar(Attributes.ControlChar.VTIME, 0);
    terminal.setAttributes(raw);
  }

  /** Opens that of this process; empty where standard input is no terminal. */
  static Optional<Keyboard> open() {
    try {
      Terminal terminal =
          TerminalBuilder.builder().system(true).dumb(true).nativeSignals(false).build();
      if (terminal instanceof DumbTerminal) {
        terminal.close();
        return Optional.empty();
      }
      return Optional.of(new Keyboard(terminal));
    } catch (IOException e) {
      throw new UncheckedIOException("the terminal cannot be read", e);
    }
  }

  /**
   * The key that was pressed within some time; of letters the lower case, of Enter {@link #ENTER}.
   */
  Optional<Character> key(Duration within) {
    try {
      int read = terminal.reader().read(within.toMillis());
      if (read == -1) {
        throw new RoundException("standard input has ended; the same command goes on");
      }
      char key = read == '\n' ? ENTER : Character.toLowerCase((char) read);
      return read < 0 ? Optional.empty() : Optional.of(key);
    } catch (IOException e) {
      throw new UncheckedIOException("the terminal cannot be read", e);
    }
  }

  @Override
  public void close() {
    try {
      terminal.setAttributes(before);
      terminal.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the terminal cannot be put back", e);
    }
  }
}
