package dev.reverie.rosidl;

/** What a field or an element of an array is. */
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
