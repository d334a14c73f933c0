package dev.reverie.sim;

import dev.reverie.testing.HelpPages;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class HelpTest {
  @Test
  void theHelpPagesSayWhatTheCommandsSay() throws Exception {
    HelpPages.check(new CommandLine(SimulatedArmCommand.class), "simulated-arm");
    HelpPages.check(new CommandLine(new ExpertCommand()), "simulated-arm-expert");
    HelpPages.check(new CommandLine(new TasksCommand()), "simulated-arm-tasks");
  }
}
