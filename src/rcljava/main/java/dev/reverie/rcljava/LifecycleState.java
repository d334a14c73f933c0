package dev.reverie.rcljava;

import dev.reverie.msgs.lifecycle_msgs.State;
import java.util.Locale;

/** Where a managed node is, with the numbers and labels of lifecycle_msgs/msg/State. */
public enum LifecycleState {
  UNKNOWN(0),
  UNCONFIGURED(1),
  INACTIVE(2),
  ACTIVE(3),
  FINALIZED(4),
  CONFIGURING(10),
  CLEANINGUP(11),
  SHUTTINGDOWN(12),
  ACTIVATING(13),
  DEACTIVATING(14),
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
