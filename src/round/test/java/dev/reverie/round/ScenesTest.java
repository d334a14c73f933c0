package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ScenesTest {
  private static Scenes scenes(String folder, Map<Long, Boolean> won) {
    return new Scenes(Path.of(folder), new TreeMap<>(won));
  }

  @Test
  void aGainIsOfTheScenesThatBothEvaluationsHave() {
    Scenes before = scenes("before", Map.of(1L, false, 2L, false, 3L, true, 4L, true, 5L, true));
    Scenes after = scenes("after", Map.of(1L, true, 2L, false, 3L, true, 4L, true, 6L, false));
    assertEquals("+25.0 [-24.0, +74.0] points on 4 scenes", before.gain(after));
  }

  @Test
  void evaluationsOfOtherScenesAreNotCompared() {
    Scenes before = scenes("before", Map.of(1L, false));
    var refused =
        assertThrows(RoundException.class, () -> before.gain(scenes("after", Map.of(2L, true))));
    assertTrue(String.valueOf(refused.getMessage()).contains("the same --seed"));
  }
}
