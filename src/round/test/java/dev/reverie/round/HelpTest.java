package dev.reverie.round;

import dev.reverie.testing.HelpPages;
import org.junit.jupiter.api.Test;

class HelpTest {
  @Test
  void theHelpPagesSayWhatTheCommandsSay() throws Exception {
    HelpPages.checkSubcommands(RoundCommand.commandLine(), "");
  }
}
