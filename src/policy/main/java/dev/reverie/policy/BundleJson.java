package dev.reverie.policy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.InjectableValues;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.NearestNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code bundle.json}, parts of it, and the files beside it: records in snake case. */
public final class BundleJson {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .injectableValues( // of keys that may be left out
              new InjectableValues.Std()
                  .addValue("prediction", DiffusionSpec.Prediction.EPSILON)
                  .addValue("cache", HeadSpec.Cache.NONE))
          .build();

  private static final String KEYS = "; docs/format-bundle.md has the keys and what they hold";

  private BundleJson() {}

  static BundleSpec parse(byte[] json) {
    return parse(
        PolicyBundle.SPEC,
        () ->
            version(json) == 1
                ? JSON.readValue(json, Format1.class).spec()
                : JSON.readValue(json, BundleSpec.class));
  }

  /**
   * Looks for the format; the newest where it is not found, whose reader then says what is wrong.
   */
  private static int version(byte[] json) throws IOException {
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          boolean format = parser.currentName().equals("format");
          if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT && format) {
            BundleSpec.requireFormat(parser.getIntValue());
            return parser.getIntValue();
          }
          parser.skipChildren();
        }
      }
      return BundleSpec.FORMAT;
    } catch (JsonProcessingException e) {
      return BundleSpec.FORMAT;
    }
  }

  static byte[] write(BundleSpec spec) {
    return write(spec.format() == 1 ? Format1.of(spec) : (Object) spec);
  }

  static SortedMap<String, PictureStatistics> parsePictures(byte[] json) {
    var type = new TypeReference<TreeMap<String, PictureStatistics>>() {};
    return parse(PolicyBundle.PICTURES, () -> JSON.readValue(json, type));
  }

  static SortedMap<String, List<CameraCalibration>> parseCalibrations(byte[] json) {
    var type = new TypeReference<TreeMap<String, List<CameraCalibration>>>() {};
    return parse(PolicyBundle.CALIBRATIONS, () -> JSON.readValue(json, type));
  }

  /**
   * Reads a record in the words of {@code bundle.json}.
   *
   * @param file name of what it is read from, for the reasons
   * @throws BundleException where it is no such record, with the key
   */
  public static <T> T parse(byte[] json, String file, Class<T> type) {
    return parse(file, () -> JSON.readValue(json, type));
  }

  /** Reads a record as {@link #parse} does, from where keys stand that are not its own. */
  static <T> T parsePart(byte[] json, String file, Class<T> type) {
    return parse(
        file,
        () ->
            JSON.readerFor(type)
                .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .readValue(json));
  }

  private interface Reading<T> {
    T read() throws IOException;
  }

  private static <T> T parse(String file, Reading<T> reading) {
    try {
      T read = reading.read();
      if (read == null) {
        throw new BundleException(
            "%s: it is null; write it again, docs/format-bundle.md has the keys".formatted(file));
      }
      return read;
    } catch (InvalidTypeIdException e) {
      Class<?> type = e.getBaseType().getRawClass();
      String key = type.getAnnotation(JsonTypeInfo.class).property();
      throw new BundleException(
          "%s: %s; this version knows: %s"
              .formatted(
                  path(file, e),
                  e.getTypeId() == null
                      ? "its '%s' is missing".formatted(key)
                      : "%s '%s' is unknown".formatted(key, e.getTypeId()),
                  kinds(type)),
          e);
    } catch (UnrecognizedPropertyException e) {
      throw new BundleException(
          "%s is unknown; nearest: %s; this version knows: %s"
              .formatted(
                  path(file, e),
                  NearestNames.of(e.getPropertyName(), words(e.getKnownPropertyIds())),
                  e.getKnownPropertyIds()),
          e);
    } catch (ValueInstantiationException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String reason =
          cause instanceof NullPointerException
              ? "it holds a null; give a value"
              : String.valueOf(cause.getMessage());
      String remedy = reason.contains(";") ? "" : KEYS;
      throw new BundleException("%s: %s%s".formatted(path(file, e), reason, remedy), e);
    } catch (JsonMappingException e) {
      String reason = JsonWords.reason(e);
      String remedy = reason.contains(";") ? "" : KEYS;
      throw new BundleException(
          path(file, e)
              + (reason.equals(JsonWords.MISSING) ? " is missing" : ": " + reason)
              + remedy,
          e);
    } catch (JsonProcessingException e) {
      throw new BundleException(
          "%s%s: it is no JSON: %s; write it again, docs/format-bundle.md has the keys"
              .formatted(file, JsonWords.line(e), JsonWords.reason(e)),
          e);
    } catch (IllegalArgumentException e) { // of a value that a record does not take
      throw new BundleException("%s: %s".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new BundleException("%s cannot be read: %s".formatted(file, FileErrors.reason(e)), e);
    }
  }

  private static List<String> words(Collection<Object> names) {
    return names.stream().map(String::valueOf).toList();
  }

  static byte[] write(Object spec) {
    try {
      return (JSON.writeValueAsString(spec) + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("every record can be written", e);
    }
  }

  /** Returns a record as a tree, in which its parts can be compared. */
  static ObjectNode tree(Object value) {
    return JSON.valueToTree(value);
  }

  /** Writes a record in one line, which {@link #parse} reads. */
  public static String line(Object value) {
    try {
      return JSON.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("every record can be written", e);
    }
  }

  private static String kinds(Class<?> type) {
    JsonSubTypes kinds = type.getAnnotation(JsonSubTypes.class);
    return kinds == null
        ? "none"
        : Stream.of(kinds.value()).map(JsonSubTypes.Type::name).collect(Collectors.joining(", "));
  }

  private static String path(String file, JsonMappingException e) {
    StringBuilder path = new StringBuilder(file);
    for (JsonMappingException.Reference step : e.getPath()) {
      path.append(
          step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName());
    }
    return path.toString();
  }
}
