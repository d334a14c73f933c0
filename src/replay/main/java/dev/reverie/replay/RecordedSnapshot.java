package dev.reverie.replay;

import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.Stamps;
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

  /** Returns the stamp in the header that a message begins with. */
  static long stampNanos(byte[] message) {
    try {
      return Stamps.ofHeader(message);
    } catch (CdrException e) {
      throw new ReplayException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Returns the message with the observation's stamp. Where sensors are in step that is the message
   * itself; in lock-step the parts of one observation must have one stamp.
   */
  byte[] inStep(byte[] message) {
    if (stampNanos(message) == stampNanos) {
      return message;
    }
    byte[] copy = message.clone();
    Stamps.intoHeader(copy, stampNanos);
    return copy;
  }
}
