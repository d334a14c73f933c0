package dev.reverie.rosidl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.rosidl.Structure.Shape;
import org.junit.jupiter.api.Test;

class InterfaceParserTest {

  private static Structure parse(String text) {
    return new InterfaceParser("my_msgs", "My.msg").parse(text).getFirst();
  }

  private static void refused(String text, String inMessage) {
    var e = assertThrows(InterfaceException.class, () -> parse(text));
    assertTrue(String.valueOf(e.getMessage()).contains(inMessage), e.getMessage());
  }

  @Test
  void fieldsHaveBaseShapeDefaultAndComment() {
    var fields =
        parse(
                """
                # a comment
                uint8[<=3] small_numbers [1, 2]   # in metres
                string<=5 name "a#b"
                geometry_msgs/Point[2] corners
                Other other
                """)
            .fields();
    assertEquals("smallNumbers", fields.getFirst().component());
    assertEquals(new Shape.Sequence(3), fields.getFirst().shape());
    assertEquals("in metres", fields.getFirst().comment());
    assertEquals(new Base.Text(false, 5), fields.get(1).base());
    assertEquals("\"a#b\"", fields.get(1).fallback().orElseThrow());
    assertEquals(new Shape.Fixed(2), fields.get(2).shape());
    assertEquals(new Base.Message(new TypeName("my_msgs", "Other")), fields.get(3).base());
  }

  @Test
  void constantsBecomeJavaExpressions() {
    var constants =
        parse("uint8 A=255\nuint32 B=4294967295\nstring C='its'\nfloat64 D=1e-3").constants();
    assertEquals("(byte) 255", constants.getFirst().value());
    assertEquals("-1", constants.get(1).value());
    assertEquals("0.001", constants.get(3).value());
  }

  @Test
  void aServiceHasTwoPartsAndAnActionThree() {
    assertEquals(3, new InterfaceParser("p", "f").parse("int8 a\n---\n---\nint8 b").size());
  }

  @Test
  void badLinesAreRefusedWithFileAndLine() {
    refused("int8 a\nint8", "My.msg:2: expected 'type name'");
    refused("uint8 A=256", "outside the range of uint8");
    refused("int8 a\nint16 a", "stands here twice");
    refused("int8<=4 a", "only strings");
    refused("int8[] A=3", "a constant cannot be an array");
  }

  @Test
  void aComponentIsNeverAJavaKeyword() {
    assertEquals("class_", JavaNames.component("class"));
    assertEquals("frameId", JavaNames.component("frame_id"));
    assertEquals("wait_", JavaNames.component("wait"));
  }
}
