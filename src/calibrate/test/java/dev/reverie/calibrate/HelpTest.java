package dev.reverie.calibrate;

import dev.reverie.testing.HelpPages;
import java.util.List;
import org.junit.jupiter.api.Test;

class HelpTest {
  @Test
  void theHelpPagesSayWhatTheCommandsSay() throws Exception {
    HelpPages.check(CalibrateCommand.commandLine(List.of()), "calibrate");
  }
}
