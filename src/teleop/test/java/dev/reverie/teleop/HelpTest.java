package dev.reverie.teleop;

import dev.reverie.testing.HelpPages;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class HelpTest {
  @Test
  void theHelpPageSaysWhatTheCommandSays() throws Exception {
    HelpPages.check(new CommandLine(Teleop.class), "teleop");
  }
}
