package dev.reverie.rosidl;

import dev.reverie.rosidl.Structure.Field;
import dev.reverie.rosidl.Structure.Shape;
import java.util.function.UnaryOperator;

/** Tells fields of other messages: their names in Java, and their sizes. */
final class Types {
  private final Definitions definitions;
  private final UnaryOperator<String> roots;

  /**
   * Begins with nothing known.
   *
   * @param roots from an interface package to the Java package above the one of its records
   */
  Types(Definitions definitions, UnaryOperator<String> roots) {
    this.definitions = definitions;
    this.roots = roots;
  }

  /**
   * Returns the full name of a message's record.
   *
   * @param where the place that names the message
   */
  String record(TypeName type, String where) {
    try {
      return roots.apply(type.pkg()) + "." + type.pkg() + "." + type.name();
    } catch (InterfaceException e) {
      throw new InterfaceException(where + ": " + e.getMessage());
    }
  }

  /** Returns the full name of a message's view. */
  String view(TypeName type, String where) {
    return record(type, where) + "." + JavaNames.view(type.name());
  }

  /** Returns whether all messages of this structure have the same size. */
  boolean fixed(Structure structure) {
    return structure.fields().stream().allMatch(this::fixed);
  }

  private boolean fixed(Field field) {
    return !(field.shape() instanceof Shape.Sequence)
        && switch (field.base()) {
          case Base.Primitive _ -> true;
          case Base.Text _ -> false;
          case Base.Message(TypeName name) -> fixed(definitions.structure(name, field.where()));
        };
  }

  /** Returns the fewest bytes that one element of a field takes, padding not counted. */
  int leastBytes(Field field) {
    return (int) Math.min(least(field), Integer.MAX_VALUE);
  }

  private double least(Field field) {
    return switch (field.base()) {
      case Base.Primitive(Scalar s) -> s.bytes;
      case Base.Text _ -> 4;
      case Base.Message(TypeName name) -> least(definitions.structure(name, field.where()));
    };
  }

  /** Returns the fewest bytes of a structure, as a double, for which no product is too large. */
  private double least(Structure structure) {
    double sum = 0;
    for (Field field : structure.fields()) {
      sum +=
          switch (field.shape()) {
            case Shape.One() -> least(field);
            case Shape.Fixed(int n) -> n * least(field);
            case Shape.Sequence _ -> 4;
          };
    }
    return Math.max(1, sum);
  }
}
