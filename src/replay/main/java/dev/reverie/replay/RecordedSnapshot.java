package dev.reverie.replay;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * An observation as it was recorded, for the arm's side of the wire.
 *
 * @param index of it in the episode, from 0
 * @param stampNanos of the command that answered it
 * @param joints CDR of the joint state
 * @param images CDR of one image of each camera, in the order of the policy
 * @param infos CDR of the camera_info that came before it and after the one before
 */
record RecordedSnapshot(
    int index, long stampNanos, byte[] joints, List<byte[]> images, List<Info> infos) {
  /**
   * A camera_info message.
   *
   * @param camera in the order of the policy
   */
  record Info(int camera, byte[] message) {}

  /** The stamp in the header that a message begins with. */
  static long stampNanos(byte[] message) {
    ByteBuffer header = header(message);
    return header.getInt(4) * 1_000_000_000L + Integer.toUnsignedLong(header.getInt(8));
  }

  /**
   * The message with the observation's stamp. Where sensors are in step that is the message itself;
   * in lock-step the parts of one observation must have one stamp.
   */
  byte[] inStep(byte[] message) {
    if (stampNanos(message) == stampNanos) {
      return message;
    }
    byte[] copy = message.clone();
    ByteBuffer header = header(copy);
    header.putInt(4, (int) Math.floorDiv(stampNanos, 1_000_000_000L));
    header.putInt(8, (int) Math.floorMod(stampNanos, 1_000_000_000L));
    return copy;
  }

  /**
   * Four bytes of encapsulation, the second of which tells the order; then seconds, nanoseconds.
   */
  private static ByteBuffer header(byte[] message) {
    if (message.length < 12) {
      throw new ReplayException("a message of %d bytes has no header".formatted(message.length));
    }
    boolean little = (message[1] & 1) == 1;
    return ByteBuffer.wrap(message).order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
  }
}
