package dev.reverie.rcljava.lifecycle;

import dev.reverie.msgs.lifecycle_msgs.State;
import java.util.Locale;

/** Names the states of a managed node, with the numbers and labels of lifecycle_msgs/msg/State. */
public enum LifecycleState {
  /** No state of a node; used by messages that name none. */
  UNKNOWN(0),
  /** The node has nothing yet. */
  UNCONFIGURED(1),
  /** The node has what it needs and does not act. */
  INACTIVE(2),
  /** The node acts. */
  ACTIVE(3),
  /** The node has ended for good. */
  FINALIZED(4),
  /** Between unconfigured and inactive. */
  CONFIGURING(10),
  /** Between inactive and unconfigured. */
  CLEANINGUP(11),
  /** The node goes to finalized. */
  SHUTTINGDOWN(12),
  /** Between inactive and active. */
  ACTIVATING(13),
  /** Between active and inactive. */
  DEACTIVATING(14),
  /** Cleaning up after an error. */
  ERRORPROCESSING(15);

  private final int id;

  LifecycleState(int id) {
    this.id = id;
  }

  /** Returns whether a transition is under way. */
  public boolean isTransition() {
    return id >= 10;
  }

  State message() {
    return new State((byte) id, name().toLowerCase(Locale.ROOT));
  }
}
