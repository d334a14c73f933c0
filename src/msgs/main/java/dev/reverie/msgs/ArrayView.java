package dev.reverie.msgs;

import static dev.reverie.msgs.CdrLayout.DOUBLE;
import static dev.reverie.msgs.CdrLayout.FLOAT;
import static dev.reverie.msgs.CdrLayout.INT;
import static dev.reverie.msgs.CdrLayout.LONG;
import static dev.reverie.msgs.CdrLayout.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An array or sequence of a {@link MessageView}. Its elements can be changed, not its length. An
 * index outside of it is an {@link IndexOutOfBoundsException}.
 */
public abstract sealed class ArrayView {

  private final ViewBytes cdr;
  private final String field;
  private final boolean fixed;
  private final int limit;
  private final int leastBytes;
  private long indexed = -1;
  private long begin;
  private int length;

  private ArrayView(MessageView<?> in, String field, boolean fixed, int limit, int leastBytes) {
    this.cdr = in.cdr();
    this.field = field;
    this.fixed = fixed;
    this.limit = limit;
    this.leastBytes = leastBytes;
  }

  /** How many elements there are. */
  public final int length() {
    cdr.of(indexed);
    return length;
  }

  final void index(ViewBytes in) {
    indexed = in.message();
    length = fixed ? limit : in.length();
    in.requireElements((long) length * leastBytes);
    if (!fixed && limit >= 0) {
      Bounds.atMost(field, length, limit);
    }
    begin = elements(in, length);
  }

  /** Steps over the elements; returns where the first one begins. */
  abstract long elements(ViewBytes in, int count);

  final ViewBytes cdr() {
    return cdr;
  }

  /** What the offsets of the elements count in. */
  MemorySegment memory() {
    return cdr.of(indexed);
  }

  /** Where the first element of numbers begins. */
  final long first() {
    return begin;
  }

  /** Where an element of numbers begins. */
  final long at(int i, int bytesEach) {
    return begin + (long) Objects.checkIndex(i, length) * bytesEach;
  }

  /** Of numbers, bytes or booleans. */
  public abstract static sealed class OfPrimitive extends ArrayView {

    private final int bytesEach;
    private @Nullable MemorySegment far;

    private OfPrimitive(MessageView<?> in, String field, boolean fixed, int limit, int bytesEach) {
      super(in, field, fixed, limit, bytesEach);
      this.bytesEach = bytesEach;
    }

    @Override
    final long elements(ViewBytes in, int count) {
      far = in.farArray();
      return far != null ? 0 : in.skip(count == 0 ? 1 : bytesEach, (long) count * bytesEach);
    }

    @Override
    final MemorySegment memory() {
      MemorySegment cdr = super.memory();
      return far == null ? cdr : far;
    }

    /**
     * The elements where they lie, little-endian, in general not aligned in memory. Valid as long
     * as the view: using it later is an {@link IllegalStateException}. Unlike all else here it
     * allocates, some hundred bytes whatever its size.
     */
    public final MemorySegment bytes() {
      return cdr().lend(memory()).asSlice(super.begin, (long) super.length * bytesEach);
    }

    /**
     * @throws IllegalArgumentException when an array is not as long as this one
     */
    final void sameLength(int other) {
      if (other != length()) {
        throw new IllegalArgumentException(
            "%s has %d elements, not %d".formatted(super.field, super.length, other));
      }
    }
  }

  /** Of booleans. */
  public static final class OfBoolean extends OfPrimitive {

    /** For generated views. */
    public OfBoolean(MessageView<?> in, String field, boolean fixed, int limit) {
      super(in, field, fixed, limit, 1);
    }

    public boolean get(int i) {
      return memory().get(JAVA_BYTE, at(i, 1)) != 0;
    }

    public void set(int i, boolean value) {
      memory().set(JAVA_BYTE, at(i, 1), (byte) (value ? 1 : 0));
    }

    /** Copies all elements to an array of this length. */
    public void copyTo(boolean[] to) {
      sameLength(to.length);
      for (int i = 0; i < to.length; i++) {
        to[i] = get(i);
      }
    }

    /** Copies all elements from an array of this length. */
    public void set(boolean[] values) {
      sameLength(values.length);
      for (int i = 0; i < values.length; i++) {
        set(i, values[i]);
      }
    }
  }

  /** Of bytes. */
  public static final class OfByte extends OfPrimitive {

    /** For generated views. */
    public OfByte(MessageView<?> in, String field, boolean fixed, int limit) {
      super(in, field, fixed, limit, 1);
    }

    public byte get(int i) {
      return memory().get(JAVA_BYTE, at(i, 1));
    }

    public void set(int i, byte value) {
      memory().set(JAVA_BYTE, at(i, 1), value);
    }

    /** Copies all elements to an array of this length. */
    public void copyTo(byte[] to) {
      sameLength(to.length);
      MemorySegment.copy(memory(), JAVA_BYTE, first(), to, 0, to.length);
    }

    /** Copies all elements from an array of this length. */
    public void set(byte[] values) {
      sameLength(values.length);
      MemorySegment.copy(values, 0, memory(), JAVA_BYTE, first(), values.length);
    }
  }

  /** Of shorts. */
  public static final class OfShort extends OfPrimitive {

    /** For generated views. */
    public OfShort(MessageView<?> in, String field, boolean fixed, int limit) {
      super(in, field, fixed, limit, 2);
    }

    public short get(int i) {
      return memory().get(SHORT, at(i, 2));
    }

    public void set(int i, short value) {
      memory().set(SHORT, at(i, 2), value);
    }

    /** Copies all elements to an array of this length. */
    public void copyTo(short[] to) {
      sameLength(to.length);
      MemorySegment.copy(memory(), SHORT, first(), to, 0, to.length);
    }

