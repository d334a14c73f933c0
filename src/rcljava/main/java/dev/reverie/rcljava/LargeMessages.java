package dev.reverie.rcljava;

import org.jspecify.annotations.Nullable;

/**
 * Decides how a subscription takes its next message, by what the last one was like: one with a
 * large array in a structure, whose array the middleware fills in one copy, any other as CDR, which
 * it copies twice but in one call and without the fields' being looked at.
 */
final class LargeMessages implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(LargeMessages.class.getName());
  private static final int LARGE_BYTES = 32 << 10;

  private final String type;
  private boolean worthIt;
  private boolean inStructure;
  private @Nullable Structure structure;

  /**
   * Begins with messages as CDR.
   *
   * @param worthIt whether the fields are wanted at all
   */
  LargeMessages(String type, boolean worthIt) {
    this.type = type;
    this.worthIt = worthIt;
  }

  /** Returns the structure to take the next message in; null: take it as CDR. */
  @Nullable Structure structure() {
    if (inStructure && structure == null) {
      try {
        structure = new Structure(type);
      } catch (RclException e) {
        LOGGER.log(System.Logger.Level.DEBUG, "large messages of {0} stay CDR: {1}", type, e);
        inStructure = false;
        worthIt = false;
      }
    }
    return inStructure ? structure : null;
  }

  /** Notes that a message came as CDR. */
  void came(long bytes) {
    inStructure = worthIt && bytes >= LARGE_BYTES;
  }

  /** Notes that a message came in the structure. */
  void came(Structure message) {
    if (message.borrowedArrays().bytes() < message.length()) {
      inStructure = false;
      // Large by its many fields, not by an array: those are better left where they are.
      worthIt = message.length() < LARGE_BYTES;
    }
  }

  @Override
  public void close() {
    if (structure != null) {
      structure.close();
    }
  }
}
