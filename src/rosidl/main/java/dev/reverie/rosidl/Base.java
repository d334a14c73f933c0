package dev.reverie.rosidl;

/** Describes the type of a field or of an element of an array. */
sealed interface Base {
  /** A number, a boolean or a byte. */
  record Primitive(Scalar scalar) implements Base {}

  /**
   * A string.
   *
   * @param wide {@code wstring}
   * @param bound the most characters, or -1
   */
  record Text(boolean wide, int bound) implements Base {}

  /** Another message. */
  record Message(TypeName name) implements Base {}
}
