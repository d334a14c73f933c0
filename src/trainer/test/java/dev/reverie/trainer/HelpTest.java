package dev.reverie.trainer;

import dev.reverie.testing.HelpPages;
import org.junit.jupiter.api.Test;

class HelpTest {
  @Test
  void theHelpPagesSayWhatTheCommandsSay() throws Exception {
    HelpPages.checkSubcommands(TrainCommand.commandLine(), "");
  }
}
