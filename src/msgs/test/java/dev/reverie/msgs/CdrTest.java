package dev.reverie.msgs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.odd_msgs.Names;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.shape_msgs.SolidPrimitive;
import dev.reverie.msgs.std_msgs.Header;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class CdrTest {
  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  @Test
  void aRecordIsMadeFromItsDefaultsAndChangedByCopy() {
    Header header = new Header().withFrameId("camera").withStamp(new Time(7, 500_000_000));
    JointState joints = new JointState().withHeader(header).withPosition(new double[] {1, 2});
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
    CdrException e =
        assertThrows(CdrException.class, () -> Time.TYPE.decode(hex("00070000 01000000 02000000")));
    assertEquals("encapsulation 0x0007 is not plain CDR (0x0000 or 0x0001)", e.getMessage());
  }

  @Test
  void everyLengthBeyondTheBufferIsRefusedBeforeAnythingIsAllocated() {
    for (int length : new int[] {9, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE, -1}) {
      byte[] cdr = {0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
      ByteBuffer.wrap(cdr).order(ByteOrder.LITTLE_ENDIAN).putInt(4, length);
      assertThrows(
          CdrException.class, () -> new CdrReader(MemorySegment.ofArray(cdr)).readString());
      for (int elementBytes : new int[] {1, 2, 4, 8}) {
        var in = new CdrReader(MemorySegment.ofArray(cdr));
        assertThrows(CdrException.class, () -> in.readLength(elementBytes));
      }
    }
  }

  @Test
  void stringsThatAreNoneAreRefused() {
    var unterminated = new CdrReader(MemorySegment.ofArray(hex("00010000 02000000 6161")));
    assertThrows(CdrException.class, unterminated::readString);
    var tooWide = new CdrReader(MemorySegment.ofArray(hex("00010000 01000000 00000100")));
    CdrException e = assertThrows(CdrException.class, tooWide::readWideString);
    assertEquals("0x00010000 at byte 8 is not a UTF-16 unit", e.getMessage());
  }

  @Test
  void arraysOfBothByteOrdersAreRead() {
    var big = new CdrReader(MemorySegment.ofArray(hex("00000000 0001 fffe 3f800000 c0000000")));
    assertArrayEquals(new short[] {1, -2}, big.readShorts(2));
    assertArrayEquals(new float[] {1, -2}, big.readFloats(2));
    var little = new CdrReader(MemorySegment.ofArray(hex("00010000 0100 feff 0000803f 000000c0")));
    assertArrayEquals(new short[] {1, -2}, little.readShorts(2));
    assertArrayEquals(new float[] {1, -2}, little.readFloats(2));
  }

  @Test
  void aWriterIsUsedAgainAndGrows() {
    var out = new CdrWriter();
    Image image = new Image().withData(new byte[100_000]);
    Image.TYPE.write(image, out);
    assertEquals(image, Image.TYPE.decode(out.written()));
    out.reset();
    out.writeByte((byte) 7);
    out.writeDouble(1); // the padding before it holds nothing of the image
    assertArrayEquals(hex("00010000 07 00000000000000 000000000000f03f"), out.toByteArray());
  }

  @Test
  void boundsHoldForNewRecordsAndForDecodedOnes() {
    CdrException e =
        assertThrows(CdrException.class, () -> new SolidPrimitive().withDimensions(new double[4]));
    assertEquals("dimensions has length 4, at most 3", e.getMessage());
    e = assertThrows(CdrException.class, () -> new CameraInfo().withK(new double[8]));
    assertEquals("k has 8 elements, not 9", e.getMessage());
    assertThrows(NullPointerException.class, () -> new CameraInfo().withK(null));

    byte[] cdr = SolidPrimitive.TYPE.encode(new SolidPrimitive().withDimensions(new double[3]));
    byte[] longer = Arrays.copyOf(cdr, cdr.length + 64);
    longer[8] = 4; // the length of dimensions
    e = assertThrows(CdrException.class, () -> SolidPrimitive.TYPE.decode(longer));
    assertEquals("dimensions has length 4, at most 3", e.getMessage());
  }

  @Test
  void boundsOfStringsCountCharacters() {
    assertEquals("😀😀😀", new Names().withClass_("😀😀😀").class_());
    assertThrows(CdrException.class, () -> new Names().withClass_("four"));
    assertThrows(CdrException.class, () -> new Names().withS(List.of("one", "four")));
  }

  @Test
  void namesThatMeanSomethingInJavaAreFields() {
    var names = new Names();
    assertEquals(List.of("😀😀😀", "b"), names.s());
    assertEquals(3, Names.TYPE_);
    for (Names other :
        List.of(
            names.withH(1),
            names.withO((byte) 1),
            names.withOther((byte) 1),
            names.withDev_(new float[] {1}),
            names.withA1((byte) 1),
            names.withA_1((byte) 1))) {
      assertNotEquals(names, other);
      assertNotEquals(names.hashCode(), other.hashCode());
      assertEquals(other, Names.TYPE.decode(Names.TYPE.encode(other)));
    }
  }

  @Test
  void aDefinitionHoldsAllTypesThatItUses() {
    String text = JointState.TYPE.definition();
    for (String type : List.of("std_msgs/Header", "builtin_interfaces/Time")) {
      assertEquals(1, text.split("\nMSG: " + type + "\n", -1).length - 1, type);
    }
  }
}
