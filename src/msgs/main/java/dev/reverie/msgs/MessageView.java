package dev.reverie.msgs;

import static dev.reverie.msgs.CdrLayout.DOUBLE;
import static dev.reverie.msgs.CdrLayout.FLOAT;
import static dev.reverie.msgs.CdrLayout.INT;
import static dev.reverie.msgs.CdrLayout.LONG;
import static dev.reverie.msgs.CdrLayout.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * Shows a message where it lies as CDR: its fields are read, and those of a fixed size changed, in
 * place, without a record and without allocating (strings are made when they are asked for). Each
 * generated record has one as its class {@code View}.
 *
 * <p>A view is used again for message after message. It belongs to the thread that it was bound by
 * (see {@link ViewBinding}) and is valid until it is unbound: until the callback returns, or the
 * message is published. Then each access is an {@link IllegalStateException}. To keep a message,
 * make a record of it: {@link MessageType#decode(MessageView)}.
 *
 * @param <T> the record
 */
public abstract class MessageView<T> {
  private final ViewBytes cdr;
  private long begin;
  private long indexed = -1;

  /** Creates a view of whole messages. */
  protected MessageView() {
    cdr = new ViewBytes();
  }

  /** Creates a view of a message inside of another one. */
  protected MessageView(MessageView<?> outer) {
    cdr = outer.cdr;
  }

  /** Notes the places of the fields, in their order. */
  protected abstract void index(ViewBytes in);

  // Without parameters, methods here must not be visible to generated ones: those are named by
  // fields.

  final ViewBytes cdr() {
    return cdr;
  }

  /** Indexes a message that begins where the last field ended. */
  final void indexHere() {
    begin = cdr.position();
    indexed = cdr.message();
    index(cdr);
  }

  /** Indexes a message that begins elsewhere in the same one. */
  final void indexAt(long position) {
    cdr.position(position);
    indexHere();
  }

  /** Returns a reader of its bytes, from its first field on. */
  final CdrReader reader() {
    return cdr.reader(indexed, begin);
  }

  private MemorySegment bytes() {
    return cdr.of(indexed);
  }

  /** Returns the boolean at a place. */
  protected final boolean getBoolean(long at) {
    return bytes().get(JAVA_BYTE, at) != 0;
  }

  /** Returns the byte at a place. */
  protected final byte getByte(long at) {
    return bytes().get(JAVA_BYTE, at);
  }

  /** Returns the short at a place. */
  protected final short getShort(long at) {
    return bytes().get(SHORT, at);
  }

  /** Returns the int at a place. */
  protected final int getInt(long at) {
    return bytes().get(INT, at);
  }

  /** Returns the long at a place. */
  protected final long getLong(long at) {
    return bytes().get(LONG, at);
  }

  /** Returns the float at a place. */
  protected final float getFloat(long at) {
    return bytes().get(FLOAT, at);
  }

  /** Returns the double at a place. */
  protected final double getDouble(long at) {
    return bytes().get(DOUBLE, at);
  }

  /** Returns the string at a place. */
  protected final String getString(long at) {
    return ViewBytes.string(bytes(), at);
  }

  /** Returns the wide string at a place. */
  protected final String getWideString(long at) {
    return ViewBytes.wideString(bytes(), at);
  }

  /** Changes the boolean at a place. */
  protected final void setBoolean(long at, boolean value) {
    bytes().set(JAVA_BYTE, at, (byte) (value ? 1 : 0));
  }

  /** Changes the byte at a place. */
  protected final void setByte(long at, byte value) {
    bytes().set(JAVA_BYTE, at, value);
  }

  /** Changes the short at a place. */
  protected final void setShort(long at, short value) {
    bytes().set(SHORT, at, value);
  }

  /** Changes the int at a place. */
  protected final void setInt(long at, int value) {
    bytes().set(INT, at, value);
  }

  /** Changes the long at a place. */
  protected final void setLong(long at, long value) {
    bytes().set(LONG, at, value);
  }

  /** Changes the float at a place. */
  protected final void setFloat(long at, float value) {
    bytes().set(FLOAT, at, value);
  }

  /** Changes the double at a place. */
  protected final void setDouble(long at, double value) {
    bytes().set(DOUBLE, at, value);
  }
}
