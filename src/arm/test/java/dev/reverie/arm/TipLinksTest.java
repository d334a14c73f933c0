package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class TipLinksTest {
  /** An arm with a frame at its tip, a jaw that a joint moves, and a camera on its base. */
  private static final String ARM =
      """
      <robot name="arm"><link name="base"/><link name="upper"/><link name="hand"/>
        <link name="jaw"/><link name="tip_frame"/><link name="eye"/>
        <joint name="shoulder" type="continuous"><parent link="base"/><child link="upper"/></joint>
        <joint name="elbow" type="continuous"><parent link="upper"/><child link="hand"/></joint>
        <joint name="claw" type="continuous"><parent link="hand"/><child link="jaw"/></joint>
        <joint name="f" type="fixed"><parent link="hand"/><child link="tip_frame"/></joint>
        <joint name="c" type="fixed"><parent link="base"/><child link="eye"/></joint></robot>
      """;

  @Test
  void theFrameAtTheTipComesBeforeTheJawAndWhatDoesNotMoveIsNone() {
    Urdf arm = Urdf.parse(ARM);
    List<String> joints = List.of("shoulder", "elbow", "claw");
    assertEquals(List.of("tip_frame", "jaw"), TipLinks.of(arm, joints));
    assertEquals(List.of(), TipLinks.of(arm, List.of("nobody")));
  }

  @Test
  void aUrdfThatCannotBeUsedHasNone() {
    Urdf xacro = Urdf.parse(ARM.replace("\"arm\"", "\"${name}\""));
    assertEquals(List.of(), TipLinks.of(xacro, List.of("elbow")));
  }
}
