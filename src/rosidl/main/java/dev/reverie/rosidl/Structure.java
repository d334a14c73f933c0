package dev.reverie.rosidl;

import java.util.List;
import java.util.Optional;

/**
 * Holds fields and constants, as one {@code .msg} file or one part of a {@code .srv} or {@code
 * .action} file declares them.
 *
 * @param comments about the whole
 * @param text as it stands in the file
 */
record Structure(List<Constant> constants, List<Field> fields, List<String> comments, String text) {
  /** Holds one constant; {@code value} is a Java expression. */
  record Constant(Base type, String name, String value, List<String> comments) {}

  /**
   * Holds one field.
   *
   * @param fallback its default as a Java expression
   * @param where its file and line
   */
  record Field(
      Base base,
      Shape shape,
      String name,
      Optional<String> fallback,
      List<String> comments,
      String where) {
    /** Returns the name of the record's component: {@code frame_id} is {@code frameId}. */
    String component() {
      return JavaNames.component(name);
    }
  }

  /** Tells the number of values of a field. */
  sealed interface Shape {
    /** One value. */
    record One() implements Shape {}

    /** An array of a fixed length. */
    record Fixed(int length) implements Shape {}

    /**
     * A sequence.
     *
     * @param bound the most elements, or -1
     */
    record Sequence(int bound) implements Shape {}
  }
}
