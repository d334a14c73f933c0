package dev.reverie.bundle;

import dev.reverie.testing.HelpPages;
import org.junit.jupiter.api.Test;

class HelpTest {
  @Test
  void theHelpPagesSayWhatTheCommandsSay() throws Exception {
    HelpPages.check(PolicyCommand.commandLine(), "policy");
  }
}
