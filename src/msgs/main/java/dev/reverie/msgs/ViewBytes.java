package dev.reverie.msgs;

import static dev.reverie.msgs.CdrLayout.HEADER;
import static dev.reverie.msgs.CdrLayout.INT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Holds the message under a view and all views inside of it. Its public methods are for generated
 * views: each steps over one field, checks it, and returns its place, so that one pass notes all
 * places and later access needs no check of the message any more.
 *
 * <p>Who may look is checked at each access by two comparisons. Only the thread that bound the view
 * may, until it is unbound: other threads, which no order of memory ties to that end, never see
 * themselves as the owner, so no lock is needed. And offsets of an earlier message are told by its
 * number.
 */
public final class ViewBytes {
  private static final int LITTLE_ENDIAN_PLAIN_CDR = 1;

  private MemorySegment bytes = MemorySegment.NULL;
  private @Nullable UnaryOperator<MemorySegment> slices;
  private @Nullable BorrowedArrays borrowed;
  private long size;
  private long position;
  private long message;
  private @Nullable Thread owner;

  ViewBytes() {}

  /**
   * Takes other bytes, which nobody may look at yet.
   *
   * @param arrays that lie elsewhere
   * @param lender of memory for slices; none: {@code memory} itself
   */
  void take(
      MemorySegment memory,
      long length,
      @Nullable BorrowedArrays arrays,
      @Nullable UnaryOperator<MemorySegment> lender) {
    owner = null;
    if (length < HEADER || length > memory.byteSize()) {
      throw new CdrException(
          "%d bytes are no message in %d bytes".formatted(length, memory.byteSize()));
    }
    int kind = memory.get(JAVA_BYTE, 0) << 8 | (memory.get(JAVA_BYTE, 1) & 0xff);
    if (kind != LITTLE_ENDIAN_PLAIN_CDR) {
      throw new CdrException(
          "encapsulation 0x%04x is not little-endian plain CDR (0x0001)%s"
              .formatted(kind & 0xffff, kind == 0 ? ": decode a record instead" : ""));
    }
    bytes = memory;
    slices = lender;
    borrowed = arrays;
    size = length;
  }

  /** Begins a message whose fields have other places than those of the last one. */
  void beginMessage() {
    message++;
    position = HEADER;
  }

  /** Lets the calling thread look, and nobody else. */
  void open() {
    owner = Thread.currentThread();
  }

  /** Lets nobody look. */
  void close() {
    owner = null;
  }

  /** Returns the number of the message, which what is indexed now belongs to. */
  long message() {
    return message;
  }

  /** Returns the place of the next field, padding before it. */
  long position() {
    return position;
  }

  void position(long to) {
    position = to;
  }

  /**
   * Returns the memory of the message.
   *
   * @param indexed the message that the caller's offsets belong to
   * @throws IllegalStateException when that is over, or is another thread's
   */
  MemorySegment of(long indexed) {
    if (owner != Thread.currentThread() || indexed != message) {
      throw ended();
    }
    return bytes;
  }

  /**
   * Returns memory of the message that may be kept by the caller's caller: it ends with the view.
   */
  MemorySegment lend(MemorySegment memory) {
    return slices == null ? memory : slices.apply(memory);
  }

  private IllegalStateException ended() {
    Thread by = owner;
    return new IllegalStateException(
        by != null && by != Thread.currentThread()
            ? "this view belongs to thread " + by.getName()
            : "this view's message is over: a view is valid until its callback returns or it is"
                + " published");
  }

  /** Returns a reader of the message, from one of its fields on. */
  CdrReader reader(long indexed, long from) {
    return new CdrReader(of(indexed), size, borrowed, from);
  }

  /** Steps over padding and {@code length} bytes, and returns the place of those bytes. */
  public long skip(int alignment, long length) {
    long at = CdrLayout.align(position, alignment);
    require(at + length);
    position = at + length;
    return at;
  }

  /** Steps over an array that lies elsewhere, and returns it, if that is what comes next. */
  @Nullable MemorySegment borrowedArray() {
    if (borrowed == null) {
      return null;
    }
    MemorySegment apart = borrowed.at(position);
    if (apart != null) {
      position++;
    }
    return apart;
  }

  /**
   * Checks that so many bytes of elements follow.
   *
   * @throws CdrException when the message, with what lies elsewhere, has no room for them
   */
  void requireElements(long bytesOfAll) {
    require(position + bytesOfAll - (borrowed == null ? 0 : borrowed.bytes()));
  }

  /**
   * Checks that the message has so many bytes.
   *
   * @throws CdrException when the message ends before
   */
  void require(long end) {
    if (end > size) {
      throw new CdrException(
          "the message has %d bytes, at least %d are wanted".formatted(size, end));
    }
  }

  /**
   * Steps over a string.
   *
   * @param bound the most characters, or -1
   */
  public long text(String field, int bound) {
    long at = skip(4, 4);
    long length = Integer.toUnsignedLong(bytes.get(INT, at));
    long end = skip(1, length) + length;
    if (length > 0 && bytes.get(JAVA_BYTE, end - 1) != 0) {
      throw new CdrException("a string at byte %d does not end with zero".formatted(at + 4));
    }
    if (bound >= 0 && length - 1 > bound) {
      Bounds.text(field, string(bytes, at), bound);
    }
    return at;
  }

  /** Steps over a wide string, of UTF-16 units. */
  public long wideText(String field, int bound) {
    long at = skip(4, 4);
    long length = Integer.toUnsignedLong(bytes.get(INT, at));
    long first = skip(4, 4 * length);
    for (long unit = first; unit < first + 4 * length; unit += 4) {
      if (bytes.get(INT, unit) >>> 16 != 0) {
        throw new CdrException(
            "0x%08x at byte %d is not a UTF-16 unit".formatted(bytes.get(INT, unit), unit));
      }
    }
    if (bound >= 0 && length > bound) {
      Bounds.text(field, wideString(bytes, at), bound);
    }
    return at;
  }

  /** Steps over an array or sequence. */
  public void array(ArrayView array) {
    array.index(this);
  }

  /** Steps over a message. */
  public void message(MessageView<?> view) {
    view.indexHere();
  }

  /** Steps over the field of a message that has none. */
  public void nothing() {
    skip(1, 1);
  }

  /** Steps over the length of a sequence, and returns it. */
  int length() {
    int length = bytes.get(INT, skip(4, 4));
    if (length < 0) {
      throw new CdrException(
          "%d elements at byte %d".formatted(Integer.toUnsignedLong(length), position));
    }
    return length;
  }

  static String string(MemorySegment bytes, long at) {
    int length = bytes.get(INT, at);
    if (length == 0) {
      return "";
    }
    byte[] text = new byte[length - 1];
    MemorySegment.copy(bytes, JAVA_BYTE, at + 4, text, 0, text.length);
    return new String(text, StandardCharsets.UTF_8);
  }

  static String wideString(MemorySegment bytes, long at) {
    char[] text = new char[bytes.get(INT, at)];
    for (int i = 0; i < text.length; i++) {
      text[i] = (char) bytes.get(INT, at + 4 + 4L * i);
    }
    return new String(text);
  }
}
