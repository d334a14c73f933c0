package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.reverie.msgs.BorrowedArrays;
import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.CdrReader;
import dev.reverie.msgs.CdrWriter;
import dev.reverie.msgs.MessageType;
import dev.reverie.rcljava.StructureLayout.Field;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Holds a message in the C structure that rcl wants where it knows no CDR: requests, responses and,
 * since the middleware copies them once less, large messages. Its fields are moved to and from CDR
 * in their order; large arrays of numbers move by themselves. Used under the lock of its owner.
 */
final class Structure implements TakenMessage, AutoCloseable {
  private static final MethodHandle RESIZE =
      Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS, JAVA_LONG));
  private static final MethodHandle ASSIGN = assign("String");
  private static final MethodHandle ASSIGN_WIDE = assign("U16String");

  /** All memory: the structure and what it points to is found by address. */
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  // Where the members of a sequence and of a string stand.
  private static final int DATA = 0;
  private static final int SIZE = 8;

  private final String type;
  private final StructureLayout layout;
  private final MemorySegment structure;
  private final MethodHandle destroy;
  private final BorrowedArrays borrowed = new BorrowedArrays();
  private final CdrWriter writer = new CdrWriter(borrowed);
  private MemorySegment text = MemorySegment.NULL;

  /**
   * Creates a structure with default values.
   *
   * @param type such as {@code std_srvs/srv/SetBool_Request}
   */
  Structure(String type) {
    this.type = type;
    layout = StructureLayout.of(type);
    String symbol = type.replace("/", "__");
    destroy =
        DynamicLinker.function(
            TypeSupport.symbol(type, "rosidl_generator_c", symbol + "__destroy"),
            FunctionDescriptor.ofVoid(ADDRESS));
    MemorySegment create = TypeSupport.symbol(type, "rosidl_generator_c", symbol + "__create");
    try {
      structure =
          (MemorySegment)
              DynamicLinker.function(create, FunctionDescriptor.of(ADDRESS)).invokeExact();
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  private static MethodHandle assign(String kind) {
    return Librcl.function(
        "rosidl_runtime_c__" + kind + "__assignn",
        FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS, ADDRESS, JAVA_LONG));
  }

  MemorySegment pointer() {
    return structure;
  }

  /** Returns what the structure holds now. */
  <T> T get(MessageType<T> message) {
    read();
    return message.read(reader());
  }

  /**
   * Fills the structure.
   *
   * @throws RclException when the installed type differs from the one of the record
   */
  <T> void set(MessageType<T> message, T value) {
    writer.reset();
    message.write(value, writer);
    CdrReader in = reader();
    try {
      fill(layout, structure.address(), in);
    } catch (CdrException | IndexOutOfBoundsException e) {
      throw new RclException(differs(), e);
    }
    if (in.remaining() != 0) {
      throw new RclException(differs());
    }
  }

  private String differs() {
    return "the installed type %s differs from the one that the Java records were generated from"
        .formatted(type);
  }

  // ---- as a taken message ----

  /** Notes what the structure holds now, until it is written to. */
  void read() {
    writer.reset();
    // Safe, here and below: rcl keeps pointers and sizes in the structure consistent, and it was
    // made by the library that its layout is from.
    copy(layout, structure.address());
  }

  @Override
  public MemorySegment buffer() {
    return writer.memory();
  }

  @Override
  public long length() {
    return writer.size();
  }

  @Override
  public BorrowedArrays borrowedArrays() {
    return borrowed;
  }

  // ---- to CDR ----

  private void copy(StructureLayout fields, long at) {
    for (Field field : fields.fields()) {
      long place = at + field.offset();
      switch (field.shape()) {
        case ONE -> copyOne(field, place);
        case ARRAY -> copyAll(field, place, field.count());
        case SEQUENCE -> {
          long count = MEMORY.get(JAVA_LONG, place + SIZE);
          writer.writeInt(Math.toIntExact(count));
          copyAll(field, MEMORY.get(JAVA_LONG, place + DATA), count);
        }
      }
    }
  }

  private void copyAll(Field field, long place, long count) {
    if (field.kind() != StructureLayout.Kind.NUMBER) {
      for (long i = 0; i < count; i++) {
        copyOne(field, place + i * field.bytes());
      }
    } else if (count > 0) {
      MemorySegment elements = MEMORY.asSlice(place, count * field.bytes());
      if (!writer.leaves(elements)) {
        writer.writeElements(elements, field.bytes());
      }
    }
  }

  private void copyOne(Field field, long place) {
    switch (field.kind()) {
      case NUMBER -> copyNumber(field.bytes(), place);
      case TEXT -> copyText(place);
      case WIDE_TEXT -> copyWideText(place);
      case MESSAGE -> {
        if (field.message() != null) {
          copy(field.message(), place);
        }
      }
    }
  }

  private void copyNumber(int bytes, long place) {
    switch (bytes) {
      case 1 -> writer.writeByte(MEMORY.get(JAVA_BYTE, place));
      case 2 -> writer.writeShort(MEMORY.get(JAVA_SHORT, place));
      case 4 -> writer.writeInt(MEMORY.get(JAVA_INT, place));
      default -> writer.writeLong(MEMORY.get(JAVA_LONG, place));
    }
  }

  private void copyText(long place) {
    long bytes = MEMORY.get(JAVA_LONG, place + SIZE);
    writer.writeInt(Math.toIntExact(bytes + 1));
    if (bytes > 0) {
      writer.writeElements(MEMORY.asSlice(MEMORY.get(JAVA_LONG, place + DATA), bytes), 1);
    }
    writer.writeByte((byte) 0);
  }

  private void copyWideText(long place) {
    long units = MEMORY.get(JAVA_LONG, place + SIZE);
    long data = MEMORY.get(JAVA_LONG, place + DATA);
    writer.writeInt(Math.toIntExact(units));
    for (long i = 0; i < units; i++) {
      writer.writeInt(MEMORY.get(JAVA_SHORT, data + 2 * i) & 0xffff);
    }
  }

  // ---- from CDR ----

  private void fill(StructureLayout fields, long at, CdrReader in) {
    for (Field field : fields.fields()) {
      long place = at + field.offset();
      switch (field.shape()) {
        case ONE -> fillOne(field, place, in);
        case ARRAY -> fillAll(field, place, field.count(), in);
        case SEQUENCE -> {
          int count = in.readLength(1);
          resize(field, place, count);
          fillAll(field, MEMORY.get(JAVA_LONG, place + DATA), count, in);
        }
      }
    }
  }

  private void resize(Field field, long place, int count) {
    try {
      if (!(boolean)
          RESIZE.invokeExact(field.resize(), MemorySegment.ofAddress(place), (long) count)) {
        throw new RclException(
            "%s has no room for %d elements: too many, or no memory is left"
                .formatted(type, count));
      }
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  private void fillAll(Field field, long place, long count, CdrReader in) {
    if (field.kind() != StructureLayout.Kind.NUMBER) {
      for (long i = 0; i < count; i++) {
        fillOne(field, place + i * field.bytes(), in);
      }
    } else if (count > 0) {
      in.readElements(MEMORY.asSlice(place, count * field.bytes()), field.bytes());
    }
  }

  private void fillOne(Field field, long place, CdrReader in) {
    switch (field.kind()) {
      case NUMBER -> fillNumber(field.bytes(), place, in);
      case TEXT -> fillText(place, in);
      case WIDE_TEXT -> fillWideText(place, in);
      case MESSAGE -> {
        if (field.message() != null) {
          fill(field.message(), place, in);
        }
      }
    }
  }

  private static void fillNumber(int bytes, long place, CdrReader in) {
    switch (bytes) {
      case 1 -> MEMORY.set(JAVA_BYTE, place, in.readByte());
      case 2 -> MEMORY.set(JAVA_SHORT, place, in.readShort());
      case 4 -> MEMORY.set(JAVA_INT, place, in.readInt());
      default -> MEMORY.set(JAVA_LONG, place, in.readLong());
    }
  }

  private void fillText(long place, CdrReader in) {
    int bytes = in.readLength(1);
    in.readElements(text(bytes).asSlice(0, bytes), 1);
    assign(ASSIGN, place, Math.max(0, bytes - 1));
  }

  private void fillWideText(long place, CdrReader in) {
    int units = in.readLength(4);
    MemorySegment to = text(2L * units);
    for (int i = 0; i < units; i++) {
      to.set(JAVA_SHORT, 2L * i, (short) in.readInt());
    }
    assign(ASSIGN_WIDE, place, units);
  }

  /** Returns memory for a string on its way. */
  private MemorySegment text(long bytes) {
    if (text.byteSize() < bytes || text.address() == 0) {
      text = Arena.ofAuto().allocate(Math.max(64, 2 * bytes), 8);
    }
    return text;
  }

  private void assign(MethodHandle function, long place, long units) {
    try {
      if (!(boolean) function.invokeExact(MemorySegment.ofAddress(place), text, units)) {
        throw new RclException("no memory is left for a string of " + type);
      }
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  @Override
  public void close() {
    try {
      destroy.invokeExact(structure);
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }
}
