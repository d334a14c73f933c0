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
 * Shows an array or sequence of a {@link MessageView}. Its elements can be changed, not its length.
 * An index outside of it is an {@link IndexOutOfBoundsException}.
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

  private ArrayView(MessageView<?> outer, String field, boolean fixed, int limit, int leastBytes) {
    this.cdr = outer.cdr();
    this.field = field;
    this.fixed = fixed;
    this.limit = limit;
    this.leastBytes = leastBytes;
  }

  /** Returns the number of elements. */
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

  /** Steps over the elements, and returns the place of the first one. */
  abstract long elements(ViewBytes in, int count);

  final ViewBytes cdr() {
    return cdr;
  }

  /** Returns the memory that the offsets of the elements count in. */
  MemorySegment memory() {
    return cdr.of(indexed);
  }

  /** Returns the place of the first element of numbers. */
  final long first() {
    return begin;
  }

  /** Returns the place of an element of numbers. */
  final long at(int i, int bytesEach) {
    return begin + (long) Objects.checkIndex(i, length) * bytesEach;
  }

  /** Shows numbers, bytes or booleans. */
  public abstract static sealed class OfPrimitive extends ArrayView {
    private final int bytesEach;
    private @Nullable MemorySegment borrowed;

    private OfPrimitive(
        MessageView<?> outer, String field, boolean fixed, int limit, int bytesEach) {
      super(outer, field, fixed, limit, bytesEach);
      this.bytesEach = bytesEach;
    }

    @Override
    final long elements(ViewBytes in, int count) {
      borrowed = in.borrowedArray();
      return borrowed != null ? 0 : in.skip(count == 0 ? 1 : bytesEach, (long) count * bytesEach);
    }

    @Override
    final MemorySegment memory() {
      MemorySegment cdr = super.memory();
      return borrowed == null ? cdr : borrowed;
    }

    /**
     * Returns the elements where they lie, little-endian, in general not aligned in memory. Valid
     * as long as the view: using it later is an {@link IllegalStateException}. Unlike all else here
     * it allocates, some hundred bytes whatever its size.
     */
    public final MemorySegment bytes() {
      return cdr().lend(memory()).asSlice(super.begin, (long) super.length * bytesEach);
    }

    /**
     * Checks the length of an array.
     *
     * @throws IllegalArgumentException when an array is not as long as this one
     */
    final void sameLength(int other) {
      if (other != length()) {
        throw new IllegalArgumentException(
            "%s has %d elements, not %d".formatted(super.field, super.length, other));
      }
    }
  }

  /** Shows booleans. */
  public static final class OfBoolean extends OfPrimitive {
    /** Creates an array of a generated view. */
    public OfBoolean(MessageView<?> outer, String field, boolean fixed, int limit) {
      super(outer, field, fixed, limit, 1);
    }

    /** Returns an element. */
    public boolean get(int i) {
      return memory().get(JAVA_BYTE, at(i, 1)) != 0;
    }

    /** Changes an element. */
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

  /** Shows bytes. */
  public static final class OfByte extends OfPrimitive {
    /** Creates an array of a generated view. */
    public OfByte(MessageView<?> outer, String field, boolean fixed, int limit) {
      super(outer, field, fixed, limit, 1);
    }

    /** Returns an element. */
    public byte get(int i) {
      return memory().get(JAVA_BYTE, at(i, 1));
    }

    /** Changes an element. */
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

  /** Shows shorts. */
  public static final class OfShort extends OfPrimitive {
    /** Creates an array of a generated view. */
    public OfShort(MessageView<?> outer, String field, boolean fixed, int limit) {
      super(outer, field, fixed, limit, 2);
    }

    /** Returns an element. */
    public short get(int i) {
      return memory().get(SHORT, at(i, 2));
    }

    /** Changes an element. */
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

  /** Shows ints. */
  public static final class OfInt extends OfPrimitive {
    /** Creates an array of a generated view. */
    public OfInt(MessageView<?> outer, String field, boolean fixed, int limit) {
      super(outer, field, fixed, limit, 4);
    }

    /** Returns an element. */
    public int get(int i) {
      return memory().get(INT, at(i, 4));
    }

    /** Changes an element. */
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

  /** Shows longs. */
  public static final class OfLong extends OfPrimitive {
    /** Creates an array of a generated view. */
    public OfLong(MessageView<?> outer, String field, boolean fixed, int limit) {
      super(outer, field, fixed, limit, 8);
    }

    /** Returns an element. */
    public long get(int i) {
      return memory().get(LONG, at(i, 8));
    }

    /** Changes an element. */
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

  /** Shows floats. */
  public static final class OfFloat extends OfPrimitive {
    /** Creates an array of a generated view. */
    public OfFloat(MessageView<?> outer, String field, boolean fixed, int limit) {
      super(outer, field, fixed, limit, 4);
    }

    /** Returns an element. */
    public float get(int i) {
      return memory().get(FLOAT, at(i, 4));
    }

    /** Changes an element. */
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

  /** Shows doubles. */
  public static final class OfDouble extends OfPrimitive {
    /** Creates an array of a generated view. */
    public OfDouble(MessageView<?> outer, String field, boolean fixed, int limit) {
      super(outer, field, fixed, limit, 8);
    }

    /** Returns an element. */
    public double get(int i) {
      return memory().get(DOUBLE, at(i, 8));
    }

    /** Changes an element. */
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

  /** Shows elements that differ in size, so that the place of each is noted. */
  private abstract static sealed class OfVariable extends ArrayView {
    private long[] begins = {};

    private OfVariable(
        MessageView<?> outer, String field, boolean fixed, int limit, int leastBytes) {
      super(outer, field, fixed, limit, leastBytes);
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

    /** Steps over one element, and returns its place. */
    abstract long element(ViewBytes in);

    final long begin(int i) {
      return begins[Objects.checkIndex(i, length())];
    }
  }

  /** Shows strings. */
  public static final class OfString extends OfVariable {
    private final String field;
    private final boolean wide;
    private final int bound;

    /** Creates an array of a generated view; {@code bound} is the most characters, or -1. */
    public OfString(
        MessageView<?> outer, String field, boolean fixed, int limit, boolean wide, int bound) {
      super(outer, field, fixed, limit, 4);
      this.field = field;
      this.wide = wide;
      this.bound = bound;
    }

    @Override
    long element(ViewBytes in) {
      return wide ? in.wideText(field, bound) : in.text(field, bound);
    }

    /** Returns an element, made anew. */
    public String get(int i) {
      long at = begin(i);
      return wide ? ViewBytes.wideString(memory(), at) : ViewBytes.string(memory(), at);
    }
  }

  /**
   * Shows messages.
   *
   * @param <V> view of an element
   */
  public static final class OfMessage<V extends MessageView<?>> extends OfVariable {
    private final V element;

    /** Creates an array of a generated view. */
    public OfMessage(
        MessageView<?> outer, String field, boolean fixed, int limit, int leastBytes, V element) {
      super(outer, field, fixed, limit, leastBytes);
      this.element = element;
    }

    @Override
    long element(ViewBytes in) {
      long at = in.position();
      element.indexAt(at);
      return at;
    }

    /** Returns the one view of this array, moved to an element. */
    public V get(int i) {
      element.indexAt(begin(i));
      return element;
    }
  }
}
