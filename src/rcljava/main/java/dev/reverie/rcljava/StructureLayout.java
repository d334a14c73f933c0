package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells the places of the fields of a type in its C structure, as {@code
 * rosidl_typesupport_introspection_c} of the installed package tells. Integers, floating-point
 * numbers, booleans and bytes are all elements of so many bytes here: they are moved and not looked
 * at.
 */
final class StructureLayout {
  enum Kind {
    NUMBER,
    TEXT,
    WIDE_TEXT,
    MESSAGE
  }

  enum Shape {
    ONE,
    ARRAY,
    SEQUENCE
  }

  /**
   * Describes a field.
   *
   * @param bytes of one element
   * @param offset in the structure
   * @param count of elements of an array
   * @param message layout of an element that is a message
   * @param resize {@code bool (*)(void * sequence, size_t)}, which forgets the elements
   */
  record Field(
      Kind kind,
      Shape shape,
      int bytes,
      long offset,
      long count,
      @Nullable StructureLayout message,
      MemorySegment resize) {}

  // rosidl_typesupport_introspection_c__MessageMembers and __MessageMember. Since jazzy both have
  // a flag about keys, which moves the members in the first; in the second it fills padding.
  private static final long COUNT = 16;
  private static final long SIZE = 24;
  private static final long KEY_OR_MEMBERS = 32;
  private static final long MEMBERS_BEHIND_KEY = 40;
  private static final long MEMBER_BYTES = 112;
  private static final long TYPE = 8;
  private static final long MESSAGE = 24;
  private static final long ARRAY_SIZE = 40;
  private static final long OFFSET = 52;
  private static final long SIZE_FUNCTION = 64;
  private static final long RESIZE_FUNCTION = 104;
  private static final long SUPPORT_DATA = 8; // in rosidl_message_type_support_t

  /**
   * The bytes by rosidl_typesupport_introspection_c_field_types; 0: not of a fixed size, or
   * unknown.
   */
  private static final int[] NUMBER_BYTES = {0, 4, 8, 0, 1, 0, 1, 1, 1, 1, 2, 2, 4, 4, 8, 8};

  private static final int TEXT = 16;
  private static final int WIDE_TEXT = 17;
  private static final int SUB_MESSAGE = 18;

  /** The bytes of {@code rosidl_runtime_c__String}, and of every sequence. */
  private static final int TEXT_BYTES = 24;

  private static final ConcurrentMap<String, StructureLayout> KNOWN = new ConcurrentHashMap<>();

  private final Field[] fields;
  private final int bytes;

  private StructureLayout(Field[] fields, int bytes) {
    this.fields = fields;
    this.bytes = bytes;
  }

  /**
   * Returns the layout of a type.
   *
   * @param type such as {@code std_srvs/srv/SetBool_Request}
   * @throws RclException when the package is not installed, or without introspection
   */
  static StructureLayout of(String type) {
    return KNOWN.computeIfAbsent(type, StructureLayout::ask);
  }

  private static StructureLayout ask(String type) {
    String getter =
        "rosidl_typesupport_introspection_c__get_message_type_support_handle__"
            + type.replace("/", "__");
    MemorySegment function = TypeSupport.symbol(type, "rosidl_typesupport_introspection_c", getter);
    try {
      return read(
          (MemorySegment)
              DynamicLinker.function(function, FunctionDescriptor.of(ADDRESS)).invokeExact(),
          type);
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  private static StructureLayout read(MemorySegment support, String type) {
    // Safe: static data of the package's library, laid out as its header says.
    MemorySegment members = pointer(DynamicLinker.at(support, SUPPORT_DATA + 8), SUPPORT_DATA, 48);
    boolean hasKeyFlag = members.get(JAVA_LONG, KEY_OR_MEMBERS) <= 1;
    int count = members.get(JAVA_INT, COUNT);
    MemorySegment all =
        pointer(members, hasKeyFlag ? MEMBERS_BEHIND_KEY : KEY_OR_MEMBERS, count * MEMBER_BYTES);
    var fields = new Field[count];
    for (int i = 0; i < count; i++) {
      fields[i] = field(all.asSlice(i * MEMBER_BYTES, MEMBER_BYTES), type);
    }
    return new StructureLayout(fields, Math.toIntExact(members.get(JAVA_LONG, SIZE)));
  }

  private static Field field(MemorySegment member, String type) {
    int id = member.get(JAVA_BYTE, TYPE);
    MemorySegment resize = member.get(ADDRESS, RESIZE_FUNCTION);
    Shape shape =
        member.get(JAVA_LONG, SIZE_FUNCTION) == 0
            ? Shape.ONE
            : resize.address() == 0 ? Shape.ARRAY : Shape.SEQUENCE;
    StructureLayout message = id == SUB_MESSAGE ? read(member.get(ADDRESS, MESSAGE), type) : null;
    return new Field(
        switch (id) {
          case TEXT -> Kind.TEXT;
          case WIDE_TEXT -> Kind.WIDE_TEXT;
          case SUB_MESSAGE -> Kind.MESSAGE;
          default -> Kind.NUMBER;
        },
        shape,
        message == null ? bytes(id, type) : message.bytes,
        Integer.toUnsignedLong(member.get(JAVA_INT, OFFSET)),
        member.get(JAVA_LONG, ARRAY_SIZE),
        message,
        resize);
  }

  private static int bytes(int id, String type) {
    int bytes = id == TEXT || id == WIDE_TEXT ? TEXT_BYTES : NUMBER_BYTES[id];
    if (bytes == 0) {
      throw new RclException(
          "type %s has a field of a kind (%d) that has no place in Java".formatted(type, id));
    }
    return bytes;
  }

  private static MemorySegment pointer(MemorySegment in, long offset, long bytes) {
    return DynamicLinker.at(in.get(ADDRESS, offset), bytes);
  }

  Field[] fields() {
    return fields;
  }
}
