package dev.reverie.arm;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.reverie.rollout.GitLfs;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads YAML that is one group of keys, and says what it is where it is not. */
public final class YamlKeys {
  /** Jackson's message; it has no type of its own for this. */
  private static final Pattern TWICE = Pattern.compile("Duplicate field '(.*)'");

  /** A problem, and the line where it is, as the parser of YAML says them. */
  private static final Pattern MARK = Pattern.compile("(.*)\\R in [^\\n]*, line (\\d+), column");

  /** Beginnings of what the parser says of text that is no YAML, and our words. */
  private static final Map<String, String> BROKEN =
      Map.of(
          "mapping values are not allowed",
          "': ' stands inside of a value; put the value in quotes, or the key into a line of its"
              + " own",
          "could not find expected ':'",
          "a key has no ': ' behind it",
          "expected <block end>",
          "what stands there is indented unlike what it belongs to, or something is not closed",
          "expected ',' or",
          "a comma is missing, or a bracket is not closed",
          "found unexpected end of stream",
          "a quote is not closed",
          "found character",
          "a value begins with a sign that none can begin with; put it in quotes");

  /** Texts that Jackson takes for a number where it wants one. */
  private static final Set<String> NO_NUMBERS =
      Set.of("NaN", "Infinity", "+Infinity", "-Infinity", "INF", "+INF", "-INF");

  /** Characters of a value that are told. */
  private static final int TOLD = 40;

  private static final String SOMEHOW =
      "it cannot be read there; look at indentation, quotes and brackets";

  private YamlKeys() {}

  /**
   * Returns the text of a file.
   *
   * @throws IllegalArgumentException where it is no UTF-8, to be read behind the file's name
   */
  public static String text(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("is no text in UTF-8; save it as UTF-8", e);
    }
  }

  /**
   * Returns the group of keys.
   *
   * @param yaml that refuses a key that stands twice
   * @throws IllegalArgumentException where the text is no single group of keys: what it is instead,
   *     to be read behind the file's name
   */
  public static ObjectNode read(ObjectMapper yaml, String text) throws IOException {
    GitLfs.pointer(text)
        .ifPresent(
            told -> {
              throw new IllegalArgumentException("is " + told);
            });
    List<JsonNode> documents = new ArrayList<>();
    // Each of them, which a reader of one would refuse in words of its own.
    ObjectReader reader = yaml.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    try (JsonParser parser = yaml.createParser(text)) {
      refuseOddValues(yaml, text);
      for (JsonNode document = reader.readTree(parser);
          document != null;
          document = reader.readTree(parser)) {
        if (!document.isNull() && !document.isMissingNode()) {
          documents.add(document);
        }
      }
    } catch (StreamConstraintsException e) {
      throw new IllegalArgumentException(
          "is nested deeper, or has longer values, than any such file; look for brackets too many",
          e);
    } catch (StreamReadException e) {
      Matcher twice = TWICE.matcher(String.valueOf(e.getOriginalMessage()));
      if (twice.matches()) {
        throw new IllegalArgumentException(
            "has the key '%s' twice, again in line %d; leave one"
                .formatted(twice.group(1), e.getLocation().getLineNr()),
            e);
      }
      throw new IllegalArgumentException(broken(e), e);
    }
    if (documents.isEmpty()) {
      throw new IllegalArgumentException("is empty; it must have keys with values");
    }
    if (documents.size() > 1) {
      throw new IllegalArgumentException(
          "has %d YAML documents; leave one, and no '---' after it".formatted(documents.size()));
    }
    if (documents.getFirst() instanceof ObjectNode keys) {
      requireText("", keys);
      return keys;
    }
    throw new IllegalArgumentException(
        "is %s; it must have keys with values, 'key: value' each"
            .formatted(what(documents.getFirst())));
  }

  /**
   * Refuses what stands for something else, whose name the reader would take for a text, and
   * numbers that are none, which it would take for text or for an infinite one.
   */
  private static void refuseOddValues(ObjectMapper yaml, String text) throws IOException {
    try (var parser = (YAMLParser) yaml.createParser(text)) {
      while (parser.nextToken() != null) {
        if (parser.isCurrentAlias()) {
          throw new IllegalArgumentException(
              "has the alias '*%s' in line %d; write out what it stands for, since aliases are not read"
                  .formatted(parser.getText(), parser.currentTokenLocation().getLineNr()));
        }
        if (isNoNumber(parser)) {
          throw new IllegalArgumentException(
              "has a number that is none%s in line %d: %s; give a finite number, or leave the key out"
                  .formatted(
                      key(parser),
                      parser.currentTokenLocation().getLineNr(),
                      told(parser.getText())));
        }
      }
    }
  }

  private static boolean isNoNumber(JsonParser parser) throws IOException {
    try {
      return parser.currentToken() == JsonToken.VALUE_STRING
          ? NO_NUMBERS.contains(parser.getText())
          : parser.currentToken().isNumeric()
              && !Double.isFinite(parser.getNumberValue().doubleValue());
    } catch (StreamReadException | NumberFormatException e) { // .nan, .inf
      return true;
    }
  }

  /** Returns what the library says, without its context, and the line that it is about. */
  private static String broken(StreamReadException e) {
    String said = String.valueOf(e.getOriginalMessage());
    long line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
    String what = said.lines().findFirst().orElse("");
    for (Matcher mark = MARK.matcher(said); mark.find(); ) { // the last one is about the problem
      what = mark.group(1);
      line = Long.parseLong(mark.group(2));
    }
    return what.contains("TAB")
        ? "has a tab in line %d, which YAML does not take; use spaces".formatted(line)
        : "is no YAML in line %d: %s".formatted(line, ours(what));
  }

  private static String ours(String what) {
    return BROKEN.entrySet().stream()
        .filter(each -> what.startsWith(each.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(SOMEHOW);
  }

  private static void requireText(String path, JsonNode node) {
    if (node.isBinary() || node.isPojo()) {
      throw new IllegalArgumentException(
          "has binary data (!!binary) as '%s'; give text or a number".formatted(path));
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      requireText(path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(), entry.getValue());
    }
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      requireText("%s[%d]".formatted(path, i), node.get(i));
    }
  }

  private static String key(JsonParser parser) {
    String path = parser.getParsingContext().pathAsPointer().toString().substring(1);
    return path.isEmpty() ? "" : " as '%s'".formatted(path.replace('/', '.'));
  }

  private static String what(JsonNode node) {
    if (node.isArray()) {
      return "a list of %d %s".formatted(node.size(), node.size() == 1 ? "entry" : "entries");
    }
    return "only the %s '%s'".formatted(node.isNumber() ? "number" : "text", told(node.asText()));
  }

  private static String told(String text) {
    return text.length() > TOLD ? text.substring(0, TOLD) + "..." : text;
  }
}
