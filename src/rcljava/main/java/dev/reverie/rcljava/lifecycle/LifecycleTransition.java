package dev.reverie.rcljava.lifecycle;

import java.util.Locale;

/** Names the transitions that a managed node can be asked for. */
public enum LifecycleTransition {
  /** Leads from unconfigured to inactive. */
  CONFIGURE,
  /** Leads from inactive to unconfigured. */
  CLEANUP,
  /** Leads from inactive to active. */
  ACTIVATE,
  /** Leads from active to inactive. */
  DEACTIVATE,
  /** Leads from any primary state to finalized. */
  SHUTDOWN;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
