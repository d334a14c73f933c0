package dev.reverie.rcljava;

import dev.reverie.msgs.BorrowedArrays;
import dev.reverie.msgs.CdrReader;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Holds what was taken last, as CDR; valid until the next is taken. */
sealed interface TakenMessage permits SerializedMessage, Structure {
  /** Returns memory that begins with the message. */
  MemorySegment buffer();

  /** Returns the number of its bytes that are the message. */
  long length();

  /** Returns its arrays that lie elsewhere; null when all of it is in the buffer. */
  @Nullable BorrowedArrays borrowedArrays();

  default CdrReader reader() {
    return new CdrReader(buffer(), length(), borrowedArrays());
  }
}
