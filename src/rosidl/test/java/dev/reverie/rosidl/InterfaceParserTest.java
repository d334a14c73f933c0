package dev.reverie.rosidl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.rosidl.Structure.Shape;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InterfaceParserTest {
  private static Structure parse(String text) {
    return new InterfaceParser("my_msgs", "My.msg").parse(text).getFirst();
  }

  private static void refused(String text, String inMessage) {
    InterfaceException e = assertThrows(InterfaceException.class, () -> parse(text));
    assertTrue(String.valueOf(e.getMessage()).contains(inMessage), e.getMessage());
  }

  @Test
  void fieldsHaveBaseShapeAndDefault() {
    List<Structure.Field> fields =
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
    assertEquals("new byte[] {(byte) 1, (byte) 2}", fields.getFirst().fallback().orElseThrow());
    assertEquals(new Base.Text(false, 5), fields.get(1).base());
    assertEquals(JavaNames.quote("a#b"), fields.get(1).fallback().orElseThrow());
    assertEquals(new Shape.Fixed(2), fields.get(2).shape());
    assertEquals(new Base.Message(new TypeName("my_msgs", "Other")), fields.get(3).base());
  }

  @Test
  void constantsBecomeJavaExpressions() {
    List<Structure.Constant> constants =
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
  void commentsBelongToThePartOrToTheFieldBelowBesideOrAboveThem() {
    Structure structure =
        parse(
            """
            # About all of it,
            # in two lines.

            # Above.
            float32 range   # Beside,
                            # and going on.
            # Of the constant.
            uint8 ONE=1
            """);
    assertEquals(List.of("About all of it,", "in two lines."), structure.comments());
    assertEquals(
        List.of("Above.", "Beside,", "and going on."), structure.fields().getFirst().comments());
    assertEquals(List.of("Of the constant."), structure.constants().getFirst().comments());
  }

  @Test
  void stringsKeepTheirQuotesAndEscapes() {
    assertEquals("it's", Values.text("'it\\'s'"));
    assertEquals("say \"no\"\n\\", Values.text("\"say \\\"no\\\"\\n\\\\\""));
    assertEquals("no quotes at all", Values.text("no quotes at all"));
    assertEquals(
        Optional.of("java.util.List.of(\"a, b\", \"c]\")"),
        parse("string[] s ['a, b', \"c]\"]").fields().getFirst().fallback());
  }

  @Test
  void numbersAreReadInEachBase() {
    assertEquals("(byte) 255", Scalar.UINT8.literal("0xFF"));
    assertEquals("5", Scalar.INT32.literal("0b101"));
    assertEquals("-8", Scalar.INT32.literal("-0o10"));
    assertEquals("-1L", Scalar.UINT64.literal("18446744073709551615"));
    assertEquals("1.125f", Scalar.FLOAT32.literal("1.125"));
    assertEquals("-5.0", Scalar.FLOAT64.literal("-5"));
  }

  @Test
  void badLinesAreRefusedWithFileAndLine() {
    refused("int8 a\nint8", "My.msg:2: expected 'type name'");
    refused("uint8 A=256", "My.msg:1: 256 is outside the range of uint8");
    refused("float32 A=1e39", "outside the range of float32");
    refused("int8 A=one", "'one' is not a int8");
    refused("float64 A=0x1p3", "'0x1p3' is not a float64");
    refused("bool A=maybe", "'maybe' is not a bool");
    refused("int8 a\nint16 a", "My.msg:2: 'a' stands here twice");
    refused("int8 Big", "is not a field's name");
    refused("int8 a__b", "is not a field's name");
    refused("int8<=4 a", "only strings");
    refused("int8[0] a", "at least 1");
    refused("int8[<=99999999999] a", "at most 2^31 - 1");
    refused("int8[] A=3", "a constant cannot be an array");
    refused("a/b/c/d e", "'a/b/c/d' is not a type");
  }

  @Test
  void defaultsThatTheFieldCannotHaveAreRefused() {
    refused("string<=3 s \"four\"", "longer than 3 characters");
    refused("int8[2] a [1]", "the default has 1 elements, not 2");
    refused("int8[<=1] a [1, 2]", "the default has 2 elements, at most 1");
    refused("int8[] a 1", "an array's default stands in brackets");
    refused("string s 'a'b'", "a quote inside a string");
    refused("string s \"a", "the quote is not closed");
    refused("Other o 1", "a message has no default");
  }

  @Test
  void aComponentIsNeverAJavaKeywordAndTwoFieldsAreNeverOneComponent() {
    assertEquals("class_", JavaNames.component("class"));
    assertEquals("frameId", JavaNames.component("frame_id"));
    assertEquals("wait_", JavaNames.component("wait"));
    assertEquals("a1", JavaNames.component("a1"));
    assertEquals("a_1", JavaNames.component("a_1"));
  }
}
