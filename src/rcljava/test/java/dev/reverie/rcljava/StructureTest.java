package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.CdrReader;
import dev.reverie.msgs.CdrWriter;
import dev.reverie.msgs.GeneratedType;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.RandomRecords;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.test_msgs.Defaults;
import dev.reverie.testing.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Checks that the structures of C hold what the middleware's own codec finds in them. */
@Prepared
class StructureTest {
  private static final RclFunction SERIALIZE = RclFunction.of("rmw_serialize", 3);
  private static final RclFunction DESERIALIZE = RclFunction.of("rmw_deserialize", 3);

  @Test
  void aDefaultMessageHasTheValuesOfItsDefinition() {
    assertEquals(new Defaults(), DefaultMessages.of(Defaults.TYPE));
  }

  @Test
  void everyInstalledTypeIsTheSameForTheMiddleware() {
    var random = new Random(1);
    var short_ = new RandomRecords(random);
    var long_ = new RandomRecords(random, 3000);
    int types = 0;
    for (GeneratedType<?> type : GeneratedType.all()) {
      String name = type.toString();
      if (name.startsWith("odd_msgs/")) {
        continue; // the generator's tests have it, no environment does
      }
      for (int i = 0; i < 20; i++) {
        compare(type, short_);
      }
      if (name.startsWith("sensor_msgs/msg/") || name.endsWith("/UnboundedSequences")) {
        compare(type, long_);
      }
      types++;
    }
    assertTrue(types > 100, types + " types");
  }

  private static <T> void compare(GeneratedType<T> type, RandomRecords records) {
    compare(type.type(), records.next(type.record()));
  }

  private static <T> void compare(MessageType<T> type, T value) {
    MemorySegment support = TypeSupport.message(type.name());
    try (var mine = new Structure(type.name());
        var theirs = new Structure(type.name());
        var serialized = new SerializedMessage()) {
      mine.set(type, value);
      assertEquals(value, mine.get(type), type.name());
      SERIALIZE.check(SERIALIZE.call(mine.pointer(), support, serialized.pointer()));
      CdrReader in = serialized.reader();
      assertEquals(value, type.read(in), type.name());

      var out = new CdrWriter();
      type.write(value, out);
      MemorySegment cdr = new SerializedMessage.View().of(out.written());
      DESERIALIZE.check(DESERIALIZE.call(cdr, support, theirs.pointer()));
      assertEquals(value, theirs.get(type), type.name());
    }
  }

  @Test
  void aLargeArrayIsReadWhereItLies() {
    Image image = new Image().withData(new byte[1 << 20]);
    image.data()[12345] = 6;
    try (var structure = new Structure(Image.TYPE.name())) {
      structure.set(Image.TYPE, image);
      structure.read();
      assertTrue(structure.length() < 200, structure.length() + " bytes");
      assertEquals(1 << 20, structure.borrowedArrays().bytes());
      assertEquals(image, Image.TYPE.read(structure.reader()));
    }
  }

  @Test
  void anotherVersionOfATypeIsToldAndNotWritten() {
    try (var structure = new Structure(Image.TYPE.name())) {
      RclException e =
          assertThrows(
              RclException.class, () -> structure.set(Header.TYPE, new Header().withFrameId("f")));
      assertEquals(
          "the installed type sensor_msgs/msg/Image differs from the one that the Java records were"
              + " generated from",
          e.getMessage());
    }
    RclException e =
        assertThrows(RclException.class, () -> new Structure("sensor_msgs/msg/Painting"));
    assertTrue(e.toString().contains("Painting"), e.toString());
  }
}
