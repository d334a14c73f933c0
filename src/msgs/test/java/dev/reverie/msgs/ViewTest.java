package dev.reverie.msgs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.geometry_msgs.Twist;
import dev.reverie.msgs.geometry_msgs.Vector3;
import dev.reverie.msgs.odd_msgs.Corner;
import dev.reverie.msgs.odd_msgs.Nothings;
import dev.reverie.msgs.odd_msgs.View;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class ViewTest {
  private static <T> MemorySegment cdr(MessageType<T> type, T message) {
    return MemorySegment.ofArray(type.encode(message));
  }

  @Test
  void fieldsAreReadAndChangedWhereTheyLie() {
    MemorySegment cdr = cdr(Twist.TYPE, new Twist().withLinear(new Vector3(1, 2, 3)));
    var binding = new ViewBinding<>(Twist.VIEW);
    Twist.View twist = binding.bind(cdr);
    assertEquals(2, twist.linear().y());
    twist.angular().setZ(0.5);
    binding.unbind();
    assertEquals(new Twist(new Vector3(1, 2, 3), new Vector3(0, 0, 0.5)), Twist.TYPE.decode(cdr));
  }

  @Test
  void sequencesAreReadInPlaceAndTheirElementsChanged() {
    JointState message =
        new JointState()
            .withHeader(new Header(new Time(7, 8), "base"))
            .withName(List.of("shoulder", "elbow"))
            .withPosition(new double[] {1, 2});
    MemorySegment cdr = cdr(JointState.TYPE, message);
    JointState.View joints = new ViewBinding<>(JointState.VIEW).bind(cdr);
    assertEquals("base", joints.header().frameId());
    assertEquals("elbow", joints.name().get(1));
    joints.position().set(1, -2);
    joints.header().stamp().setSec(9);
    assertEquals(0, joints.effort().length());
    assertEquals(
        message.withPosition(new double[] {1, -2}).withHeader(new Header(new Time(9, 8), "base")),
        JointState.TYPE.decode(joints));
    assertThrows(IndexOutOfBoundsException.class, () -> joints.position().get(2));
    assertThrows(IndexOutOfBoundsException.class, () -> joints.name().get(-1));
    assertThrows(
        IllegalArgumentException.class, () -> joints.position().set(new double[] {1, 2, 3}));
  }

  @Test
  void thePixelsOfAnImageAreASliceWithoutCopy() {
    MemorySegment cdr = cdr(Image.TYPE, new Image().withWidth(4).withData(new byte[] {1, 2, 3, 4}));
    Image.View image = new ViewBinding<>(Image.VIEW).bind(cdr);
    MemorySegment pixels = image.data().bytes();
    assertArrayEquals(new byte[] {1, 2, 3, 4}, pixels.toArray(ValueLayout.JAVA_BYTE));
    pixels.set(ValueLayout.JAVA_BYTE, 0, (byte) 9);
    assertEquals(9, Image.TYPE.decode(cdr).data()[0]);
  }

  @Test
  void elementsOfOneArrayAreSeenThroughOneView() {
    var corners =
        List.of(new Corner((byte) 1, 0.1, (short) 1), new Corner((byte) 2, 0.2, (short) 2));
    var message = new View((byte) 7, corners, corners);
    View.View_ view = new ViewBinding<>(View.VIEW).bind(cdr(View.TYPE, message));
    Corner.View first = view.corners().get(0);
    assertEquals(0.1, first.x());
    assertEquals(0.2, view.corners().get(1).x());
    assertEquals(0.2, first.x()); // moved
    view.more().get(1).setX(3);
    assertEquals(3, View.TYPE.decode(view).more().get(1).x());
  }

  @Test
  void aViewIsOverWhenItIsUnboundAndSoIsAllThatWasSeenThroughIt() {
    var binding = new ViewBinding<>(JointState.VIEW);
    JointState message = new JointState().withName(List.of("elbow")).withPosition(new double[] {1});
    JointState.View joints = binding.bind(cdr(JointState.TYPE, message));
    Time.View stamp = joints.header().stamp();
    ArrayView.OfDouble position = joints.position();
    binding.unbind();
    for (Runnable access :
        List.<Runnable>of(
            () -> joints.header().frameId(),
            () -> joints.name().length(),
            () -> joints.name().get(0),
            () -> stamp.sec(),
            () -> stamp.setSec(1),
            () -> position.get(0),
            () -> position.set(0, 1),
            () -> position.bytes(),
            () -> JointState.TYPE.decode(joints))) {
      IllegalStateException e = assertThrows(IllegalStateException.class, access::run);
      assertTrue(String.valueOf(e.getMessage()).contains("message is over"), e.getMessage());
    }
    binding.bind(cdr(JointState.TYPE, message));
    assertEquals(1, position.get(0));
  }

  @Test
  void anElementOfAnEarlierMessageIsOver() {
    var corner = new Corner((byte) 1, 0.1, (short) 1);
    var binding = new ViewBinding<>(View.VIEW);
    Corner.View kept =
        binding.bind(cdr(View.TYPE, new View().withMore(List.of(corner, corner)))).more().get(1);
    assertEquals(0.1, kept.x());
    binding.bind(cdr(View.TYPE, new View()));
    assertThrows(IllegalStateException.class, kept::x);
  }

  @Test
  void aViewBelongsToTheThreadThatBoundIt() {
    Twist.View twist = new ViewBinding<>(Twist.VIEW).bind(cdr(Twist.TYPE, new Twist()));
    CompletionException e =
        assertThrows(
            CompletionException.class,
            () -> CompletableFuture.supplyAsync(() -> twist.linear().x()).join());
    assertTrue(e.getCause() instanceof IllegalStateException);
    assertTrue(String.valueOf(e.getMessage()).contains("belongs to thread"), e.getMessage());
  }

  @Test
  void largeArraysMayLieElsewhere() {
    var binding = new ViewBinding<>(Image.VIEW);
    byte[] pixels = new byte[5000];
    pixels[4999] = 7;
    Image image = new Image().withEncoding("mono8").withStep(9).withData(pixels);
    var borrowed = new BorrowedArrays();
    var out = new CdrWriter(borrowed);
    for (Image next : List.of(image, image.withData(new byte[3]), image)) {
      out.reset();
      Image.TYPE.write(next, out);
      assertEquals(next.data().length > 3 ? 5000 : 0, borrowed.bytes());
      assertTrue(out.size() < 100);
      assertEquals(next, Image.TYPE.read(new CdrReader(out.memory(), out.size(), borrowed)));
      Image.View view = binding.bind(out.memory(), out.size(), borrowed, memory -> memory);
      assertEquals(next.data().length, view.data().length());
      assertEquals(next.data()[2], view.data().get(2));
      assertEquals(next.data().length, view.data().bytes().byteSize());
      assertEquals(9, view.step());
      assertEquals(next, Image.TYPE.decode(view));
      binding.unbind();
      assertThrows(IllegalStateException.class, () -> view.data().get(0));
    }
    // Then whole ones again.
    Image.View view = binding.bind(MemorySegment.ofArray(Image.TYPE.encode(image)));
    assertEquals(7, view.data().get(4999));
  }

  @Test
  void slicesEndWithTheMemoryThatTheyAreLentFrom() {
    var binding = new ViewBinding<>(Image.VIEW);
    byte[] cdr = Image.TYPE.encode(new Image().withData(new byte[8]));
    try (var memory = Arena.ofConfined()) {
      MemorySegment bytes = memory.allocate(1000).fill((byte) -1);
      MemorySegment.copy(cdr, 0, bytes, ValueLayout.JAVA_BYTE, 0, cdr.length);
      MemorySegment slice;
      try (var callback = Arena.ofConfined()) {
        Image.View image =
            binding.bind(bytes, cdr.length, null, same -> same.reinterpret(callback, null));
        slice = image.data().bytes();
        assertEquals(8, slice.byteSize());
        binding.unbind();
      }
      assertThrows(IllegalStateException.class, () -> slice.get(ValueLayout.JAVA_BYTE, 0));
      // What lies behind the message is not part of it.
      assertThrows(
          CdrException.class, () -> binding.bind(bytes, cdr.length - 1, null, same -> same));
      assertThrows(CdrException.class, () -> binding.bind(bytes, 1001, null, same -> same));
    }
  }

  @Test
  void bytesThatAreNoSuchMessageAreRefusedAndLeaveTheViewUnbound() {
    var binding = new ViewBinding<>(Twist.VIEW);
    byte[] cdr = Twist.TYPE.encode(new Twist());
    Twist.View twist = binding.bind(MemorySegment.ofArray(cdr));
    CdrException e =
        assertThrows(
            CdrException.class,
            () -> binding.bind(MemorySegment.ofArray(Arrays.copyOf(cdr, cdr.length - 1))));
    assertEquals("the message has 51 bytes, at least 52 are wanted", e.getMessage());
    assertThrows(IllegalStateException.class, () -> twist.linear().x());
    byte[] bigEndian = cdr.clone();
    bigEndian[1] = 0;
    e = assertThrows(CdrException.class, () -> binding.bind(MemorySegment.ofArray(bigEndian)));
    assertEquals(
        "encapsulation 0x0000 is not little-endian plain CDR (0x0001): decode a record instead",
        e.getMessage());
    binding.bind(MemorySegment.ofArray(cdr));
    assertEquals(0, twist.linear().x());
  }

  @Test
  void aLengthIsBelievedOnlyWhereTheBytesAreThere() {
    var binding = new ViewBinding<>(Nothings.VIEW);
    byte[] cdr = Nothings.TYPE.encode(new Nothings());
    byte[] longer = Arrays.copyOf(cdr, 1000);
    longer[4] = (byte) 0xe0; // 992, but only 991 bytes are left for lists
    longer[5] = 3;
    assertThrows(CdrException.class, () -> Nothings.TYPE.decode(longer));
    assertThrows(CdrException.class, () -> binding.bind(MemorySegment.ofArray(longer)));
    longer[7] = 127;
    CdrException e =
        assertThrows(CdrException.class, () -> binding.bind(MemorySegment.ofArray(longer)));
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("the message has 1000 bytes"), e.getMessage());
  }

  /** Any view, any message: what it shows is what the record holds, and it can write it. */
  @Test
  void viewsOfAllTypesReadAndWriteAsTheRecordsDo() {
    var random = new RandomRecords(new Random(3));
    int fixedSize = 0;
    for (GeneratedType<?> type : GeneratedType.all()) {
      check(type, random);
      fixedSize += type.view().fixedSize() ? 1 : 0;
    }
    assertTrue(fixedSize > 50, fixedSize + " types of fixed size");
  }

  private static <T> void check(GeneratedType<T> type, RandomRecords random) {
    var binding = new ViewBinding<>(type.view());
    int size = -1;
    for (int i = 0; i < 5; i++) {
      T message = random.next(type.record());
      byte[] cdr = type.type().encode(message);
      assertFalse(
          type.view().fixedSize() && size >= 0 && size != cdr.length, type + " changes size");
      size = cdr.length;
      byte[] bytes = cdr.clone();
      MessageView<T> view = binding.bind(MemorySegment.ofArray(bytes));
      ViewFields.assertShows(message, view);
      ViewFields.clear(view, message);
      ViewFields.set(message, view);
      assertArrayEquals(cdr, bytes, type.toString());
    }
  }
}
