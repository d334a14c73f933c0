package dev.reverie.rosidl;

import java.math.BigInteger;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names the primitive types of ROS 2 interfaces and the Java types of the same size; unsigned
 * values keep their bits.
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

  private static final Pattern REAL =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
  private static final Pattern INTEGER =
      Pattern.compile("(?<sign>[+-]?)(?<prefix>0[xob])?(?<digits>[0-9a-f]+)");
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

  /** Returns the value of a constant or a default as a Java expression. */
  String literal(String value) {
    return switch (this) {
      case BOOL -> bool(value);
      case FLOAT32 -> Float.toString((float) finite(value, Float.parseFloat(real(value)))) + "f";
      case FLOAT64 -> Double.toString(finite(value, Double.parseDouble(real(value))));
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

  private String real(String value) {
    if (!REAL.matcher(value).matches()) {
      throw notOfThis(value);
    }
    return value;
  }

  private double finite(String value, double parsed) {
    if (Double.isInfinite(parsed)) {
      throw new NumberFormatException(value + " is outside the range of " + ros());
    }
    return parsed;
  }

  private NumberFormatException notOfThis(String value) {
    return new NumberFormatException("'" + value + "' is not a " + ros());
  }

  /** Returns its name in interface files. */
  String ros() {
    return name().toLowerCase(Locale.ROOT);
  }

  private String integer(String value) {
    BigInteger number = parse(value);
    boolean unsigned = name().startsWith("U") || this == BYTE || this == CHAR;
    int bits = bytes * 8;
    BigInteger low = unsigned ? BigInteger.ZERO : BigInteger.ONE.shiftLeft(bits - 1).negate();
    BigInteger high = BigInteger.ONE.shiftLeft(unsigned ? bits : bits - 1);
    if (number.compareTo(low) < 0 || number.compareTo(high) >= 0) {
      throw new NumberFormatException(value + " is outside the range of " + ros());
    }
    return switch (bytes) {
      case 8 -> number.longValue() + "L";
      case 4 -> Integer.toString(number.intValue());
      default -> "(" + java + ") " + number;
    };
  }

  private BigInteger parse(String value) {
    Matcher m = INTEGER.matcher(value.toLowerCase(Locale.ROOT));
    if (!m.matches()) {
      throw notOfThis(value);
    }
    int radix =
        switch (m.group("prefix")) {
          case "0x" -> 16;
          case "0o" -> 8;
          case "0b" -> 2;
          case null, default -> 10;
        };
    try {
      return new BigInteger(m.group("sign").replace("+", "") + m.group("digits"), radix);
    } catch (NumberFormatException e) {
      throw notOfThis(value);
    }
  }
}
