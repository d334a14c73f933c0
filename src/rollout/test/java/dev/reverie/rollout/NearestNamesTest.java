package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNamesTest {
  @Test
  void likeNamesAreFoundByWhatStandsBeforeThemAndByTheirSpelling() {
    List<String> there = List.of("left_shoulder_pan", "shoulder_lift", "wheel", "sholder_pan");
    assertEquals(
        "'left_shoulder_pan', 'sholder_pan', 'shoulder_lift'",
        NearestNames.of("shoulder_pan", there));
  }

  @Test
  void caseDoesNotMatterAndOfEqualsTheFirstByTheAlphabetComesFirst() {
    assertEquals(
        "'Joint_1', 'joint2', 'x'", NearestNames.of("joint1", List.of("x", "joint2", "Joint_1")));
  }

  @Test
  void whereThereIsNothingThatIsSaid() {
    assertEquals("none, there is nothing", NearestNames.of("joint1", List.of()));
    assertEquals("'a'", NearestNames.of("", List.of("a", "a")));
  }
}
