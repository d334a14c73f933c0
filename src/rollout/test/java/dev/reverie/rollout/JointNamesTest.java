package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class JointNamesTest {
  private static final List<String> JOINTS = List.of("shoulder", "elbow");

  private final JointNames names = JointNames.of(List.of("j1=shoulder"), "left_");

  @Test
  void aNameIsMappedElseItHasThePrefix() {
    assertEquals(List.of("j1", "left_elbow"), names.inMessages(JOINTS));
    assertEquals(JOINTS, JointNames.SAME.inMessages(JOINTS));
  }

  @Test
  void whatIsReadIsWrittenAgain() {
    assertEquals(List.of("j1=shoulder"), names.pairs());
    assertEquals(names, JointNames.of(names.pairs(), "left_"));
  }

  @Test
  void aConfigurationWithoutNamesTellsThatTheyAreTheSame() {
    assertEquals(JointNames.SAME, RecordedConfiguration.of("").jointNames());
    assertEquals(JointNames.SAME, RecordedConfiguration.of("no JSON").jointNames());
    assertEquals(JointNames.SAME, RecordedConfiguration.of("{\"joints\": 3}").jointNames());
    String told =
        """
        {"joints": {"topics": ["/a", "/b"], "names": {"own": {"j1": "shoulder"}, "prefix": "left_"}}}""";
    assertEquals(names, RecordedConfiguration.of(told).jointNames());
    assertEquals(List.of("/a", "/b"), RecordedConfiguration.of(told).jointTopics());
  }

  @Test
  void pairsThatNameNoJointOrOneTwiceAreRefused() {
    for (String bad : List.of("j1", "j1=", "=shoulder", "a=b=c", "")) {
      assertThrows(IllegalArgumentException.class, () -> JointNames.of(List.of(bad), ""));
    }
    List<String> both = List.of("j1=shoulder", "j2=shoulder");
    assertThrows(IllegalArgumentException.class, () -> JointNames.of(both, ""));
    List<String> twice = List.of("j1=shoulder", "j1=elbow");
    assertThrows(IllegalArgumentException.class, () -> JointNames.of(twice, ""));
  }
}
