package dev.reverie.msgs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class CdrTest {

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  @Test
  void aRecordIsMadeFromItsDefaultsAndChangedByCopy() {
    var header = new Header().withFrameId("camera").withStamp(new Time(7, 500_000_000));
    var joints = new JointState().withHeader(header).withPosition(new double[] {1, 2});
    assertEquals(joints, JointState.TYPE.decode(JointState.TYPE.encode(joints)));
    assertNotEquals(joints, joints.withPosition(new double[] {1, 3}));
    assertEquals(2, Outcome.FAILURE);
  }

  @Test
  void bothByteOrdersAreRead() {
    assertEquals(new Time(1, 2), Time.TYPE.decode(hex("00010000 01000000 02000000")));
    assertEquals(new Time(1, 2), Time.TYPE.decode(hex("00000000 00000001 00000002")));
  }

  @Test
  void anotherEncapsulationIsRefused() {
    var e =
        assertThrows(CdrException.class, () -> Time.TYPE.decode(hex("00070000 01000000 02000000")));
    assertEquals("encapsulation 0x0007 is not plain CDR (0x0000 or 0x0001)", e.getMessage());
  }

  @Test
  void aLengthBeyondTheBufferIsRefusedBeforeAnythingIsAllocated() {
    byte[] image = Image.TYPE.encode(new Image().withData(new byte[8]));
    image[image.length - 9] = 0x7f; // the highest byte of the length of data
    assertThrows(CdrException.class, () -> Image.TYPE.decode(image));
  }

  @Test
  void aDefinitionHoldsAllTypesThatItUses() {
    String text = JointState.TYPE.definition();
    for (String type : List.of("std_msgs/Header", "builtin_interfaces/Time")) {
      assertEquals(1, text.split("\nMSG: " + type + "\n", -1).length - 1, type);
    }
  }
}
