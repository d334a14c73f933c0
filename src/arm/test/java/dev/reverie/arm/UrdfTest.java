package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Refusal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UrdfTest {
  @Test
  void aUrdfGivesTheChainFromTheRootToTheTipWithLimits() {
    Urdf urdf = PlanarArm.urdf();
    assertEquals("world", urdf.root());
    assertEquals(
        List.of("shoulder", "elbow", "wrist", "tool"),
        urdf.chain("tip").stream().map(Urdf.Joint::name).toList());
    assertEquals(new Urdf.Limits(0.2, 2.8, 8), urdf.moving("elbow").limits());
  }

  @Test
  void anUnknownJointIsRefusedByNameWithWhatIsThere() {
    Refusal.of(
        ArmException.class,
        () -> PlanarArm.urdf().moving("gripper"),
        "'gripper'",
        "[elbow, shoulder, wrist]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "</robot>          | <oops>            | no readable URDF",
        "velocity=\"12\"   | ''                | 'velocity'",
        "lower=\"0.2\"     | lower=\"3\"       | lower must be below upper",
        "lower=\"0.2\"     | lower=\"zero\"    | give a number",
        "xyz=\"0.42 0 0\"  | xyz=\"0.42 0\"    | three numbers",
        "xyz=\"0 -1 0\"    | xyz=\"0 0 0\"     | give a direction",
        "type=\"fixed\"    | type=\"floating\" | floating",
        "link=\"fore\"     | link=\"forearm\"  | forearm",
        "<link name=\"tip\"/> | <link name=\"tip\"/><link name=\"stray\"/> | stray",
        "<robot name=\"planar_arm\"> | <!DOCTYPE r SYSTEM \"file:///etc/passwd\"><robot name=\"a\"> | DOCTYPE",
      })
  void aBrokenUrdfIsRefusedWithTheValue(String text, String replacement, String told) {
    String xml = PlanarArm.xml();
    assertTrue(xml.contains(text), text);
    Refusal.of(ArmException.class, () -> Urdf.parse(xml.replace(text, replacement)), told);
  }
}