    /** Copies all elements from an array of this length. */
    public void set(short[] values) {
      sameLength(values.length);
      MemorySegment.copy(values, 0, memory(), SHORT, first(), values.length);
    }
  }

  /** Of ints. */
  public static final class OfInt extends OfPrimitive {

    /** For generated views. */
    public OfInt(MessageView<?> in, String field, boolean fixed, int limit) {
      super(in, field, fixed, limit, 4);
    }

    public int get(int i) {
      return memory().get(INT, at(i, 4));
    }

    public void set(int i, int value) {
      memory().set(INT, at(i, 4), value);
    }

    /** Copies all elements to an array of this length. */
    public void copyTo(int[] to) {
      sameLength(to.length);
      MemorySegment.copy(memory(), INT, first(), to, 0, to.length);
    }

    /** Copies all elements from an array of this length. */
    public void set(int[] values) {
      sameLength(values.length);
      MemorySegment.copy(values, 0, memory(), INT, first(), values.length);
    }
  }

  /** Of longs. */
  public static final class OfLong extends OfPrimitive {

    /** For generated views. */
    public OfLong(MessageView<?> in, String field, boolean fixed, int limit) {
      super(in, field, fixed, limit, 8);
    }

    public long get(int i) {
      return memory().get(LONG, at(i, 8));
    }

    public void set(int i, long value) {
      memory().set(LONG, at(i, 8), value);
    }

    /** Copies all elements to an array of this length. */
    public void copyTo(long[] to) {
      sameLength(to.length);
      MemorySegment.copy(memory(), LONG, first(), to, 0, to.length);
    }

    /** Copies all elements from an array of this length. */
    public void set(long[] values) {
      sameLength(values.length);
      MemorySegment.copy(values, 0, memory(), LONG, first(), values.length);
    }
  }

  /** Of floats. */
  public static final class OfFloat extends OfPrimitive {

    /** For generated views. */
    public OfFloat(MessageView<?> in, String field, boolean fixed, int limit) {
      super(in, field, fixed, limit, 4);
    }

    public float get(int i) {
      return memory().get(FLOAT, at(i, 4));
    }

    public void set(int i, float value) {
      memory().set(FLOAT, at(i, 4), value);
    }

    /** Copies all elements to an array of this length. */
    public void copyTo(float[] to) {
      sameLength(to.length);
      MemorySegment.copy(memory(), FLOAT, first(), to, 0, to.length);
    }

    /** Copies all elements from an array of this length. */
    public void set(float[] values) {
      sameLength(values.length);
      MemorySegment.copy(values, 0, memory(), FLOAT, first(), values.length);
    }
  }

  /** Of doubles. */
  public static final class OfDouble extends OfPrimitive {

    /** For generated views. */
    public OfDouble(MessageView<?> in, String field, boolean fixed, int limit) {
      super(in, field, fixed, limit, 8);
    }

    public double get(int i) {
      return memory().get(DOUBLE, at(i, 8));
    }

    public void set(int i, double value) {
      memory().set(DOUBLE, at(i, 8), value);
    }

    /** Copies all elements to an array of this length. */
    public void copyTo(double[] to) {
      sameLength(to.length);
      MemorySegment.copy(memory(), DOUBLE, first(), to, 0, to.length);
    }

    /** Copies all elements from an array of this length. */
    public void set(double[] values) {
      sameLength(values.length);
      MemorySegment.copy(values, 0, memory(), DOUBLE, first(), values.length);
    }
  }

  /** Of elements that differ in size, so that where each begins is noted. */
  private abstract static sealed class OfVariable extends ArrayView {

    private long[] begins = {};

    private OfVariable(MessageView<?> in, String field, boolean fixed, int limit, int leastBytes) {
      super(in, field, fixed, limit, leastBytes);
    }

    @Override
    final long elements(ViewBytes in, int count) {
      if (begins.length < count) {
        begins = new long[Math.max(count, 2 * begins.length)];
      }
      for (int i = 0; i < count; i++) {
        begins[i] = element(in);
      }
      return 0;
    }

    /** Steps over one element; returns where it begins. */
    abstract long element(ViewBytes in);

    final long begin(int i) {
      return begins[Objects.checkIndex(i, length())];
    }
  }

  /** Of strings. */
  public static final class OfString extends OfVariable {

    private final String field;
    private final boolean wide;
    private final int bound;

    /** For generated views; {@code bound} is the most characters, or -1. */
    public OfString(
        MessageView<?> in, String field, boolean fixed, int limit, boolean wide, int bound) {
      super(in, field, fixed, limit, 4);
      this.field = field;
      this.wide = wide;
      this.bound = bound;
    }

    @Override
    long element(ViewBytes in) {
      return wide ? in.wideText(field, bound) : in.text(field, bound);
    }

    public String get(int i) {
      long at = begin(i);
      return wide ? ViewBytes.wideString(memory(), at) : ViewBytes.string(memory(), at);
    }
  }

  /**
   * Of messages.
   *
   * @param <V> view of an element
   */
  public static final class OfMessage<V extends MessageView<?>> extends OfVariable {

    private final V element;

    /** For generated views. */
    public OfMessage(
        MessageView<?> in, String field, boolean fixed, int limit, int leastBytes, V element) {
      super(in, field, fixed, limit, leastBytes);
      this.element = element;
    }

    @Override
    long element(ViewBytes in) {
      long at = in.position();
      element.indexAt(at);
      return at;
    }

    /** The one view of this array, moved to an element. */
    public V get(int i) {
      element.indexAt(begin(i));
      return element;
    }
  }
}
