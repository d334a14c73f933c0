package dev.reverie.robot;

import dev.reverie.testing.HelpPages;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class HelpTest {
  @Test
  void theHelpPagesSayWhatTheCommandsSay() throws Exception {
    HelpPages.check(new CommandLine(RobotCommand.class), "robot");
  }
}
