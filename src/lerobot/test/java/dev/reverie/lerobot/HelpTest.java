package dev.reverie.lerobot;

import dev.reverie.testing.HelpPages;
import org.junit.jupiter.api.Test;

class HelpTest {
  @Test
  void theHelpPagesSayWhatTheCommandsSay() throws Exception {
    HelpPages.checkSubcommands(LerobotCommand.commandLine(), "rollouts-");
  }
}
