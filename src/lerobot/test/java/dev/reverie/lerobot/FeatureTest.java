package dev.reverie.lerobot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.testing.Refusal;
import java.util.List;
import org.junit.jupiter.api.Test;

class FeatureTest {
  private static Feature feature(String json) throws Exception {
    return Feature.of("key", new ObjectMapper().readTree(json));
  }

  @Test
  void namesAreFoundHoweverTheyAreGrouped() throws Exception {
    String grouped =
        """
        {"dtype": "float32", "shape": [3], "names": {"motors": ["a", "b"], "gripper": ["c"]}}
        """;
    assertEquals(List.of("a", "b", "c"), feature(grouped).names());
    String placed =
        """
        {"dtype": "float32", "shape": [3], "names": {"c": 2, "a": 0, "b": 1}}
        """;
    assertEquals(List.of("a", "b", "c"), feature(placed).names());
    String none =
        """
        {"dtype": "float32", "shape": [3], "names": null}
        """;
    assertEquals(List.of(), feature(none).names());
  }

  @Test
  void picturesMayHaveTheirChannelsFirstAndDepthIsNone() throws Exception {
    Feature first = feature("{\"dtype\": \"video\", \"shape\": [3, 48, 64], \"names\": null}");
    assertTrue(first.picture());
    assertTrue(first.hasSize(64, 48));
    assertFalse(first.hasSize(48, 64));
    Feature depth =
        feature(
            "{\"dtype\": \"video\", \"shape\": [48, 64, 3], \"info\": {\"video.is_depth_map\": true}}");
    assertTrue(depth.camera());
    assertFalse(depth.picture());
  }

  @Test
  void aFeatureWithoutShapeIsRefused() {
    Refusal.of(
        LerobotException.class,
        () -> feature("{\"dtype\": \"float32\"}"),
        "feature 'key'",
        "no shape");
  }
}
