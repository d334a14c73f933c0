package dev.reverie.rcljava;

import dev.reverie.msgs.MessageType;

/** Creates messages of types that are known only when the program runs. */
public final class DefaultMessages {
  private DefaultMessages() {}

  /**
   * Returns a message whose fields have the default values of the installed definition.
   *
   * @throws RclException when the type is not installed
   */
  public static <T> T of(MessageType<T> type) {
    try (var structure = new Structure(type.name())) {
      return structure.get(type);
    }
  }
}
