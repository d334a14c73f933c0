package dev.reverie.rcljava;

import java.util.Locale;

/** What a managed node can be asked for. */
public enum LifecycleTransition {
  CONFIGURE,
  CLEANUP,
  ACTIVATE,
  DEACTIVATE,
  SHUTDOWN;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
