package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of where a camera stands. */
class HandEyeTest {
  private static final HandEye WRIST =
      new HandEye(
          "wrist",
          HandEye.Mounting.EYE_IN_HAND,
          "tool0",
          "wrist_optical_frame",
          List.of(0.05, 1e-5, -2.5e-7),
          List.of(0.0, 0.0, 0.0, 1.0),
          new HandEye.Residuals(0.1, 0.8, 20),
          "PARK");

  @TempDir Path folder;

  private HandEye read(String yaml) throws IOException {
    return HandEye.read(Files.writeString(folder.resolve("wrist.hand_eye.yaml"), yaml));
  }

  @Test
  void whatIsWrittenReadsBackTheSame() throws IOException {
    assertEquals(WRIST, read(WRIST.yaml()));
  }

  @Test
  void aKeyThatIsUnknownTwiceThereOrEmptyIsRefused() {
    refused(WRIST.yaml() + "camera: front\n", "camera");
    refused(WRIST.yaml() + "colour: red\n", "colour");
    refused(WRIST.yaml().replace("xyz:", "xyz: null\nold_xyz:"), "hand_eye");
  }

  private void refused(String yaml, String word) {
    Refusal.of(ArmException.class, () -> read(yaml), "wrist.hand_eye.yaml", word);
  }
}
