package dev.reverie.rcljava.lifecycle;

import java.util.Locale;

/** Names the transitions that a managed node can be asked for. */
public enum LifecycleTransition {
  /** From unconfigured to inactive. */
  CONFIGURE,
  /** From inactive to unconfigured. */
  CLEANUP,
  /** From inactive to active. */
  ACTIVATE,
  /** From active to inactive. */
  DEACTIVATE,
  /** From any primary state to finalized. */
  SHUTDOWN;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
