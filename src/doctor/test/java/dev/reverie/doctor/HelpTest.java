package dev.reverie.doctor;

import dev.reverie.testing.HelpPages;
import org.junit.jupiter.api.Test;

class HelpTest {
  @Test
  void theHelpPagesSayWhatTheCommandsSay() throws Exception {
    HelpPages.check(DoctorCommand.commandLine(), "doctor");
    HelpPages.check(ArmCommand.commandLine(), "arm");
  }
}
