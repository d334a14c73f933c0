package dev.reverie.rosidl;

import java.math.BigInteger;
import java.util.Locale;
import java.util.Map;

/**
 * The primitive types of ROS 2 interfaces and the Java types of the same size; unsigned values keep
 * their bits.
 */
enum Scalar {
  BOOL("boolean", "Boolean", 1),
  BYTE("byte", "Byte", 1),
  CHAR("byte", "Byte", 1),
  INT8("byte", "Byte", 1),
  UINT8("byte", "Byte", 1),
  INT16("short", "Short", 2),
  UINT16("short", "Short", 2),
  INT32("int", "Int", 4),
  UINT32("int", "Int", 4),
  INT64("long", "Long", 8),
  UINT64("long", "Long", 8),
  FLOAT32("float", "Float", 4),
  FLOAT64("double", "Double", 8);

  private static final Map<String, String> BOXES = Map.of("Int", "Integer");

  /** The Java type. */
  final String java;

  /** Its name in the methods of reader and writer. */
  final String word;

  /** Its size on the wire. */
  final int bytes;

  Scalar(String java, String word, int bytes) {
    this.java = java;
    this.word = word;
    this.bytes = bytes;
  }

  String box() {
    return "java.lang." + BOXES.getOrDefault(word, word);
  }

  /** The value of a constant or a default as a Java expression. */
  String literal(String value) {
    return switch (this) {
      case BOOL -> bool(value);
      case FLOAT32 -> "(float) " + Double.parseDouble(value);
      case FLOAT64 -> Double.toString(Double.parseDouble(value));
      default -> integer(value);
    };
  }

  private static String bool(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true", "1" -> "true";
      case "false", "0" -> "false";
      default -> throw new NumberFormatException("'" + value + "' is not a bool");
    };
  }

  private String integer(String value) {
    BigInteger number = parse(value);
    boolean unsigned = name().startsWith("U") || this == BYTE || this == CHAR;
    int bits = bytes * 8;
    BigInteger low = unsigned ? BigInteger.ZERO : BigInteger.ONE.shiftLeft(bits - 1).negate();
    BigInteger high = BigInteger.ONE.shiftLeft(unsigned ? bits : bits - 1);
    if (number.compareTo(low) < 0 || number.compareTo(high) >= 0) {
      throw new NumberFormatException(
          value + " is outside the range of " + name().toLowerCase(Locale.ROOT));
    }
    return switch (bytes) {
      case 8 -> number.longValue() + "L";
      case 4 -> Integer.toString(number.intValue());
      default -> "(" + java + ") " + number;
    };
  }

  private static BigInteger parse(String value) {
    String sign = value.startsWith("-") ? "-" : "";
    String digits = value.replaceFirst("^[+-]", "").toLowerCase(Locale.ROOT);
    if (digits.startsWith("0x")) {
      return new BigInteger(sign + digits.substring(2), 16);
    }
    if (digits.startsWith("0b")) {
      return new BigInteger(sign + digits.substring(2), 2);
    }
    return digits.startsWith("0o")
        ? new BigInteger(sign + digits.substring(2), 8)
        : new BigInteger(sign + digits);
  }
}
