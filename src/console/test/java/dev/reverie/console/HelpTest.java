package dev.reverie.console;

import dev.reverie.testing.HelpPages;
import org.junit.jupiter.api.Test;

class HelpTest {
  @Test
  void theHelpPagesSayWhatTheCommandsSay() throws Exception {
    HelpPages.check(ConsoleCommand.commandLine(), "console");
    HelpPages.check(StatusCommand.commandLine(), "status");
    HelpPages.check(LabelCommand.commandLine(), "label");
  }
}
