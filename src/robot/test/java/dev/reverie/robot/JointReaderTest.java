package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JointReaderTest {
  private final JointReader reader = new JointReader(PlanarArm.JOINTS);

  private static JointState state(List<String> names, double... positions) {
    return new JointState()
        .withHeader(new Header(new Time(1, 2), ""))
        .withName(names)
        .withPosition(positions);
  }

  private String fault(JointState state) {
    return reader.read(JointState.TYPE.encode(state), 0).fault().map(HoldReason::text).orElse("");
  }

  @Test
  void jointsComeInThePolicysOrderWhateverTheDriversOrderIs() {
    var state = state(List.of("gripper", "wrist", "shoulder", "elbow"), 9, 3, 1, 2);
    JointSample sample = reader.read(JointState.TYPE.encode(state), 5);
    assertEquals(Optional.empty(), sample.fault());
    assertArrayEquals(new double[] {1, 2, 3}, sample.positions());
    assertEquals(1_000_000_002L, sample.stampNanos());
  }

  @Test
  void aMissingJointIsNamedWithThoseThatAreThere() {
    String fault = fault(state(List.of("shoulder", "elbow"), 1, 2));
    assertTrue(fault.contains("'wrist'") && fault.contains("[shoulder, elbow]"), fault);
  }

  @Test
  void aPositionThatIsNoNumberIsNamed() {
    String fault = fault(state(PlanarArm.JOINTS, 1, Double.NaN, 3));
    assertTrue(fault.contains("'elbow' is NaN"), fault);
  }

  @Test
  void fewerPositionsThanNamesAreAFault() {
    String fault = fault(state(PlanarArm.JOINTS, 1, 2));
    assertTrue(fault.contains("2 positions for 3 names"), fault);
  }
}
