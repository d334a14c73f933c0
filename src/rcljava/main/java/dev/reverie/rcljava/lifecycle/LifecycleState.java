package dev.reverie.rcljava.lifecycle;

import dev.reverie.msgs.lifecycle_msgs.State;
import java.util.Locale;

/** Where a managed node is, with the numbers and labels of lifecycle_msgs/msg/State. */
public enum LifecycleState {
  /** Not a state of a node; of messages that name none. */
  UNKNOWN(0),
  /** It has nothing yet. */
  UNCONFIGURED(1),
  /** It has what it needs and does not act. */
  INACTIVE(2),
  /** It acts. */
  ACTIVE(3),
  /** It has ended for good. */
  FINALIZED(4),
  /** Between unconfigured and inactive. */
  CONFIGURING(10),
  /** Between inactive and unconfigured. */
  CLEANINGUP(11),
  /** On its way to finalized. */
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

  /** Whether a transition is under way. */
  public boolean isTransition() {
    return id >= 10;
  }

  State message() {
    return new State((byte) id, name().toLowerCase(Locale.ROOT));
  }
}
