package dev.reverie.msgs;

import java.lang.foreign.MemorySegment;

/**
 * Reads and writes a record as a ROS 2 message; each generated record has one as its constant
 * {@code TYPE}.
 *
 * @param <T> the record
 */
public interface MessageType<T> {
  /** Returns the full name, such as {@code sensor_msgs/msg/Image}. */
  String name();

  /**
   * Returns the text of the {@code .msg} file followed by those of all types that it uses, as
   * schema encoding {@code ros2msg} of MCAP wants it.
   */
  String definition();

  /**
   * Reads the fields in their order.
   *
   * @throws CdrException when the bytes end early or a bound is broken
   */
  T read(CdrReader in);

  /** Writes the fields in their order. */
  void write(T message, CdrWriter out);

  /** Returns the message as CDR with its four bytes of encapsulation. */
  default byte[] encode(T message) {
    var out = new CdrWriter();
    write(message, out);
    return out.toByteArray();
  }

  /**
   * Reads one message from CDR with its encapsulation.
   *
   * @throws CdrException when the bytes are not such a message
   */
  default T decode(MemorySegment bytes) {
    return read(new CdrReader(bytes));
  }

  /** Reads one message, as {@link #decode(MemorySegment)}. */
  default T decode(byte[] bytes) {
    return decode(MemorySegment.ofArray(bytes));
  }

  /**
   * Returns a record of what a view shows now.
   *
   * @throws IllegalStateException when the view is valid no more
   */
  default T decode(MessageView<T> view) {
    return read(view.reader());
  }
}
