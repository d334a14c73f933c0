package dev.reverie.policy;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.reverie.rollout.NearestNames;
import java.util.Collection;
import java.util.Map;
import java.util.regex.Pattern;

/** Says what is wrong with JSON or YAML in words of people, where Jackson names Java's classes. */
public final class JsonWords {
  /**
   * Messages of the parser, which has no types for this, about text that is no JSON, and our words.
   */
  private static final Map<Pattern, String> BROKEN =
      Map.of(
          Pattern.compile("Duplicate field '(.*)'"),
          "the key '%s' stands there twice; leave one",
          Pattern.compile("Unrecognized token '(.*?)': .*"),
          "'%s' is no value; give a number, true, false, or a text in double quotes",
          Pattern.compile("Non-standard token '(.*?)': .*"),
          "'%s' is no number there; give a finite one",
          Pattern.compile("Unexpected character \\('(.*?)' \\(code .*"),
          "'%s' cannot stand there; look for a comma too many or missing before it, for keys and"
              + " texts without double quotes, and for comments");

  private static final String SOMEHOW =
      "it cannot be read there; look for what is not closed, or no text in UTF-8";

  /** The reason that is given where a key lacks. */
  public static final String MISSING = "it is missing";

  private JsonWords() {}

  /** Says what is wrong, to be read behind the file and the key. */
  public static String reason(JacksonException e) {
    if (e instanceof InputCoercionException || e.getCause() instanceof InputCoercionException) {
      return "it is out of range; give a whole number, %d at most".formatted(Integer.MAX_VALUE);
    }
    if (e.getCause() instanceof StreamReadException inside) {
      return reason(inside); // of a list or a map that it ends in
    }
    if (e.getCause() instanceof StreamConstraintsException inside) {
      return reason(inside);
    }
    if (e.getCause() instanceof IllegalArgumentException cause) {
      return String.valueOf(cause.getMessage());
    }
    return switch (e) {
      case UnrecognizedPropertyException unknown ->
          "there is no such key; %s"
              .formatted(
                  NearestNames.meant(
                      unknown.getPropertyName(),
                      unknown.getKnownPropertyIds().stream().map(String::valueOf).toList()));
      case InvalidFormatException wrong when wrong.getTargetType() == String.class ->
          "%1$s is no text; put it in quotes: '%1$s'".formatted(wrong.getValue());
      case InvalidFormatException wrong ->
          "'%s' is no %s".formatted(wrong.getValue(), what(wrong.getTargetType()));
      case MismatchedInputException missing when says(missing, "Missing creator property") ->
          MISSING;
      case MismatchedInputException empty when says(empty, "No content to map") -> "it is empty";
      case MismatchedInputException wrong when wrong.getTargetType() != null ->
          "it is no %s".formatted(what(wrong.getTargetType()));
      case JsonEOFException _ -> "it ends too early: a bracket or a quote is not closed";
      case StreamReadException broken -> broken(String.valueOf(broken.getOriginalMessage()));
      case StreamConstraintsException _ ->
          "it is nested deeper, or has longer values, than any such file; look for brackets too"
              + " many";
      default -> String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
    };
  }

  private static String broken(String said) {
    String first = said.lines().findFirst().orElse("");
    return BROKEN.entrySet().stream()
        .map(each -> Map.entry(each.getKey().matcher(first), each.getValue()))
        .filter(each -> each.getKey().matches())
        .map(each -> each.getValue().formatted(each.getKey().group(1)))
        .findFirst()
        .orElse(SOMEHOW);
  }

  private static boolean says(JacksonException e, String beginning) {
    return String.valueOf(e.getOriginalMessage()).startsWith(beginning);
  }

  /** Says where in a text something is wrong; empty where that is not known. */
  public static String line(JacksonException e) {
    return e.getLocation() == null || e.getLocation().getLineNr() < 1
        ? ""
        : ", line " + e.getLocation().getLineNr();
  }

  /** Returns the word of people for a type. */
  public static String what(Class<?> type) {
    if (type.isEnum()) {
      return "one of " + EnumWords.all(type);
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      return type == int.class || type == Integer.class ? "whole number" : "number";
    }
    return type == String.class
        ? "text"
        : Collection.class.isAssignableFrom(type) ? "list" : "group of keys";
  }
}
